//! Header of a file: column names in any order and spelling, or no header at all.

use crate::error::ReadError;
use crate::schema::{MAX_COLUMNS, TableSchema};

/// Index of the field that holds each column of the schema.
pub(crate) type ColumnOrder = [usize; MAX_COLUMNS];

/// Returns the order of a file without a header.
pub(crate) fn schema_order() -> ColumnOrder {
    std::array::from_fn(|column| column)
}

/// Parses the first line: returns the order of the columns, or `None` if the first field is a whole number, which means
/// that the file has no header. Fails with [`ReadError::Header`] if the set of columns is not that of the schema.
pub(crate) fn parse_header(
    table: &TableSchema,
    line: &str,
) -> Result<Option<ColumnOrder>, ReadError> {
    // Names contain no commas, so quotes need not be parsed.
    let first = line.split(',').next().unwrap_or_default();
    if is_whole_number(unquote(first)) {
        return Ok(None);
    }
    let mut order = schema_order();
    let mut found = vec![false; table.columns.len()];
    let (mut unknown, mut duplicate) = (Vec::new(), Vec::new());
    for (index, written) in line.split(',').enumerate() {
        let name = snake_case(unquote(written));
        match table.columns.iter().position(|column| column.name == name) {
            Some(column) if found[column] => duplicate.push(table.columns[column].name),
            Some(column) => {
                order[column] = index;
                found[column] = true;
            }
            // Limits the message: the line of a file that is no CSV may contain millions of commas.
            None if unknown.len() < MAX_COLUMNS => {
                unknown.push(unquote(written).chars().take(40).collect());
            }
            None => {}
        }
    }
    let missing: Vec<_> = table
        .columns
        .iter()
        .zip(&found)
        .filter(|(_, found)| !**found)
        .map(|(c, _)| c.name)
        .collect();
    if missing.is_empty() && unknown.is_empty() && duplicate.is_empty() {
        Ok(Some(order))
    } else {
        duplicate.dedup();
        duplicate.truncate(MAX_COLUMNS);
        Err(ReadError::Header {
            missing,
            unknown,
            duplicate,
        })
    }
}

/// Whether the text is digits with an optional minus.
pub(crate) fn is_whole_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Removes blanks and one pair of quotes.
fn unquote(written: &str) -> &str {
    let trimmed = written.trim();
    let inner = ['"', '\'']
        .into_iter()
        .find_map(|quote| trimmed.strip_prefix(quote)?.strip_suffix(quote));
    inner.unwrap_or(trimmed).trim()
}

/// Converts to snake case: `productId` and `ProductID` become `product_id`.
fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    let mut after_small = false;
    for letter in name.chars().take(64) {
        if letter.is_uppercase() && after_small {
            snake.push('_');
        }
        after_small = letter.is_lowercase() || letter.is_numeric();
        snake.extend(letter.to_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::LegacyFile;

    #[test]
    fn columns_are_found_in_any_spelling_and_order() {
        let table = LegacyFile::Photos.schema();
        for (line, expected) in [
            ("id,styleId,url,thumbnail_url", [0, 1, 2, 3]),
            (" id, style_id , url,\tthumbnail_url", [0, 1, 2, 3]),
            ("\"ID\",'StyleID', \" Url \",ThumbnailUrl", [0, 1, 2, 3]),
            ("thumbnailUrl,url,STYLE_ID,Id", [3, 2, 1, 0]),
        ] {
            let order = parse_header(table, line).expect(line).expect(line);
            assert_eq!(order[..4], expected, "{line}");
        }
    }

    #[test]
    fn line_that_begins_with_a_whole_number_is_data() {
        let table = LegacyFile::Photos.schema();
        for line in [
            "1,2,3,4",
            " \"17\",x",
            "-5",
            "'3',4",
            "99999999999999999999",
        ] {
            assert!(parse_header(table, line).expect(line).is_none(), "{line}");
        }
    }

    #[test]
    fn other_set_of_columns_is_refused_with_the_difference() {
        let table = LegacyFile::Related.schema();
        let Err(ReadError::Header {
            missing,
            unknown,
            duplicate,
        }) = parse_header(table, "id,id,current_product_id,colour")
        else {
            panic!("another set of columns")
        };
        assert_eq!(missing, ["related_product_id"]);
        assert_eq!(unknown, ["colour"]);
        assert_eq!(duplicate, ["id"]);
        for line in [
            "",
            "x1,2,3",
            "id,current_product_id",
            "id,current_product_id,related_product_id,",
            "1.5,2,3",
        ] {
            assert!(parse_header(table, line).is_err(), "{line}");
        }
    }
}
