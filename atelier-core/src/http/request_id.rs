//! `X-Request-Id`, which identifies one request in responses, logs and proxies.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use ::http::{HeaderMap, HeaderName, HeaderValue, Response};
use bytes::Bytes;
use xxhash_rust::xxh3::xxh3_64_with_seed;

pub(super) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Sets the request id on a response: the id of the request if it is 1 to 64 characters of `A-Z a-z 0-9 . _ -`, else a new
/// one.
pub fn set_request_id(request: &HeaderMap, response: &mut Response<Bytes>) {
    let id = request
        .get(X_REQUEST_ID)
        .filter(|id| is_valid(id.as_bytes()))
        .cloned()
        .unwrap_or_else(generate);
    response.headers_mut().insert(X_REQUEST_ID, id);
}

fn is_valid(id: &[u8]) -> bool {
    (1..=64).contains(&id.len())
        && id
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(byte))
}

/// Generates sixteen hexadecimal digits: a hash of a counter, seeded with start time and id of the process.
fn generate() -> HeaderValue {
    static SEED: LazyLock<u64> = LazyLock::new(|| {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        since.as_secs().rotate_left(32)
            ^ u64::from(since.subsec_nanos())
            ^ u64::from(std::process::id()).rotate_left(44)
    });
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    let id = xxh3_64_with_seed(
        &COUNTER.fetch_add(1, Ordering::Relaxed).to_le_bytes(),
        *SEED,
    );
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
    fn valid_request_id_is_reused() {
        for (id, kept) in [
            ("a.B_9-", true),
            ("", false),
            ("a b", false),
            ("a\"b", false),
            (&"x".repeat(65), false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(X_REQUEST_ID, HeaderValue::from_str(id).expect("a header"));
            let mut response = Response::new(Bytes::new());
            set_request_id(&headers, &mut response);
            assert_eq!(response.headers()[X_REQUEST_ID] == id, kept, "{id:?}");
        }
        assert_ne!(generate(), generate());
    }
}
