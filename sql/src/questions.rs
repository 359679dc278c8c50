//! Queries of `/qa/questions`.

use crate::{Read, Write, read, write};

/// A page of questions with their answers.
pub const LIST: Read = read!("questions/list", batch, sqlite);
/// Whether a question exists.
pub const EXISTS: Read = read!("questions/exists");
/// Adds a question.
pub const ADD: Write = write!("questions/add", "1_question", "2_key");
/// Adds a vote, once for each key.
pub const HELPFUL: Write = write!("questions/helpful", "1_vote", "2_key");
/// Hides a question.
pub const REPORT: Write = write!("questions/report", "1_report");
