//! SQLite through rusqlite: one file, many readers, one writer.

pub(crate) mod backend;
pub(crate) mod connection;
mod disk_space;
mod error;
mod file_lock;
pub(crate) mod load;
mod migrate;
mod reader_pool;
mod replacement;
mod row;
mod writer;
