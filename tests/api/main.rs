//! The API as a program sees it: one file a resource, and what holds for all routes.

mod assessment;
mod attachments;
mod authorisation;
mod bids;
mod challenges;
mod desk;
mod digest;
mod fitting;
mod forms;
mod harness;
mod imports;
mod merges;
mod need_pages;
mod needs;
mod notices;
mod openapi;
mod operations;
mod own_pages;
mod pages;
mod panel;
mod recommendations;
mod search;
mod sessions;
mod sweep;
mod talents;
