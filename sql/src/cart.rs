//! Queries of `/cart`.

use crate::{Read, Write, read, write};

/// The lines of a cart.
pub const LIST: Read = read!("cart/list");
/// One more piece.
pub const ADD: Write = write!("cart/add", "1_item", "2_key");
/// Deletes the next expired lines.
pub const SWEEP: Write = write!("cart/sweep", "1_next", "2_expired");
