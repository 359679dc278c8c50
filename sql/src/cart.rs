//! Queries of `/cart`.

use crate::{Read, Write, read, write};

/// The lines of a cart.
pub const LIST: Read = read!("cart/list");
/// One more piece.
pub const ADD: Write = write!("cart/add", "1_item", "2_key");
