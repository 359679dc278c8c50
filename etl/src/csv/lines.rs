//! Splits a file into physical lines through one buffer, which grows with the longest record, not with the file.

use std::io::{self, Read};

use memchr::{memchr, memchr_iter};

use crate::error::ReadError;

const INITIAL_BUFFER_BYTES: usize = 256 * 1024;

/// Limit of a line, with the lines that are looked ahead at. Real rows are far shorter; a file that is no CSV would
/// otherwise fill the memory before it is refused.
const MAX_BUFFER_BYTES: usize = 64 * 1024 * 1024;

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// A line in the buffer, as byte offsets from the reading position. [`Lines::advance`] invalidates it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line {
    pub(crate) start: usize,
    /// End of the content, without LF and one CR before it.
    pub(crate) end: usize,
    /// Start of the next line.
    pub(crate) next: usize,
}

/// Reads lines from a source. The caller may look any number of lines ahead before it advances.
#[derive(Debug)]
pub(crate) struct Lines<R> {
    input: R,
    buffer: Vec<u8>,
    /// Reading position in the buffer.
    position: usize,
    filled: usize,
    /// Offset in the file of the first byte in the buffer.
    offset: u64,
    max_bytes: usize,
    at_end: bool,
    /// Whether any NUL was read. Nearly all files have none, which saves the search in each line.
    nul_seen: bool,
    line_feeds: u64,
    last_byte: Option<u8>,
}

impl<R: Read> Lines<R> {
    /// Starts behind a UTF-8 byte order mark, if there is one.
    pub(crate) fn new(input: R) -> Result<Self, ReadError> {
        Self::with_limit(input, MAX_BUFFER_BYTES)
    }

    fn with_limit(input: R, max_bytes: usize) -> Result<Self, ReadError> {
        let buffer = vec![0; INITIAL_BUFFER_BYTES.min(max_bytes)];
        let mut lines = Self {
            input,
            buffer,
            position: 0,
            filled: 0,
            offset: 0,
            max_bytes,
            at_end: false,
            nul_seen: false,
            line_feeds: 0,
            last_byte: None,
        };
        while lines.filled < BYTE_ORDER_MARK.len() && !lines.at_end {
            lines.fill()?;
        }
        if lines.buffer[..lines.filled].starts_with(BYTE_ORDER_MARK) {
            lines.position = BYTE_ORDER_MARK.len();
            if lines.filled == lines.position {
                lines.last_byte = None;
            }
        }
        Ok(lines)
    }

    /// Returns the line that starts `from` bytes after the reading position, or `None` at the end of the file.
    pub(crate) fn peek(&mut self, from: usize) -> Result<Option<Line>, ReadError> {
        let mut searched = from;
        loop {
            let window = &self.buffer[self.position..self.filled];
            if let Some(found) = window.get(searched..).and_then(|rest| memchr(b'\n', rest)) {
                let feed = searched + found;
                return Ok(Some(Line {
                    start: from,
                    end: without_cr(window, from, feed),
                    next: feed + 1,
                }));
            }
            searched = searched.max(window.len());
            if self.at_end {
                let end = window.len();
                return Ok((from < end).then(|| Line {
                    start: from,
                    end: without_cr(window, from, end),
                    next: end,
                }));
            }
            self.fill()?;
        }
    }

    /// Returns the content of a line, without its line end.
    pub(crate) fn content(&self, line: Line) -> &[u8] {
        &self.buffer[self.position + line.start..self.position + line.end]
    }

    /// Whether the line contains a NUL.
    pub(crate) fn has_nul(&self, line: Line) -> bool {
        self.nul_seen && memchr(0, self.content(line)).is_some()
    }

    /// Moves the reading position forward, to the start of a line.
    pub(crate) fn advance(&mut self, bytes: usize) {
        self.position += bytes;
    }

    /// Returns the reading position as an offset in the file.
    pub(crate) fn offset(&self) -> u64 {
        self.offset + self.position as u64
    }

    /// Returns the number of lines read from the source, including a last line without LF. Line feeds are counted as
    /// the bytes arrive, independently of the parser, so that the records can be checked against this number.
    pub(crate) fn count(&self) -> u64 {
        self.line_feeds + u64::from(self.last_byte.is_some_and(|byte| byte != b'\n'))
    }

