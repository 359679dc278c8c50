//! How large an answer may be, and how large it is.

/// Most bytes of an answer to anything but a load balancer, as Lambda takes it: 6 MB of JSON.
pub(crate) const LAMBDA: usize = 6 * 1_024 * 1_024;

/// Most bytes of an answer that a load balancer takes: 1 MB of JSON.
pub(crate) const BALANCER: usize = 1_000_000;

/// Where a list ends early, so that what escaping or base64 makes of it stays below [`LAMBDA`].
pub(crate) const LAMBDA_LIST: usize = 4 * 1_024 * 1_024;

/// The same for [`BALANCER`].
pub(crate) const BALANCER_LIST: usize = 700 * 1_024;

/// No byte of a text becomes more than these in a JSON string.
pub(crate) const MOST_OF_A_BYTE: usize = 6;

/// The bytes of a text within the quotes of a JSON string.
pub(crate) fn escaped(text: &str) -> usize {
    let of_byte = |byte: u8| match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 0x08 | 0x0c => 2,
        0..0x20 => MOST_OF_A_BYTE,
        _ => 1,
    };
    text.bytes().map(of_byte).sum()
}

/// The bytes of so many in base64.
pub(crate) fn base64(bytes: usize) -> usize {
    bytes.div_ceil(3) * 4
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::prelude::BASE64_STANDARD;

    use super::*;

    #[test]
    fn sizes_are_those_of_what_is_written() {
        let all: String = (0..0x300).filter_map(char::from_u32).collect();
        let written = serde_json::to_string(&all).expect("JSON");
        assert_eq!(escaped(&all), written.len() - 2);
        for length in 0..10 {
            let written = BASE64_STANDARD.encode(vec![0; length]);
            assert_eq!(base64(length), written.len());
        }
    }
}
