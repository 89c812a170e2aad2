//! The running service: how it starts, stops, and holds out against slow clients.

mod limits;
#[path = "../process/mod.rs"]
mod process;
mod start;
