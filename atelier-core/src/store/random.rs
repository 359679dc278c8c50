//! Random numbers for jitter and for identifiers that need no secrecy.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

pub(crate) fn random() -> u64 {
    RandomState::new().hash_one(())
}

/// Adds 20 % jitter to an interval, so that servers do not synchronize.
pub(crate) fn with_jitter(interval: Duration) -> Duration {
    let permille = 800 + random() % 401;
    interval * u32::try_from(permille).unwrap_or(1_000) / 1_000
}
