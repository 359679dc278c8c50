//! Queries of the answers to questions.

use crate::{Read, Write, read, write};

/// A page of answers.
pub const LIST: Read = read!("answers/list", batch, sqlite);
/// Adds an answer.
pub const ADD: Write = write!("answers/add", "1_answer", "2_key");
/// Adds a vote, once for each key.
pub const HELPFUL: Write = write!("answers/helpful", "1_vote", "2_key");
/// Hides an answer.
pub const REPORT: Write = write!("answers/report", "1_report");
