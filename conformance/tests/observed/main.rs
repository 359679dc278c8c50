//! What the whole process logs, and the statements that it sends. A subscriber of `tracing` is one for a process.

mod invalidation_failure;
mod privacy;
mod recorder;
mod statement_count;
