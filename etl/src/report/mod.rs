pub(crate) mod counts;
pub(crate) mod format_stats;
pub(crate) mod progress;
pub(crate) mod progress_line;
pub(crate) mod progress_reporter;
pub(crate) mod reject_log;
pub(crate) mod summary;
