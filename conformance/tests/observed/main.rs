//! Assertions about everything that the process logs, and about the statements that it sends. They share an executable,
//! because a process has one `tracing` subscriber.

mod invalidation_failure;
mod privacy;
mod recorder;
mod statement_count;
