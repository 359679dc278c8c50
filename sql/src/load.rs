//! Bulk loading: rows go into tables that nobody reads yet, which then take the place of those that are served.
//!
//! On PostgreSQL these are tables named `load_…` beside the others; on SQLite they are those of a second file.

/// A table as a loader fills it; `columns` is the order of the values of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Table {
    /// Its name when it is served.
    pub name: &'static str,
    /// PostgreSQL: takes rows in COPY's text form.
    pub copy: &'static str,
    /// PostgreSQL: how many rows it holds.
    pub count_postgres: &'static str,
    /// PostgreSQL: the key and the indexes it gets when it is full, then its statistics.
    pub indexes_postgres: &'static [&'static str],
    /// SQLite: takes a row.
    pub insert: &'static str,
    /// SQLite: how many rows it holds.
    pub count_sqlite: &'static str,
    /// SQLite: the indexes it gets when it is full.
    pub indexes_sqlite: &'static [&'static str],
}

/// The texts of a table from the names of its columns, of which the first is the key, and its indexes.
macro_rules! table {
    ($name:literal: $first:literal $(, $column:literal)* => $($bind:literal)*;
     $($index:literal on $on:literal),*) => {
        Table {
            name: $name,
            copy: concat!("copy load_", $name, " (", $first $(, ", ", $column)*, ") from stdin"),
            count_postgres: concat!("select count(*) from load_", $name),
            indexes_postgres: &[
                concat!("alter table load_", $name, " drop constraint if exists load_", $name, "_pkey, add primary key (", $first, ")"),
                $(concat!("create index if not exists load_", $index, " on load_", $name, " ", $on),)*
                concat!("analyze load_", $name),
            ],
            insert: concat!(
                "insert into ", $name, " (", $first $(, ", ", $column)*, ") values ($1", $(", $", $bind,)* ")"
            ),
            count_sqlite: concat!("select count(*) from ", $name),
            indexes_sqlite: &[$(concat!("create index ", $index, " on ", $name, " ", $on)),*],
        }
    };
}

/// `products`; the position is the product's place by ascending id, from 1.
pub const PRODUCTS: Table = table!("products": "id", "position", "default_price", "created_at", "updated_at", "name",
    "slogan", "description", "category", "features", "related" => 2 3 4 5 6 7 8 9 10 11;
    "products_by_position" on "(position)");
/// `styles`.
pub const STYLES: Table = table!("styles": "product_id", "results" => 2;);
/// `characteristics`.
pub const CHARACTERISTICS: Table = table!("characteristics": "id", "product_id", "value_sum", "value_count", "name" => 2 3 4 5;
    "characteristics_by_product" on "(product_id, id)");
/// `reviews`.
pub const REVIEWS: Table = table!("reviews": "id", "product_id", "rating", "date", "helpfulness", "recommend", "reported",
    "summary", "body", "reviewer_name", "reviewer_email", "response", "photos", "characteristic_values"
    => 2 3 4 5 6 7 8 9 10 11 12 13 14;
    "reviews_by_helpfulness" on "(product_id, helpfulness desc, id desc) where not reported",
    "reviews_by_date" on "(product_id, date desc, id desc) where not reported");
/// `review_totals`.
pub const REVIEW_TOTALS: Table = table!("review_totals": "product_id", "star_1", "star_2", "star_3", "star_4", "star_5",
    "recommend_no", "recommend_yes" => 2 3 4 5 6 7 8;);
/// `questions`.
pub const QUESTIONS: Table = table!("questions": "id", "product_id", "date", "helpfulness", "reported", "body",
    "asker_name", "asker_email" => 2 3 4 5 6 7 8;
    "questions_by_helpfulness" on "(product_id, helpfulness desc, id desc) where not reported");
/// `answers`.
pub const ANSWERS: Table = table!("answers": "id", "question_id", "date", "helpfulness", "reported", "body",
    "answerer_name", "answerer_email", "photos", "photo_urls" => 2 3 4 5 6 7 8 9 10;
    "answers_by_id" on "(question_id, id) where not reported",
    "answers_by_helpfulness" on "(question_id, helpfulness desc, id) where not reported");
