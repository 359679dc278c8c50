//! Schema of the fourteen CSV files: names, columns, column types, and the order in which they are loaded.
//!
//! Parsing, validation and constraint checks read this table, so that a new column is one entry here and one line in
//! `load::grouping`.

use ColumnType::{
    Bool, CharacteristicName, Counter, Date, Email, Id, NullableText, OptionalText, Parent,
    PersonName, Price, Quantity, Rating, RequiredText, SalePrice, Session, Thumbnail, Url,
};
use LegacyFile::{
    Answers, AnswersPhotos, Cart, CharacteristicReviews, Characteristics, Features, Photos,
    Product, Questions, Related, Reviews, ReviewsPhotos, Skus, Styles,
};

/// Number of columns of the widest file.
pub(crate) const MAX_COLUMNS: usize = 12;

/// One of the CSV files. The discriminants follow the load order: parents before children.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names of the files")]
pub enum LegacyFile {
    Product,
    Features,
    Styles,
    Photos,
    Skus,
    Related,
    Cart,
    Reviews,
    Characteristics,
    ReviewsPhotos,
    CharacteristicReviews,
    Questions,
    Answers,
    AnswersPhotos,
}

/// Type of a column, which selects the rule that parses its fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnType {
    /// Primary key: digits only, 1 to 2147483647.
    Id,
    /// Foreign key: the id of a loaded row of another file.
    Parent(LegacyFile),
    /// Text that may be neither null nor blank.
    RequiredText,
    /// Required text that is normally written without quotes.
    Session,
    /// Text or NULL. NULL counts as a repair.
    OptionalText,
    /// Text or NULL. A bare `null` is the normal form.
    NullableText,
    /// Text. NULL becomes `anonymous`.
    PersonName,
    /// Email address, or NULL if the text does not look like one.
    Email,
    /// Required amount, stored as cents.
    Price,
    /// Amount in cents or NULL. 0 becomes NULL.
    SalePrice,
    /// Boolean, with its usual format.
    Bool(BoolFormat),
    /// Instant in milliseconds.
    Date,
    /// Whole number from 1 to 5.
    Rating,
    /// Whole number from 0. NULL becomes 0.
    Quantity,
    /// Whole number from 0. Anything else becomes 0.
    Counter,
    /// Required URL of an image.
    Url,
    /// URL of a small image, or NULL.
    Thumbnail,
    /// One of the six characteristic names.
    CharacteristicName,
}

/// Format of booleans in the late files. Any other format counts as a repair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BoolFormat {
    /// `true` and `false`
    Words,
    /// `1` and `0`
    Digits,
}

/// Name of a column in snake case, and its type.
#[derive(Debug, Clone, Copy)]
#[expect(missing_docs, reason = "two plain fields")]
pub struct Column {
    pub name: &'static str,
    pub kind: ColumnType,
}

/// Schema of one file.
#[derive(Debug)]
pub struct TableSchema {
    /// The file.
    pub file: LegacyFile,
    /// File name.
    pub name: &'static str,
    /// Columns in the order of a file without a header. The first one is the id.
    pub columns: &'static [Column],
}

/// Schemas of all files in load order.
#[rustfmt::skip]
pub static TABLES: [TableSchema; 14] = [
    table(Product, "product.csv", &[
        column("id", Id), column("name", RequiredText), column("slogan", OptionalText),
        column("description", OptionalText), column("category", OptionalText), column("default_price", Price),
    ]),
    table(Features, "features.csv", &[
        column("id", Id), column("product_id", Parent(Product)), column("feature", RequiredText),
        column("value", NullableText),
    ]),
    table(Styles, "styles.csv", &[
        column("id", Id), column("product_id", Parent(Product)), column("name", RequiredText),
        column("sale_price", SalePrice), column("original_price", Price),
        column("default_style", Bool(BoolFormat::Digits)),
    ]),
    table(Photos, "photos.csv", &[
        column("id", Id), column("style_id", Parent(Styles)), column("url", Url), column("thumbnail_url", Thumbnail),
    ]),
    table(Skus, "skus.csv", &[
        column("id", Id), column("style_id", Parent(Styles)), column("size", RequiredText),
        column("quantity", Quantity),
    ]),
    table(Related, "related.csv", &[
        column("id", Id), column("current_product_id", Parent(Product)),
        column("related_product_id", Parent(Product)),
    ]),
    table(Cart, "cart.csv", &[
        column("id", Id), column("user_session", Session), column("product_id", Parent(Product)),
        column("active", Bool(BoolFormat::Digits)),
    ]),
    table(Reviews, "reviews.csv", &[
        column("id", Id), column("product_id", Parent(Product)), column("rating", Rating), column("date", Date),
        column("summary", OptionalText), column("body", RequiredText), column("recommend", Bool(BoolFormat::Words)),
        column("reported", Bool(BoolFormat::Words)), column("reviewer_name", PersonName),
        column("reviewer_email", Email), column("response", NullableText), column("helpfulness", Counter),
    ]),
    table(Characteristics, "characteristics.csv", &[
        column("id", Id), column("product_id", Parent(Product)), column("name", CharacteristicName),
    ]),
    table(ReviewsPhotos, "reviews_photos.csv", &[
        column("id", Id), column("review_id", Parent(Reviews)), column("url", Url),
    ]),
    table(CharacteristicReviews, "characteristic_reviews.csv", &[
        column("id", Id), column("characteristic_id", Parent(Characteristics)), column("review_id", Parent(Reviews)),
        column("value", Rating),
    ]),
    table(Questions, "questions.csv", &[
        column("id", Id), column("product_id", Parent(Product)), column("body", RequiredText),
        column("date_written", Date), column("asker_name", PersonName), column("asker_email", Email),
        column("reported", Bool(BoolFormat::Digits)), column("helpful", Counter),
    ]),
    table(Answers, "answers.csv", &[
        column("id", Id), column("question_id", Parent(Questions)), column("body", RequiredText),
        column("date_written", Date), column("answerer_name", PersonName), column("answerer_email", Email),
        column("reported", Bool(BoolFormat::Digits)), column("helpful", Counter),
    ]),
    table(AnswersPhotos, "answers_photos.csv", &[
        column("id", Id), column("answer_id", Parent(Answers)), column("url", Url),
    ]),
];

const fn column(name: &'static str, kind: ColumnType) -> Column {
    Column { name, kind }
}

const fn table(file: LegacyFile, name: &'static str, columns: &'static [Column]) -> TableSchema {
    TableSchema {
        file,
        name,
        columns,
    }
}

impl LegacyFile {
    /// Returns the schema of this file.
    pub fn schema(self) -> &'static TableSchema {
        &TABLES[self as usize]
    }

    /// Whether other files refer to rows of this one, so that its ids are remembered.
    pub fn has_children(self) -> bool {
        matches!(
            self,
            Product | Styles | Reviews | Characteristics | Questions | Answers
        )
    }

    /// Whether a record is always one physical line, even if a quote is left open.
    pub fn has_single_line_records(self) -> bool {
        matches!(self, Photos | ReviewsPhotos | AnswersPhotos)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_indexed_by_file_and_parents_come_first() {
        for (index, table) in TABLES.iter().enumerate() {
            assert_eq!(table.file as usize, index, "{}", table.name);
            assert_eq!(table.columns[0].name, "id");
            assert!(table.columns.len() <= MAX_COLUMNS);
            for column in table.columns {
                if let Parent(parent) = column.kind {
                    assert!(
                        parent < table.file && parent.has_children(),
                        "{}",
                        table.name
                    );
                }
            }
        }
    }
}
