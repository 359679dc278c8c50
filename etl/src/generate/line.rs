//! A line as it is written, field by field, into one large buffer.

use crate::schema::MAX_COLUMNS;

const PAIRS: [u8; 200] = pairs();

/// `00` to `99`.
const fn pairs() -> [u8; 200] {
    let mut pairs = [0; 200];
    let (mut at, mut tens) = (0, b'0');
    while tens <= b'9' {
        let mut ones = b'0';
        while ones <= b'9' {
            pairs[at] = tens;
            pairs[at + 1] = ones;
            at += 2;
            ones += 1;
        }
        tens += 1;
    }
    pairs
}

/// The lines written so far, and where the fields of the last one begin.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) buffer: Vec<u8>,
    separator: &'static [u8],
    starts: [usize; MAX_COLUMNS],
    fields: usize,
    /// The buffer begins with the first line of the file.
    is_first: bool,
}

impl Line {
    /// An empty file, whose fields are separated so.
    pub(super) fn new(separator: &'static [u8]) -> Self {
        Self {
            buffer: Vec::with_capacity(1 << 20),
            separator,
            starts: [0; MAX_COLUMNS],
            fields: 0,
            is_first: true,
        }
    }

    /// Begins a line. The one before ends here, so that the last line of the file has no end.
    pub(super) fn begin(&mut self) {
        if !self.is_first {
            self.buffer.push(b'\n');
        }
        self.is_first = false;
        self.fields = 0;
    }

    fn field(&mut self) {
        if self.fields > 0 {
            self.buffer.extend_from_slice(self.separator);
        }
        self.starts[self.fields] = self.buffer.len();
        self.fields += 1;
    }

    /// A field without quotes.
    pub(super) fn word(&mut self, word: &str) {
        self.field();
        self.buffer.extend_from_slice(word.as_bytes());
    }

    /// A number as a field.
    pub(super) fn number(&mut self, number: u64) {
        self.field();
        self.digits(number);
    }

    /// A field in quotes, of these parts.
    pub(super) fn text<const N: usize>(&mut self, parts: [&str; N]) {
        self.open();
        for part in parts {
            self.add(part);
        }
        self.close();
    }

    /// Begins a field in quotes.
    pub(super) fn open(&mut self) {
        self.field();
        self.buffer.push(b'"');
    }

    /// Goes on in the field.
    pub(super) fn add(&mut self, part: &str) {
        self.buffer.extend_from_slice(part.as_bytes());
    }

    /// Ends a field in quotes.
    pub(super) fn close(&mut self) {
        self.buffer.push(b'"');
    }

    /// Goes on with a number.
    #[expect(clippy::cast_possible_truncation, reason = "remainders below 100")]
    pub(super) fn digits(&mut self, mut number: u64) {
        let mut digits = [0; 20];
        let mut at = digits.len();
        while number >= 10 {
            let pair = (number % 100) as usize * 2;
            number /= 100;
            at -= 2;
            digits[at..at + 2].copy_from_slice(&PAIRS[pair..pair + 2]);
        }
        if number > 0 || at == digits.len() {
            at -= 1;
            digits[at] = b'0' + number as u8;
        }
        self.buffer.extend_from_slice(&digits[at..]);
    }

    /// Takes the fields of the line out of the buffer again.
    pub(super) fn take_fields(&mut self) -> Vec<Vec<u8>> {
        let mut fields = Vec::with_capacity(self.fields + 1);
        for at in 0..self.fields {
            let last = at + 1 == self.fields;
            let end = if last {
                self.buffer.len()
            } else {
                self.starts[at + 1] - self.separator.len()
            };
            fields.push(self.buffer[self.starts[at]..end].to_vec());
        }
        self.buffer.truncate(self.starts[0]);
        fields
    }

    /// Writes fields where [`begin`](Self::begin) has left off.
    pub(super) fn put(&mut self, fields: &[Vec<u8>]) {
        self.buffer.extend_from_slice(&fields.join(self.separator));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_taken_apart_and_put_together_again() {
        let mut line = Line::new(b", ");
        for number in [0, 7, 10, 99, 100, 12_345, 1_000_000, u64::MAX] {
            line.begin();
            line.number(number);
            line.text(["a, ", "b"]);
            line.word("null");
            let before = line.buffer.clone();
            let fields = line.take_fields();
            assert_eq!(fields[0], number.to_string().as_bytes());
            assert_eq!(fields[1..], [b"\"a, b\"".to_vec(), b"null".to_vec()]);
            line.put(&fields);
            assert_eq!(line.buffer, before);
        }
        assert!(line.buffer.starts_with(b"0, \"a, b\", null\n7, "));
    }
}
