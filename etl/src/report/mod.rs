//! Output of a load: progress, summary, reject log and JSON report.

pub(crate) mod format_stats;
pub(crate) mod load_report;
pub(crate) mod progress;
pub(crate) mod progress_line;
pub(crate) mod progress_reporter;
pub(crate) mod reject_log;
pub(crate) mod summary;
