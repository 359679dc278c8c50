//! Bounds the memory of large responses, those in the cache and those that are being sent to slow clients.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::large_reads::BYTES;
use crate::model::error::{Error, Failure, Result, ShedReason};

/// Maximum bytes of large responses, in addition to the capacity of the cache.
const MAX_BYTES: usize = 256 * 1_024 * 1_024;

/// How long a response waits for others to be sent.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(2);

/// Permits for the bytes of large responses, one per KiB.
#[derive(Debug, Clone)]
pub(crate) struct InFlight {
    permits: Arc<Semaphore>,
    total: u32,
}

impl InFlight {
    /// Creates the bound for a process with a cache of this capacity. Cached responses hold permits, so the capacity is added.
    pub(crate) fn beside_cache(bytes: usize) -> Self {
        let total = kibibytes(MAX_BYTES.saturating_add(bytes));
        Self {
            permits: Arc::new(Semaphore::new(total as usize)),
            total,
        }
    }

    /// Acquires permits for a response; small ones need none. [`Error::Unavailable`] on timeout.
    pub(crate) async fn acquire(&self, bytes: usize) -> Result<Option<OwnedSemaphorePermit>> {
        if bytes <= BYTES {
            return Ok(None);
        }
        let permits = kibibytes(bytes).min(self.total);
        let acquire = Arc::clone(&self.permits).acquire_many_owned(permits);
        if let Ok(Ok(permit)) = timeout(ACQUIRE_TIMEOUT, acquire).await {
            return Ok(Some(permit));
        }
        let failure = Failure::new("Too many large responses wait for their clients to read them.");
        Err(Error::Unavailable(failure.with_reason(ShedReason::Memory)))
    }
}

fn kibibytes(bytes: usize) -> u32 {
    u32::try_from(bytes.div_ceil(1_024)).unwrap_or(u32::MAX)
}

/// Bytes that hold their permit until the last reference is dropped: when they have been sent, or the connection is closed.
struct Held {
    bytes: Vec<u8>,
    _permit: OwnedSemaphorePermit,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// Makes a body without spare capacity, since it may be cached. It holds the permits for its length; those beyond it, which
/// compression saved, are released.
pub(crate) fn body(bytes: Vec<u8>, permit: Option<OwnedSemaphorePermit>) -> Bytes {
    let bytes = bytes.into_boxed_slice();
    let kept = permit.filter(|_| bytes.len() > BYTES);
    match kept.and_then(|mut permit| permit.split(kibibytes(bytes.len()) as usize)) {
        Some(permit) => Bytes::from_owner(Held {
            bytes: bytes.into_vec(),
            _permit: permit,
        }),
        None => bytes.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn large_body_holds_its_bytes_until_it_is_dropped() {
        let in_flight = InFlight::beside_cache(0);
        let all = in_flight.permits.available_permits();
        assert!(
            in_flight
                .acquire(BYTES)
                .await
                .is_ok_and(|none| none.is_none())
        );
        // Compressed to 2 MiB, and then to less than is counted.
        let permit = in_flight.acquire(MAX_BYTES).await.expect("has room");
        let sent = body(vec![0; 2 * BYTES], permit);
        assert_eq!(in_flight.permits.available_permits(), all - 2_048);
        let permit = in_flight.acquire(2 * BYTES).await.expect("has room");
        let small = body(vec![0; BYTES], permit);
        assert_eq!(in_flight.permits.available_permits(), all - 2_048);

        let copy = sent.clone();
        drop(sent);
        let refused = in_flight.acquire(MAX_BYTES).await;
        assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
        drop(copy);
        let whole = in_flight.acquire(2 * MAX_BYTES).await;
        assert!(whole.is_ok(), "one that is larger than all goes alone");
        drop((whole, small));
        assert_eq!(in_flight.permits.available_permits(), all);
    }
}
