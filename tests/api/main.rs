//! The API as a program sees it: one file a resource, and what holds for all routes.

mod authorisation;
mod harness;
mod sessions;
