//! Queries of `/interactions`.

use crate::{Write, write};

/// Records an interaction.
pub const ADD: Write = write!("interactions/add", "1_interaction", "2_key");
/// Deletes expired interactions among the next ones by id.
pub const SWEEP: Write = write!("interactions/sweep", "1_next", "2_expired");
