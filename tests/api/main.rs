//! The API as a program sees it: one file a resource, and what holds for all routes.

mod authorisation;
mod harness;
mod merges;
mod sessions;
mod talents;
