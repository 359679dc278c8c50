//! From the bytes of a line to text.

/// The letters of the bytes 0x80 to 0x9F in Windows-1252. The five bytes it leaves open become the control characters
/// of the same number, as browsers read them.
const WINDOWS_1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8D}', 'Ž', '\u{8F}',
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9D}', 'ž', 'Ÿ',
];

/// Appends the line to `text`: UTF-8, or Windows-1252 as a whole when it is not; without NULs. True when anything had
/// to be changed.
pub(crate) fn append(line: &[u8], text: &mut String) -> bool {
    let nul = memchr::memchr(0, line).is_some();
    match std::str::from_utf8(line) {
        Ok(decoded) if !nul => text.push_str(decoded),
        Ok(decoded) => text.extend(decoded.chars().filter(|letter| *letter != '\0')),
        Err(_) => {
            let bytes = line.iter().filter(|byte| **byte != 0);
            text.extend(bytes.map(|byte| windows_1252(*byte)));
            return true;
        }
    }
    nul
}

fn windows_1252(byte: u8) -> char {
    match byte {
        0x80..=0x9F => WINDOWS_1252[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_utf_8_or_windows_1252_as_a_whole_without_nuls() {
        for (bytes, expected, changed) in [
            (&b"plain"[..], "plain", false),
            ("Café".as_bytes(), "Café", false),
            (b"Cr\xE8me \x80 \x93x\x94 \x81", "Crème € “x” \u{81}", true),
            (b"a\0b\0", "ab", true),
            // One bad byte makes the whole line Windows-1252, its good UTF-8 too.
            (b"\xC3\xA9 \xE9", "Ã© é", true),
            (b"\xE9\0", "é", true),
        ] {
            let mut text = String::new();
            assert_eq!(append(bytes, &mut text), changed, "{bytes:?}");
            assert_eq!(text, expected);
        }
    }
}
