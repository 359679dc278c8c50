//! The fourteen legacy files: their columns, what each column holds, and the order in which they are loaded.
//!
//! Reading, cleaning and key checks follow this table alone, so a new column is one row here and one line in `group`.

use Kind::{
    Bool, CharacteristicName, Counter, Date, Email, Id, NullableText, OptionalText, Parent,
    PersonName, Price, Quantity, Rating, RequiredText, SalePrice, Session, Thumbnail, Url,
};
use LegacyFile::{
    Answers, AnswersPhotos, Cart, CharacteristicReviews, Characteristics, Features, Photos,
    Product, Questions, Related, Reviews, ReviewsPhotos, Skus, Styles,
};

/// No file has more columns than this.
pub(crate) const MAX_COLUMNS: usize = 12;

/// One of the legacy files. The numbers follow the load order: a parent stands before its children.
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

/// What a column holds, and so which rule reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The key: digits only, 1 to 2147483647.
    Id,
    /// The key of a loaded row of another file.
    Parent(LegacyFile),
    /// A text that may be neither null nor blank.
    RequiredText,
    /// A required text that is normally written without quotes.
    Session,
    /// A text or NULL; null is out of the ordinary.
    OptionalText,
    /// A text or NULL; a bare `null` is the normal form.
    NullableText,
    /// Null becomes `anonymous`.
    PersonName,
    /// An address, or NULL when it does not look like one.
    Email,
    /// An amount, required. Read as cents.
    Price,
    /// An amount in cents or NULL; 0 means no sale.
    SalePrice,
    /// True or false, with the spelling of the late files.
    Bool(Spelling),
    /// An instant in milliseconds.
    Date,
    /// 1 to 5.
    Rating,
    /// A whole number from 0; null is 0.
    Quantity,
    /// A whole number from 0; anything else is 0.
    Counter,
    /// Where a picture is, required.
    Url,
    /// Where a small picture is, or NULL.
    Thumbnail,
    /// One of the six names.
    CharacteristicName,
}

/// How the late files write a boolean; every other spelling is a repair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spelling {
    /// `true` and `false`
    Words,
    /// `1` and `0`
    Digits,
}

/// A column: its name in snake case, and what it holds.
#[derive(Debug, Clone, Copy)]
#[expect(missing_docs, reason = "two plain fields")]
pub struct Column {
    pub name: &'static str,
    pub kind: Kind,
}

/// What there is to know of a file before it is opened.
#[derive(Debug)]
pub struct Layout {
    /// Which file.
    pub file: LegacyFile,
    /// Its name on disk.
    pub name: &'static str,
    /// Its columns in the order of a file without a header; the first is the id.
    pub columns: &'static [Column],
    /// A record is always one line, whatever its quotes say.
    pub one_line: bool,
    /// Its two parents must belong to the same product.
    pub same_product: bool,
}

