//! Queries of `/interactions`.

use crate::{Write, write};

/// Something that a visitor did.
pub const ADD: Write = write!("interactions/add", "1_interaction", "2_key");
