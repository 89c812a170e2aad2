//! Reads talents and needs from files.
