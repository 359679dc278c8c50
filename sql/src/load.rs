//! Bulk loading: whole tables in, derived figures after.

/// A table as a loader fills it; `columns` is the order of the values of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// PostgreSQL: takes rows in COPY's text form.
    pub copy: &'static str,
    /// SQLite: takes rows as `$1`, a JSON list of lists.
    pub insert: &'static str,
}

/// The texts of a table from the names of its columns.
macro_rules! table {
    ($name:literal: $first:literal $(, $column:literal)* => $($at:literal)*) => {
        Table {
            name: $name,
            copy: concat!("copy ", $name, " (", $first $(, ", ", $column)*, ") from stdin"),
            insert: concat!(
                "insert into ", $name, " (", $first $(, ", ", $column)*, ") select value ->> 0",
                $(", value ->> ", $at,)* " from json_each($1)"
            ),
        }
    };
}

/// `products`; the position is the product's place by ascending id, from 1.
pub const PRODUCTS: Table = table!("products": "id", "position", "default_price", "created_at", "updated_at", "name",
    "slogan", "description", "category", "features", "related" => 1 2 3 4 5 6 7 8 9 10);
/// `styles`.
pub const STYLES: Table = table!("styles": "product_id", "results" => 1);
/// `characteristics`; the sums are put in afterwards.
pub const CHARACTERISTICS: Table =
    table!("characteristics": "id", "product_id", "value_sum", "value_count", "name" => 1 2 3 4);
/// `reviews`.
pub const REVIEWS: Table = table!("reviews": "id", "product_id", "rating", "date", "helpfulness", "recommend", "reported",
    "summary", "body", "reviewer_name", "reviewer_email", "response", "photos", "characteristic_values"
    => 1 2 3 4 5 6 7 8 9 10 11 12 13);
/// `questions`.
pub const QUESTIONS: Table = table!("questions": "id", "product_id", "date", "helpfulness", "reported", "body",
    "asker_name", "asker_email" => 1 2 3 4 5 6 7);
/// `answers`.
pub const ANSWERS: Table = table!("answers": "id", "question_id", "date", "helpfulness", "reported", "body",
    "answerer_name", "answerer_email", "photos", "photo_urls" => 1 2 3 4 5 6 7 8 9);
/// `legacy_cart`.
pub const LEGACY_CART: Table =
    table!("legacy_cart": "id", "product_id", "active", "user_session" => 1 2 3);
/// `store_facts`.
pub const STORE_FACTS: Table = table!("store_facts": "name", "value" => 1);

/// Every table that is loaded.
pub const TABLES: &[Table] = &[
    PRODUCTS,
    STYLES,
    CHARACTERISTICS,
    REVIEWS,
    QUESTIONS,
    ANSWERS,
    LEGACY_CART,
    STORE_FACTS,
];

/// Empties every table, a statement each.
pub const EMPTY: &[&str] = &[
    "delete from products",
    "delete from styles",
    "delete from characteristics",
    "delete from reviews",
    "delete from review_totals",
    "delete from questions",
    "delete from answers",
    "delete from cart_items",
    "delete from interactions",
    "delete from idempotency_keys",
    "delete from legacy_cart",
    "delete from store_facts",
];
/// Counts the review totals.
pub const TOTALS: &str = include_str!("../queries/load/totals.sql");
/// Adds up the characteristic values, on PostgreSQL.
pub const SUMS_POSTGRES: &str = include_str!("../queries/load/sums.postgres.sql");
/// Adds up the characteristic values, on SQLite.
pub const SUMS_SQLITE: &str = include_str!("../queries/load/sums.sqlite.sql");
/// Sets where new ids start, on PostgreSQL: `$1` review, `$2` answer.
pub const IDS_POSTGRES: &str = include_str!("../queries/load/ids.postgres.sql");
/// Forgets where new ids start, on SQLite; before [`IDS_SQLITE`].
pub const FORGET_IDS_SQLITE: &str = "delete from sqlite_sequence";
/// Sets where new ids start, on SQLite: `$1` review, `$2` answer.
pub const IDS_SQLITE: &str = include_str!("../queries/load/ids.sqlite.sql");
