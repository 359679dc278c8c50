//! Decodes lines: UTF-8, or Windows-1252 as a fallback.

use encoding_rs::WINDOWS_1252;

/// Appends the line to `text` without NULs, decoded as UTF-8, or as Windows-1252 if any byte of it is invalid UTF-8.
/// Returns true if the fallback was used or a NUL was removed.
pub(crate) fn decode_line(line: &[u8], text: &mut String) -> bool {
    let has_nul = memchr::memchr(0, line).is_some();
    let (decoded, is_utf8) = match str::from_utf8(line) {
        Ok(decoded) => (decoded.into(), true),
        Err(_) => (WINDOWS_1252.decode_without_bom_handling(line).0, false),
    };
    if has_nul {
        text.extend(decoded.chars().filter(|letter| *letter != '\0'));
    } else {
        text.push_str(&decoded);
    }
    has_nul || !is_utf8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_with_invalid_utf_8_is_decoded_as_windows_1252_as_a_whole() {
        for (bytes, expected, changed) in [
            (&b"plain"[..], "plain", false),
            ("Café".as_bytes(), "Café", false),
            (b"Cr\xE8me \x80 \x93x\x94 \x81", "Crème € “x” \u{81}", true),
            (b"a\0b\0", "ab", true),
            (b"\xC3\xA9 \xE9", "Ã© é", true),
            (b"\xE9\0", "é", true),
        ] {
            let mut text = String::new();
            assert_eq!(decode_line(bytes, &mut text), changed, "{bytes:?}");
            assert_eq!(text, expected);
        }
    }
}
