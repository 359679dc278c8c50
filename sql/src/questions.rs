//! Queries of `/qa/questions`.

use crate::{Read, Write, read, write};

/// A page of questions with all their answers.
pub const LIST: Read = read!("questions/list", together, sqlite);
/// Whether there is such a question.
pub const EXISTS: Read = read!("questions/exists");
/// A new question.
pub const ADD: Write = write!("questions/add", "1_question", "2_key");
/// More votes.
pub const HELPFUL: Write = write!("questions/helpful");
/// More votes, each of which is counted once however often it arrives.
pub const HELPFUL_ONCE: Write = write!("questions/helpful_once", "1_votes", "2_keys");
/// Hides a question.
pub const REPORT: Write = write!("questions/report");
