//! Queries of `/cart`.

use crate::{Read, Write, read, write};

/// The items of a cart.
pub const LIST: Read = read!("cart/list");
/// Adds one unit of a SKU.
pub const ADD: Write = write!("cart/add", "1_item", "2_key");
/// Deletes expired cart items.
pub const SWEEP: Write = write!("cart/sweep", "1_next", "2_expired");
