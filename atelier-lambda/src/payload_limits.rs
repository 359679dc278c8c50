//! Payload limits of the event sources, and the encoded sizes of bodies.

/// Maximum size of a response's JSON in bytes: Lambda's limit of 6 MB.
pub(crate) const LAMBDA: usize = 6 * 1_024 * 1_024;

/// Maximum size of a response's JSON to a load balancer, in bytes: 1 MB.
pub(crate) const ALB: usize = 1_000_000;

/// Maximum size of a list. Escaped or as base64, it stays below [`LAMBDA`].
pub(crate) const LAMBDA_LIST: usize = 4 * 1_024 * 1_024;

/// Maximum size of a list to a load balancer. Escaped or as base64, it stays below [`ALB`].
pub(crate) const ALB_LIST: usize = 700 * 1_024;

/// Maximum size of an escaped byte in a JSON string, as in `\u0000`.
pub(crate) const MAX_ESCAPED_BYTE: usize = 6;

/// Size of a text in a JSON string, without the quotes.
pub(crate) fn escaped_len(text: &str) -> usize {
    let byte_len = |byte: u8| match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 0x08 | 0x0c => 2,
        0..0x20 => MAX_ESCAPED_BYTE,
        _ => 1,
    };
    text.bytes().map(byte_len).sum()
}

/// Size of this many bytes in base64.
pub(crate) fn base64_len(bytes: usize) -> usize {
    bytes.div_ceil(3) * 4
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::prelude::BASE64_STANDARD;

    use super::*;

    #[test]
    fn computed_sizes_equal_encoded_sizes() {
        let all: String = (0..0x300).filter_map(char::from_u32).collect();
        let json = serde_json::to_string(&all).expect("JSON");
        assert_eq!(escaped_len(&all), json.len() - 2);
        for length in 0..10 {
            let base64 = BASE64_STANDARD.encode(vec![0; length]);
            assert_eq!(base64_len(length), base64.len());
        }
    }
}
