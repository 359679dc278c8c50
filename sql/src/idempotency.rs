//! Queries of idempotency keys.

use crate::{Read, Write, read, write};

/// The hash of the body that was stored under a key.
pub const BODY: Read = read!("idempotency/body");
/// Deletes expired keys among the next ones by date.
pub const SWEEP: Write = write!("idempotency/sweep", "1_next", "2_expired");
