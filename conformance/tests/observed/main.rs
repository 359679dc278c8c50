//! What the whole process logs, and the statements that it sends. A subscriber of `tracing` is one for a process.

mod privacy;
mod recorder;
mod servers_log;
mod statement_count;
