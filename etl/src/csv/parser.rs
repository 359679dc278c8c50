//! Splits the text of a record into fields: strictly by RFC 4180, or leniently if its quotes are damaged.

use memchr::memchr;

use crate::schema::MAX_COLUMNS;

/// Fields beyond this number are dropped: one more than the widest file proves that there are too many.
const MAX_FIELDS: usize = MAX_COLUMNS + 1;

/// Byte range of a field in the text of its record, without quotes and the padding around them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Whether it is enclosed in double quotes.
    pub(crate) quoted: bool,
    /// Whether it contains `""`, an escaped quote.
    pub(crate) doubled: bool,
}

impl Field {
    fn unquoted(start: usize, end: usize) -> Self {
        Self {
            start,
            end,
            quoted: false,
            doubled: false,
        }
    }
}

/// Result of strict parsing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Parse {
    /// The whole text was parsed.
    Complete,
    /// A quote is still open at the end of the text.
    Open(OpenQuote),
    /// A quote is where none is allowed, or text follows the end of the record.
    Misplaced,
}

/// Quoted field whose closing quote is not found yet. Parsing resumes from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OpenQuote {
    start: usize,
    scanned: usize,
    doubled: bool,
}

/// Parses a text by RFC 4180, with blanks and tabs allowed around quotes, and stores its fields in `fields`. With
/// `resume`, continues where parsing a shorter text ended in an open quote.
pub(crate) fn parse_strict(
    bytes: &[u8],
    fields: &mut Vec<Field>,
    resume: Option<OpenQuote>,
) -> Parse {
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
                return Parse::Open(quote);
            };
            let field = Field {
                start: quote.start,
                end,
                quoted: true,
                doubled: quote.doubled,
            };
            (field, skip_padding(bytes, end + 1))
        } else {
            let end = end_of_unquoted(bytes, at);
            (Field::unquoted(at, without_padding(bytes, at, end)), end)
        };
        push(fields, field);
        match bytes.get(end) {
            None => return Parse::Complete,
            Some(b',') => at = end + 1,
            Some(_) => return Parse::Misplaced,
        }
    }
}

/// Splits a line with damaged quotes at each comma that is followed by the start of a value, and stores the pieces in
/// `fields`.
pub(crate) fn parse_lenient(bytes: &[u8], fields: &mut Vec<Field>) {
    fields.clear();
    let mut start = 0;
    let mut from = 0;
    while let Some(found) = bytes.get(from..).and_then(|rest| memchr(b',', rest)) {
        let comma = from + found;
        if is_separator(bytes, comma) {
            push(fields, piece(bytes, start, comma));
            start = comma + 1;
        }
        from = comma + 1;
    }
    push(fields, piece(bytes, start, bytes.len()));
}

/// Whether a comma separates two fields, which is when the start of a value follows it.
fn is_separator(bytes: &[u8], comma: usize) -> bool {
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
        return Field::unquoted(start, end);
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

fn push(fields: &mut Vec<Field>, field: Field) {
    if fields.len() < MAX_FIELDS {
        fields.push(field);
    }
}

/// Returns the position of the closing quote, or `None` with `quote` ready to resume in a longer text.
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

/// Returns the position of the comma that ends an unquoted field, of a byte not allowed in it, or the end of the text.
fn end_of_unquoted(bytes: &[u8], start: usize) -> usize {
    let rest = &bytes[start..];
    // Most of these fields are a few digits, too short for memchr. A line feed is only in a text of several lines.
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

    /// Returns the fields as text, quoted ones with a leading `"`.
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
    fn strict_parsing_follows_rfc_4180_and_removes_padding() {
        #[rustfmt::skip]
        let table = [
            ("", &[""][..]),
            ("1,2", &["1", "2"]),
            ("a,b,", &["a", "b", ""]),
            (" 1 ,\t\"x y \" , z z ", &["1", "\"x y ", "z z"]),
            (r#""a,b","c""d","""#, &["\"a,b", "\"c\"\"d", "\""]),
            (r#""""""#, &["\"\"\""]),
            ("'a,b'", &["'a", "b'"]),
            ("a field longer than sixteen bytes,next", &["a field longer than sixteen bytes", "next"]),
            (
                "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15",
                &["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13"],
            ),
        ];
        for (line, expected) in table {
            let line = if line.ends_with(",\"") {
                format!("{line}\"")
            } else {
                line.to_owned()
            };
            let mut fields = Vec::new();
            assert_eq!(
                parse_strict(line.as_bytes(), &mut fields, None),
                Parse::Complete,
                "{line}"
            );
            assert_eq!(texts(&line, &fields), expected, "{line}");
        }
    }

    #[test]
    fn strict_parsing_refuses_misplaced_quotes_and_text_after_the_record() {
        for text in [
            r#"a"b,c"#,
            r#""a"b,c"#,
            r#"a long enough bare field with a " in it"#,
            "a\nb",
            "\"a\"\n,b",
        ] {
            assert_eq!(
                parse_strict(text.as_bytes(), &mut Vec::new(), None),
                Parse::Misplaced,
                "{text}"
            );
        }
    }

    #[test]
    fn open_quote_is_resumed_in_a_longer_text() {
        let mut fields = Vec::new();
        let whole = "1,\"a\"\"\nb\"\",\nc\" ,2";
        let mut resume = None;
        for end in [6, 11] {
            let Parse::Open(open) = parse_strict(&whole.as_bytes()[..end], &mut fields, resume)
            else {
                panic!("open at {end}")
            };
            resume = Some(open);
        }
        assert_eq!(
            parse_strict(whole.as_bytes(), &mut fields, resume),
            Parse::Complete
        );
        assert_eq!(texts(whole, &fields), ["1", "\"a\"\"\nb\"\",\nc", "2"]);
        assert!(fields[1].doubled);
    }

    #[test]
    fn lenient_parsing_splits_only_before_values() {
        #[rustfmt::skip]
        let table = [
            ("", &[""][..]),
            (r#"24,13,"Half closed,null,133,1"#, &["24", "13", "\"Half closed", "null", "133", "1"]),
            (r#"8,17,"He said "never" once",0"#, &["8", "17", "\"He said \"never\" once", "0"]),
            (r#"1,"a, b, -c, d", -4,"#, &["1", "\"a, b, -c, d", "-4", ""]),
            (r#"1,"x"","y" "#, &["1", "\"x", "\"y"]),
            (r#"1,"x,true,false,True,nullify"#, &["1", "\"x", "true", "false,True", "nullify"]),
            (r#"",""#, &["\"", "\""]),
            (r#"a "b" c"#, &["a \"b\" c"]),
        ];
        for (line, expected) in table {
            let mut fields = Vec::new();
            parse_lenient(line.as_bytes(), &mut fields);
            assert_eq!(texts(line, &fields), expected, "{line}");
        }
    }
}
