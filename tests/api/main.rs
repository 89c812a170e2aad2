//! The API as a program sees it: one file a resource, and what holds for all routes.

mod assessment;
mod attachments;
mod authorisation;
mod fitting;
mod forms;
mod harness;
mod imports;
mod merges;
mod need_pages;
mod needs;
mod openapi;
mod operations;
mod pages;
mod recommendations;
mod sessions;
mod sweep;
mod talents;
