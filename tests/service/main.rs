//! The service as whoever operates it meets it: start and stop, slow clients, the demo,
//! administrators, backup and restore.

mod backup;
mod closing;
mod commands;
#[path = "../databases/mod.rs"]
mod databases;
mod demo;
mod kill;
mod limits;
#[path = "../process/mod.rs"]
mod process;
mod start;
