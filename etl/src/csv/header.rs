//! The first line of a file: column names in any order and spelling, or data already.

use crate::error::ReadError;
use crate::schema::{Layout, MAX_COLUMNS};

/// Where in a record each column of the layout stands.
pub(crate) type Order = [usize; MAX_COLUMNS];

/// The order of a file without a header.
pub(crate) fn natural_order() -> Order {
    std::array::from_fn(|column| column)
}

/// What the first line says about the order of the columns; `None` when it is data, that is, when its first field is a
/// whole number. [`ReadError::Header`] when it names another set of columns than the layout.
pub(crate) fn read(layout: &Layout, line: &str) -> Result<Option<Order>, ReadError> {
    // Names hold no commas, so quotes need no reading here.
    let first = line.split(',').next().unwrap_or_default();
    if is_whole_number(bare(first)) {
        return Ok(None);
    }
    let mut order = natural_order();
    let mut found = vec![false; layout.columns.len()];
    let (mut unknown, mut twice) = (Vec::new(), Vec::new());
    for (place, written) in line.split(',').enumerate() {
        let name = snake_case(bare(written));
        match layout.columns.iter().position(|column| column.name == name) {
            Some(column) if found[column] => twice.push(layout.columns[column].name),
            Some(column) => {
                order[column] = place;
                found[column] = true;
            }
            // A few names tell enough; a line of another kind of file may hold millions.
            None if unknown.len() < MAX_COLUMNS => {
                unknown.push(bare(written).chars().take(40).collect());
            }
            None => {}
        }
    }
    let missing: Vec<_> = layout
        .columns
        .iter()
        .zip(&found)
        .filter(|(_, found)| !**found)
        .map(|(c, _)| c.name)
        .collect();
    if missing.is_empty() && unknown.is_empty() && twice.is_empty() {
        Ok(Some(order))
    } else {
        twice.dedup();
        twice.truncate(MAX_COLUMNS);
        Err(ReadError::Header {
            missing,
            unknown,
            twice,
        })
    }
}

/// Digits, with a minus before them or not.
pub(crate) fn is_whole_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Without blanks and one pair of quotes.
fn bare(written: &str) -> &str {
    let trimmed = written.trim();
    let inner = ['"', '\'']
        .into_iter()
        .find_map(|quote| trimmed.strip_prefix(quote)?.strip_suffix(quote));
    inner.unwrap_or(trimmed).trim()
}

/// `productId`, `ProductID` and `product_id` become `product_id`.
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
    fn names_count_in_any_spelling_and_order() {
        let layout = LegacyFile::Photos.layout();
        for (line, expected) in [
            ("id,styleId,url,thumbnail_url", [0, 1, 2, 3]),
            (" id, style_id , url,\tthumbnail_url", [0, 1, 2, 3]),
            ("\"ID\",'StyleID', \" Url \",ThumbnailUrl", [0, 1, 2, 3]),
            ("thumbnailUrl,url,STYLE_ID,Id", [3, 2, 1, 0]),
        ] {
            let order = read(layout, line).expect(line).expect(line);
            assert_eq!(order[..4], expected, "{line}");
        }
    }

    #[test]
    fn a_first_field_that_is_a_whole_number_is_data() {
        for line in [
            "1,2,3,4",
            " \"17\",x",
            "-5",
            "'3',4",
            "99999999999999999999",
        ] {
            assert!(
                read(LegacyFile::Photos.layout(), line)
                    .expect(line)
                    .is_none(),
                "{line}"
            );
        }
    }

    #[test]
    fn another_set_of_names_is_told_apart() {
        let layout = LegacyFile::Related.layout();
        let Err(ReadError::Header {
            missing,
            unknown,
            twice,
        }) = read(layout, "id,id,current_product_id,colour")
        else {
            panic!("another set")
        };
        assert_eq!(missing, ["related_product_id"]);
        assert_eq!(unknown, ["colour"]);
        assert_eq!(twice, ["id"]);
        for line in [
            "",
            "x1,2,3",
            "id,current_product_id",
            "id,current_product_id,related_product_id,",
            "1.5,2,3",
        ] {
            assert!(read(layout, line).is_err(), "{line}");
        }
    }
}
