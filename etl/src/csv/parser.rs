//! Fields of a record: the strict reading by RFC 4180, and the lenient one for lines whose quotes are damaged.

use memchr::memchr;

use crate::schema::MAX_COLUMNS;

/// One field is kept beyond the widest file, which is enough to know that there are too many.
const KEPT: usize = MAX_COLUMNS + 1;

/// Where a field lies in the text of its record, without quotes and the padding round them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// It stood in double quotes.
    pub(crate) quoted: bool,
    /// `""` stands in it for one quote.
    pub(crate) doubled: bool,
}

/// What the strict reading found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strict {
    /// Read to the end of the text.
    Done,
    /// A quote is open at the end of the text.
    Open(OpenQuote),
    /// A quote stands where none may, or the text goes on after a record has ended.
    Misplaced,
}

/// A quoted field whose end was not found yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OpenQuote {
    start: usize,
    scanned: usize,
    doubled: bool,
}

/// Reads a text by RFC 4180, with blanks and tabs allowed round quotes, and puts its fields into `fields`. With
/// `resume`, goes on where an earlier reading of a shorter text ended in an open quote.
pub(crate) fn strict(bytes: &[u8], fields: &mut Vec<Field>, resume: Option<OpenQuote>) -> Strict {
    let mut open = resume;
    let mut at = 0;
    if open.is_none() {
        fields.clear();
    }
    loop {
        if open.is_none() {
            at = skip_padding(bytes, at);
            if bytes.get(at) == Some(&b'"') {
                open = Some(OpenQuote {
                    start: at + 1,
                    scanned: at + 1,
                    doubled: false,
                });
            }
        }
        let (field, end) = if let Some(mut quote) = open.take() {
            let Some(end) = closing_quote(bytes, &mut quote) else {
                return Strict::Open(quote);
            };
            let field = Field {
                start: quote.start,
                end,
                quoted: true,
                doubled: quote.doubled,
            };
            (field, skip_padding(bytes, end + 1))
        } else {
            let end = end_of_bare(bytes, at);
            (
                Field {
                    start: at,
                    end: without_padding(bytes, at, end),
                    quoted: false,
                    doubled: false,
                },
                end,
            )
        };
        keep(fields, field);
        match bytes.get(end) {
            None => return Strict::Done,
            Some(b',') => at = end + 1,
            Some(_) => return Strict::Misplaced,
        }
    }
}

/// Splits one line at the commas that look like separators, whatever its quotes say, and puts the pieces into
/// `fields`.
pub(crate) fn lenient(bytes: &[u8], fields: &mut Vec<Field>) {
    fields.clear();
    let mut start = 0;
    let mut from = 0;
    while let Some(found) = bytes.get(from..).and_then(|rest| memchr(b',', rest)) {
        let comma = from + found;
        if separates(bytes, comma) {
            keep(fields, piece(bytes, start, comma));
            start = comma + 1;
        }
        from = comma + 1;
    }
    keep(fields, piece(bytes, start, bytes.len()));
}

/// A comma separates when the start of a value follows it.
fn separates(bytes: &[u8], comma: usize) -> bool {
    let rest = &bytes[skip_padding(bytes, comma + 1)..];
    match rest {
        [] | [b'"' | b'0'..=b'9', ..] => true,
        [b'-', digit, ..] => digit.is_ascii_digit(),
        _ => rest.starts_with(b"null") || rest.starts_with(b"true") || rest.starts_with(b"false"),
    }
}

fn piece(bytes: &[u8], start: usize, end: usize) -> Field {
    let start = skip_padding(&bytes[..end], start);
    let mut end = without_padding(bytes, start, end);
    if start == end || bytes[start] != b'"' {
        return Field {
            start,
            end,
            quoted: false,
            doubled: false,
        };
    }
    let start = start + 1;
    while end > start && bytes[end - 1] == b'"' {
        end -= 1;
    }
    let doubled = bytes[start..end].windows(2).any(|pair| pair == b"\"\"");
    Field {
        start,
        end,
        quoted: true,
        doubled,
    }
}

fn keep(fields: &mut Vec<Field>, field: Field) {
    if fields.len() < KEPT {
        fields.push(field);
    }
}

/// The place of the quote that ends the field, or `None` with `quote` ready to go on in a longer text.
fn closing_quote(bytes: &[u8], quote: &mut OpenQuote) -> Option<usize> {
    while let Some(found) = bytes
        .get(quote.scanned..)
        .and_then(|rest| memchr(b'"', rest))
    {
        let at = quote.scanned + found;
        if bytes.get(at + 1) != Some(&b'"') {
            return Some(at);
        }
        quote.doubled = true;
        quote.scanned = at + 2;
    }
    quote.scanned = bytes.len();
    None
}