/// All files in load order.
pub static LAYOUTS: [Layout; 14] = [
    layout(
        Product,
        "product.csv",
        &[
            column("id", Id),
            column("name", RequiredText),
            column("slogan", OptionalText),
            column("description", OptionalText),
            column("category", OptionalText),
            column("default_price", Price),
        ],
    ),
    layout(
        Features,
        "features.csv",
        &[
            column("id", Id),
            column("product_id", Parent(Product)),
            column("feature", RequiredText),
            column("value", NullableText),
        ],
    ),
    layout(
        Styles,
        "styles.csv",
        &[
            column("id", Id),
            column("product_id", Parent(Product)),
            column("name", RequiredText),
            column("sale_price", SalePrice),
            column("original_price", Price),
            column("default_style", Bool(Spelling::Digits)),
        ],
    ),
    one_line(
        Photos,
        "photos.csv",
        &[
            column("id", Id),
            column("style_id", Parent(Styles)),
            column("url", Url),
            column("thumbnail_url", Thumbnail),
        ],
    ),
    layout(
        Skus,
        "skus.csv",
        &[
            column("id", Id),
            column("style_id", Parent(Styles)),
            column("size", RequiredText),
            column("quantity", Quantity),
        ],
    ),
    layout(
        Related,
        "related.csv",
        &[
            column("id", Id),
            column("current_product_id", Parent(Product)),
            column("related_product_id", Parent(Product)),
        ],
    ),
    layout(
        Cart,
        "cart.csv",
        &[
            column("id", Id),
            column("user_session", Session),
            column("product_id", Parent(Product)),
            column("active", Bool(Spelling::Digits)),
        ],
    ),
    layout(
        Reviews,
        "reviews.csv",
        &[
            column("id", Id),
            column("product_id", Parent(Product)),
            column("rating", Rating),
            column("date", Date),
            column("summary", OptionalText),
            column("body", RequiredText),
            column("recommend", Bool(Spelling::Words)),
            column("reported", Bool(Spelling::Words)),
            column("reviewer_name", PersonName),
            column("reviewer_email", Email),
            column("response", NullableText),
            column("helpfulness", Counter),
        ],
    ),
    layout(
        Characteristics,
        "characteristics.csv",
        &[
            column("id", Id),
            column("product_id", Parent(Product)),
            column("name", CharacteristicName),
        ],
    ),
    one_line(
        ReviewsPhotos,
        "reviews_photos.csv",
        &[
            column("id", Id),
            column("review_id", Parent(Reviews)),
            column("url", Url),
        ],
    ),
    Layout {
        same_product: true,
        ..layout(
            CharacteristicReviews,
            "characteristic_reviews.csv",
            &[
                column("id", Id),
                column("characteristic_id", Parent(Characteristics)),
                column("review_id", Parent(Reviews)),
                column("value", Rating),
            ],
        )
    },
    layout(
        Questions,
        "questions.csv",
        &[
            column("id", Id),
            column("product_id", Parent(Product)),
            column("body", RequiredText),
            column("date_written", Date),
            column("asker_name", PersonName),
            column("asker_email", Email),
            column("reported", Bool(Spelling::Digits)),
            column("helpful", Counter),
        ],
    ),
    layout(
        Answers,
        "answers.csv",
        &[
            column("id", Id),
            column("question_id", Parent(Questions)),
            column("body", RequiredText),
            column("date_written", Date),
            column("answerer_name", PersonName),
            column("answerer_email", Email),
            column("reported", Bool(Spelling::Digits)),
            column("helpful", Counter),
        ],
    ),
    one_line(
        AnswersPhotos,
        "answers_photos.csv",
        &[
            column("id", Id),
            column("answer_id", Parent(Answers)),
            column("url", Url),
        ],
    ),
];

const fn column(name: &'static str, kind: Kind) -> Column {
    Column { name, kind }
}

const fn layout(file: LegacyFile, name: &'static str, columns: &'static [Column]) -> Layout {
    Layout {
        file,
        name,
        columns,
        one_line: false,
        same_product: false,
    }
}

const fn one_line(file: LegacyFile, name: &'static str, columns: &'static [Column]) -> Layout {
    Layout {
        file,
        name,
        columns,
        one_line: true,
        same_product: false,
    }
}

impl LegacyFile {
    /// The row of this file in the table.
    pub fn layout(self) -> &'static Layout {
        &LAYOUTS[self as usize]
    }

    /// Whether rows of other files point into this one, so that its ids must be remembered.
    pub fn has_children(self) -> bool {
        matches!(
            self,
            Product | Styles | Reviews | Characteristics | Questions | Answers
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_stands_in_the_order_of_the_numbers_and_parents_come_first() {
        for (at, layout) in LAYOUTS.iter().enumerate() {
            assert_eq!(layout.file as usize, at, "{}", layout.name);
            assert_eq!(layout.columns[0].name, "id");
            assert!(layout.columns.len() <= MAX_COLUMNS);
            for column in layout.columns {
                if let Parent(parent) = column.kind {
                    assert!(
                        parent < layout.file,
                        "{} before {}",
                        parent.layout().name,
                        layout.name
                    );
                    assert!(parent.has_children(), "{}", parent.layout().name);
                }
            }
        }
    }
}
