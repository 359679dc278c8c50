//! Queries of the keys under which posts were stored.

use crate::{Read, Write, read, write};

/// The body that was stored under a key.
pub const BODY: Read = read!("idempotency/body");
/// Forgets old keys.
pub const SWEEP: Write = write!("idempotency/sweep");