/// The place of the comma that ends a field without quotes, of what may not stand in it, or the end of the text.
fn end_of_bare(bytes: &[u8], start: usize) -> usize {
    let rest = &bytes[start..];
    // Most such fields are a few digits long, too short for a search by blocks. Only a text joined of several lines
    // holds a line feed.
    let found = rest
        .iter()
        .position(|byte| matches!(byte, b',' | b'"' | b'\n'));
    start + found.unwrap_or(rest.len())
}

fn skip_padding(bytes: &[u8], mut at: usize) -> usize {
    while matches!(bytes.get(at), Some(b' ' | b'\t')) {
        at += 1;
    }
    at
}

fn without_padding(bytes: &[u8], start: usize, mut end: usize) -> usize {
    while end > start && matches!(bytes[end - 1], b' ' | b'\t') {
        end -= 1;
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The fields as text, those in quotes with `"` before them.
    fn texts(text: &str, fields: &[Field]) -> Vec<String> {
        fields
            .iter()
            .map(|f| {
                format!(
                    "{}{}",
                    if f.quoted { "\"" } else { "" },
                    &text[f.start..f.end]
                )
            })
            .collect()
    }

    #[test]
    fn strict_reading_follows_rfc_4180_and_takes_padding_off() {
        for (line, expected) in [
            ("", &[""][..]),
            ("1,2", &["1", "2"]),
            ("a,b,", &["a", "b", ""]),
            (" 1 ,\t\"x y \" , z z ", &["1", "\"x y ", "z z"]),
            (r#""a,b","c""d","""#, &["\"a,b", "\"c\"\"d", "\""]),
            (r#""""""#, &["\"\"\""]),
            ("'a,b'", &["'a", "b'"]),
            (
                "a field longer than sixteen bytes,next",
                &["a field longer than sixteen bytes", "next"],
            ),
            (
                "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15",
                &[
                    "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13",
                ],
            ),
        ] {
            let line = if line.ends_with(",\"") {
                format!("{line}\"")
            } else {
                line.to_owned()
            };
            let mut fields = Vec::new();
            assert_eq!(
                strict(line.as_bytes(), &mut fields, None),
                Strict::Done,
                "{line}"
            );
            assert_eq!(texts(&line, &fields), expected, "{line}");
        }
    }

    #[test]
    fn strict_reading_refuses_misplaced_quotes_and_text_after_a_record() {
        for text in [
            r#"a"b,c"#,
            r#""a"b,c"#,
            r#"a long enough bare field with a " in it"#,
            "a\nb",
            "\"a\"\n,b",
        ] {
            assert_eq!(
                strict(text.as_bytes(), &mut Vec::new(), None),
                Strict::Misplaced,
                "{text}"
            );
        }
    }

    #[test]
    fn an_open_quote_is_followed_into_a_longer_text() {
        let mut fields = Vec::new();
        let whole = "1,\"a\"\"\nb\"\",\nc\" ,2";
        let mut resume = None;
        for end in [6, 11] {
            let Strict::Open(open) = strict(&whole.as_bytes()[..end], &mut fields, resume) else {
                panic!("open at {end}")
            };
            resume = Some(open);
        }
        assert_eq!(strict(whole.as_bytes(), &mut fields, resume), Strict::Done);
        assert_eq!(texts(whole, &fields), ["1", "\"a\"\"\nb\"\",\nc", "2"]);
        assert!(fields[1].doubled);
    }

    #[test]
    fn lenient_reading_splits_before_values_only() {
        for (line, expected) in [
            ("", &[""][..]),
            (
                r#"24,13,"Half closed,null,133,1"#,
                &["24", "13", "\"Half closed", "null", "133", "1"],
            ),
            (
                r#"8,17,"He said "never" once",0"#,
                &["8", "17", "\"He said \"never\" once", "0"],
            ),
            (r#"1,"a, b, -c, d", -4,"#, &["1", "\"a, b, -c, d", "-4", ""]),
            (r#"1,"x"","y" "#, &["1", "\"x", "\"y"]),
            (
                r#"1,"x,true,false,True,nullify"#,
                &["1", "\"x", "true", "false,True", "nullify"],
            ),
            (r#"",""#, &["\"", "\""]),
            (r#"a "b" c"#, &["a \"b\" c"]),
        ] {
            let mut fields = Vec::new();
            lenient(line.as_bytes(), &mut fields);
            assert_eq!(texts(line, &fields), expected, "{line}");
        }
    }
}
