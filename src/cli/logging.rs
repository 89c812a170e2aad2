//! The log: lines for people or JSON for machines, on standard error.

use tracing_subscriber::EnvFilter;
use zhihui::config::{Log, LogFormat};

/// Starts the log; once in a process.
pub fn start(log: &Log) {
    // `Config` has checked the filter.
    let filter = EnvFilter::try_new(&log.filter).unwrap_or_default();
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second log in the process would be refused; there is none.
    let _ = match log.format {
        LogFormat::Text => lines.with_ansi(false).try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
}
