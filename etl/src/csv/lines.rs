//! Physical lines of a file, read through one buffer whose size follows the longest record, not the file.

use std::io::{self, Read};

use memchr::{memchr, memchr_iter};

use crate::error::ReadError;

const FIRST_BUFFER: usize = 256 * 1024;

/// The longest line, with the lines needed to decide what it is. No text of a shop comes near it; a file of another
/// nature does, and shall not take all memory before it is refused.
const LONGEST: usize = 64 * 1024 * 1024;

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// A line in the buffer, in bytes from the reading position; it moves with [`Lines::advance`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line {
    pub(crate) start: usize,
    /// Where the content ends: before LF, and before one CR in front of it.
    pub(crate) end: usize,
    /// Where the next line starts.
    pub(crate) next: usize,
}

/// Splits a source at LF and lets the caller look ahead as far as it likes before it moves on.
#[derive(Debug)]
pub(crate) struct Lines<R> {
    input: R,
    buffer: Vec<u8>,
    /// The reading position in the buffer.
    at: usize,
    filled: usize,
    /// The byte of the file with which the buffer begins.
    offset: u64,
    longest: usize,
    ended: bool,
    /// A NUL was read, which hardly any file holds.
    nul: bool,
    line_feeds: u64,
    last_byte: Option<u8>,
}

impl<R: Read> Lines<R> {
    /// Starts at the first byte after a byte order mark.
    pub(crate) fn new(input: R) -> Result<Self, ReadError> {
        Self::with_limit(input, LONGEST)
    }

    fn with_limit(input: R, longest: usize) -> Result<Self, ReadError> {
        let buffer = vec![0; FIRST_BUFFER.min(longest)];
        let mut lines = Self {
            input,
            buffer,
            at: 0,
            filled: 0,
            offset: 0,
            longest,
            ended: false,
            nul: false,
            line_feeds: 0,
            last_byte: None,
        };
        while lines.filled < BYTE_ORDER_MARK.len() && !lines.ended {
            lines.fill()?;
        }
        if lines.buffer[..lines.filled].starts_with(BYTE_ORDER_MARK) {
            lines.at = BYTE_ORDER_MARK.len();
            if lines.filled == lines.at {
                lines.last_byte = None;
            }
        }
        Ok(lines)
    }

    /// The line that starts `from` bytes after the reading position, or `None` at the end of the file.
    pub(crate) fn peek(&mut self, from: usize) -> Result<Option<Line>, ReadError> {
        let mut searched = from;
        loop {
            let window = &self.buffer[self.at..self.filled];
            if let Some(found) = window.get(searched..).and_then(|rest| memchr(b'\n', rest)) {
                let feed = searched + found;
                return Ok(Some(Line {
                    start: from,
                    end: without_cr(window, from, feed),
                    next: feed + 1,
                }));
            }
            searched = searched.max(window.len());
            if self.ended {
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

    /// The content of a line, without its end.
    pub(crate) fn content(&self, line: Line) -> &[u8] {
        &self.buffer[self.at + line.start..self.at + line.end]
    }

    /// Whether a NUL stands in the line.
    pub(crate) fn has_nul(&self, line: Line) -> bool {
        self.nul && memchr(0, self.content(line)).is_some()
    }

    /// Moves the reading position on, to where a line begins.
    pub(crate) fn advance(&mut self, bytes: usize) {
        self.at += bytes;
    }

    /// The reading position, in bytes from the start of the file.
    pub(crate) fn offset(&self) -> u64 {
        self.offset + self.at as u64
    }

    /// The lines read from the source so far; at its end, all of them, the last without LF included. They are counted
    /// as the bytes come in, so that the records made of them can be checked against it.
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
        self.nul |= memchr(0, bytes).is_some();
        self.line_feeds += memchr_iter(b'\n', bytes).count() as u64;
        self.last_byte = bytes.last().copied().or(self.last_byte);
        self.ended = read == 0;
        self.filled += read;
        Ok(())
    }

    fn make_room(&mut self) -> Result<(), ReadError> {
        let kept = self.filled - self.at;
        if kept > self.buffer.len() / 2 {
            if self.buffer.len() >= self.longest {
                return Err(ReadError::TooLong {
                    offset: self.offset(),
                    limit: self.longest,
                });
            }
            self.buffer
                .resize((self.buffer.len() * 2).min(self.longest), 0);
        }
        self.buffer.copy_within(self.at..self.filled, 0);
        self.offset += self.at as u64;
        self.at = 0;
        self.filled = kept;
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

    /// Gives one byte at a time, as slow sources may.
    struct Drops<'a>(&'a [u8]);

    impl Read for Drops<'_> {
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
    fn lines_end_at_lf_with_one_cr_before_it_and_the_last_needs_none() {
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
                split(Drops(bytes)).expect("short lines"),
                (whole, counted),
                "byte by byte: {bytes:?}"
            );
        }
    }

    #[test]
    fn a_file_longer_than_the_buffer_is_read_through_it() {
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
    fn looking_ahead_keeps_what_was_seen() {
        let mut lines = Lines::with_limit(Drops(b"one\ntwo\nthree"), 64).expect("short lines");
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
    fn a_line_without_end_is_refused_with_its_place() {
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