/// `legacy_cart`.
pub const LEGACY_CART: Table =
    table!("legacy_cart": "id", "product_id", "active", "user_session" => 2 3 4;);

/// Every table that is loaded, those first whose indexes take long.
pub const TABLES: &[Table] = &[
    REVIEWS,
    ANSWERS,
    QUESTIONS,
    CHARACTERISTICS,
    STYLES,
    PRODUCTS,
    REVIEW_TOTALS,
    LEGACY_CART,
];

/// A fact: `$1` its name.
pub const FACT: &str = "select value from store_facts where name = $1";
/// Forgets a fact: `$1` its name.
pub const FORGET_FACT: &str = "delete from store_facts where name = $1";
/// Writes a fact down: `$1` its name, `$2` its value.
pub const ADD_FACT: &str = "insert into store_facts (name, value) values ($1, $2)";
/// Forgets what shoppers have left in a demo, a statement each.
pub const FORGET_SHOPPERS: &[&str] = &[
    "delete from cart_items",
    "delete from interactions",
    "delete from idempotency_keys",
];

/// How far a load has come: name of a table, its last id.
pub const PROGRESS: &str = "select name, last_id from load_progress";
/// Writes down how far it has come: `$1` table, `$2` last id.
pub const ADVANCE: &str = "insert into load_progress (name, last_id) values ($1, $2) \
    on conflict (name) do update set last_id = excluded.last_id";

/// PostgreSQL: makes the tables; several statements.
pub const BEGIN_POSTGRES: &str = include_str!("../queries/load/begin.postgres.sql");
/// PostgreSQL: claims the right to load into this database for the session; false when another has it.
pub const CLAIM_POSTGRES: &str = "select pg_try_advisory_lock(hashtext('atelier load'))";
/// PostgreSQL: claims it, and waits for another that has it.
pub const WAIT_FOR_CLAIM_POSTGRES: &str = "select pg_advisory_lock(hashtext('atelier load'))";
/// PostgreSQL: bounds the waits for locks of this transaction: `$1` milliseconds, as a text.
pub const LIMIT_WAITS_POSTGRES: &str = "select set_config('lock_timeout', $1, true)";
/// PostgreSQL: locks what was loaded.
pub const LOCK_LOADED_POSTGRES: &str = include_str!("../queries/load/lock_loaded.postgres.sql");
/// PostgreSQL: locks what is served.
pub const LOCK_POSTGRES: &str = include_str!("../queries/load/lock.postgres.sql");
/// PostgreSQL: the exchange; several statements.
pub const EXCHANGE_POSTGRES: &str = include_str!("../queries/load/exchange.postgres.sql");
/// PostgreSQL: sets where new ids start: `$1` review, `$2` answer.
pub const IDS_POSTGRES: &str = include_str!("../queries/load/ids.postgres.sql");

/// SQLite: whether a load has begun in a file.
pub const BEGUN_SQLITE: &str =
    "select exists (select 1 from sqlite_master where name = 'load_progress')";
/// SQLite: makes a new file ready to be filled; several statements.
pub const BEGIN_SQLITE: &str = include_str!("../queries/load/begin.sqlite.sql");
/// SQLite: opens the file that is served beside the new one: `$1` its path.
pub const ATTACH_SQLITE: &str = "attach $1 as served";
/// SQLite: takes over what shoppers have left; several statements.
pub const KEEP_SQLITE: &str = include_str!("../queries/load/keep.sqlite.sql");
/// SQLite: forgets how far the load has come, as it is complete.
pub const END_SQLITE: &str = "drop table load_progress";
/// SQLite: forgets where new ids start; before [`IDS_SQLITE`].
pub const FORGET_IDS_SQLITE: &str =
    "delete from sqlite_sequence where name in ('reviews', 'questions', 'answers')";
/// SQLite: sets where new ids start: `$1` review, `$2` answer.
pub const IDS_SQLITE: &str = include_str!("../queries/load/ids.sqlite.sql");
