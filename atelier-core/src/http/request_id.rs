//! `X-Request-Id`: how a client, a log line and a proxy speak of one request.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use ::http::{HeaderMap, HeaderName, HeaderValue, Response};
use bytes::Bytes;
use xxhash_rust::xxh3::xxh3_64_with_seed;

pub(super) const NAME: HeaderName = HeaderName::from_static("x-request-id");

/// Puts the id of the request on its answer: the one it came with where that is 1 to 64 of `A-Z a-z 0-9 . _ -`, else a
/// new one.
pub fn set(request: &HeaderMap, response: &mut Response<Bytes>) {
    let id = request
        .get(NAME)
        .filter(|id| acceptable(id.as_bytes()))
        .cloned()
        .unwrap_or_else(fresh);
    response.headers_mut().insert(NAME, id);
}

fn acceptable(id: &[u8]) -> bool {
    (1..=64).contains(&id.len())
        && id
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(byte))
}

/// Sixteen hexadecimal digits that differ within a process by a counter, and between processes by when they began.
fn fresh() -> HeaderValue {
    static BEGUN: LazyLock<u64> = LazyLock::new(|| {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        since.as_secs().rotate_left(32)
            ^ u64::from(since.subsec_nanos())
            ^ u64::from(std::process::id()).rotate_left(44)
    });
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let id = xxh3_64_with_seed(&COUNT.fetch_add(1, Ordering::Relaxed).to_le_bytes(), *BEGUN);
    let hex = b"0123456789abcdef";
    let mut digits = [0; 16];
    for (pair, byte) in digits.chunks_exact_mut(2).zip(id.to_be_bytes()) {
        pair[0] = hex[usize::from(byte >> 4)];
        pair[1] = hex[usize::from(byte & 15)];
    }
    HeaderValue::from_bytes(&digits).unwrap_or(HeaderValue::from_static("0"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_taken_when_it_is_plain() {
        for (id, taken) in [
            ("a.B_9-", true),
            ("", false),
            ("a b", false),
            ("a\"b", false),
            (&"x".repeat(65), false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(NAME, HeaderValue::from_str(id).expect("a header"));
            let mut response = Response::new(Bytes::new());
            set(&headers, &mut response);
            assert_eq!(response.headers()[NAME] == id, taken, "{id:?}");
        }
        assert_ne!(fresh(), fresh());
    }
}
