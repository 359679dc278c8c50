//! Bounds the bytes of large answers in memory: those in the cache, and those on their way to clients that read slowly.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::large_reads::BYTES;
use crate::model::error::{Error, Failure, Result, ShedReason};

/// Most bytes of large answers beside those in the cache.
const MAX_BYTES: usize = 256 * 1_024 * 1_024;

/// How long an answer waits until others have been sent.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(2);

/// The bytes of large answers that may be in memory; a permit stands for 1 KiB.
#[derive(Debug, Clone)]
pub(crate) struct InFlight {
    permits: Arc<Semaphore>,
    total: u32,
}

impl InFlight {
    /// The bound of a process with a cache of this size. Cached answers hold permits, so these come on top.
    pub(crate) fn beside_cache(bytes: usize) -> Self {
        let total = kibibytes(MAX_BYTES.saturating_add(bytes));
        Self {
            permits: Arc::new(Semaphore::new(total as usize)),
            total,
        }
    }

    /// Waits until an answer of so many bytes has room; a small one needs none. [`Error::Unavailable`] when that takes too long.
    pub(crate) async fn acquire(&self, bytes: usize) -> Result<Option<OwnedSemaphorePermit>> {
        if bytes <= BYTES {
            return Ok(None);
        }
        let permits = kibibytes(bytes).min(self.total);
        let acquire = Arc::clone(&self.permits).acquire_many_owned(permits);
        if let Ok(Ok(permit)) = timeout(ACQUIRE_TIMEOUT, acquire).await {
            return Ok(Some(permit));
        }
        let failure = Failure::new("Too many large answers wait for their clients to read them.");
        Err(Error::Unavailable(failure.with_reason(ShedReason::Memory)))
    }
}

fn kibibytes(bytes: usize) -> u32 {
    u32::try_from(bytes.div_ceil(1_024)).unwrap_or(u32::MAX)
}

/// Bytes that hold their permit until the last copy of them is dropped: when they have been sent, or the connection has ended.
struct Held {
    bytes: Vec<u8>,
    _permit: OwnedSemaphorePermit,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// The body of an answer, which takes no more room than it needs as it may be cached. Of the permit it keeps what the bytes need,
/// of which compression leaves fewer.
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