    fn fill(&mut self) -> Result<(), ReadError> {
        if self.filled == self.buffer.len() {
            self.make_room()?;
        }
        let read = loop {
            match self.input.read(&mut self.buffer[self.filled..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(source) => {
                    let offset = self.offset + self.filled as u64;
                    return Err(ReadError::Io { source, offset });
                }
                Ok(read) => break read,
            }
        };
        let bytes = &self.buffer[self.filled..self.filled + read];
        self.nul_seen |= memchr(0, bytes).is_some();
        self.line_feeds += memchr_iter(b'\n', bytes).count() as u64;
        self.last_byte = bytes.last().copied().or(self.last_byte);
        self.at_end = read == 0;
        self.filled += read;
        Ok(())
    }

    fn make_room(&mut self) -> Result<(), ReadError> {
        let unread = self.filled - self.position;
        if unread > self.buffer.len() / 2 {
            if self.buffer.len() >= self.max_bytes {
                return Err(ReadError::TooLong {
                    offset: self.offset(),
                    limit: self.max_bytes,
                });
            }
            self.buffer
                .resize((self.buffer.len() * 2).min(self.max_bytes), 0);
        }
        self.buffer.copy_within(self.position..self.filled, 0);
        self.offset += self.position as u64;
        self.position = 0;
        self.filled = unread;
        Ok(())
    }
}

fn without_cr(window: &[u8], start: usize, end: usize) -> usize {
    if end > start && window[end - 1] == b'\r' {
        end - 1
    } else {
        end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Source that returns one byte per read.
    struct ByteByByte<'a>(&'a [u8]);

    impl Read for ByteByByte<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let Some((first, rest)) = self.0.split_first() else {
                return Ok(0);
            };
            into[0] = *first;
            self.0 = rest;
            Ok(1)
        }
    }

    fn split(input: impl Read) -> Result<(Vec<(u64, String)>, u64), ReadError> {
        let mut lines = Lines::with_limit(input, 64)?;
        let mut found = Vec::new();
        while let Some(line) = lines.peek(0)? {
            let text = String::from_utf8_lossy(lines.content(line)).into_owned();
            found.push((lines.offset(), text));
            lines.advance(line.next);
        }
        Ok((found, lines.count()))
    }

    #[test]
    fn lf_and_crlf_end_a_line_and_the_last_line_needs_neither() {
        for (bytes, expected) in [
            (&b""[..], &[][..]),
            (b"\xEF\xBB\xBF", &[]),
            (b"a", &[(0, "a")]),
            (b"a\n", &[(0, "a")]),
            (b"\n", &[(0, "")]),
            (b"\xEF\xBB\xBF\n", &[(3, "")]),
            (b"a\r\nb\r", &[(0, "a"), (3, "b")]),
            (b"a\r\r\n\n\r\nz", &[(0, "a\r"), (4, ""), (5, ""), (7, "z")]),
            (b"\xEF\xBB\xBFid\nx", &[(3, "id"), (6, "x")]),
            (b"\xEF\xBB", &[(0, "\u{FFFD}")]),
            (b"a\rb\n", &[(0, "a\rb")]),
        ] {
            let expected: Vec<(u64, String)> = expected
                .iter()
                .map(|(at, text)| (*at, (*text).to_owned()))
                .collect();
            let (whole, counted) = split(bytes).expect("short lines");
            assert_eq!(whole, expected, "{bytes:?}");
            assert_eq!(counted, expected.len() as u64, "{bytes:?}");
            assert_eq!(
                split(ByteByByte(bytes)).expect("short lines"),
                (whole, counted),
                "byte by byte: {bytes:?}"
            );
        }
    }

    #[test]
    fn file_longer_than_the_buffer_is_read_completely() {
        let text: String = (0..1000)
            .flat_map(|n| [n.to_string(), " and so on\n".to_owned()])
            .collect();
        let (found, counted) = split(text.as_bytes()).expect("short lines");
        assert_eq!(counted, 1000);
        for (n, (offset, line)) in found.iter().enumerate() {
            assert_eq!(*line, format!("{n} and so on"));
            assert!(text[usize::try_from(*offset).expect("short")..].starts_with(line));
        }
    }

    #[test]
    fn lines_looked_ahead_at_stay_readable() {
        let mut lines = Lines::with_limit(ByteByByte(b"one\ntwo\nthree"), 64).expect("short lines");
        let one = lines.peek(0).expect("readable").expect("a line");
        let two = lines.peek(one.next).expect("readable").expect("a line");
        let three = lines.peek(two.next).expect("readable").expect("a line");
        assert!(lines.peek(three.next).expect("readable").is_none());
        assert_eq!(
            [one, two, three].map(|line| lines.content(line)),
            [&b"one"[..], b"two", b"three"]
        );
    }

    #[test]
    fn line_longer_than_the_limit_is_refused_with_its_offset() {
        let long = format!("short\n{}", "x".repeat(100));
        assert!(matches!(
            split(long.as_bytes()),
            Err(ReadError::TooLong {
                offset: 6,
                limit: 64
            })
        ));
    }
}
