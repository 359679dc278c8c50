//! Queries of the answers to questions.

use crate::{Read, Write, read, write};

/// A page of answers.
pub const LIST: Read = read!("answers/list", together, sqlite);
/// A new answer.
pub const ADD: Write = write!("answers/add", "1_answer", "2_photo_ids", "3_key");
/// More votes.
pub const HELPFUL: Write = write!("answers/helpful");
/// More votes, each of which is counted once however often it arrives.
pub const HELPFUL_ONCE: Write = write!("answers/helpful_once", "1_votes", "2_keys");
/// Hides an answer.
pub const REPORT: Write = write!("answers/report");
