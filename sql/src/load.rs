//! Bulk loading: rows go into staging tables, which replace the served tables at the end.
//!
//! On PostgreSQL the staging tables are named `load_...`; on SQLite they are in a second file.

/// A table that a load fills, and its statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Table {
    /// The name of the served table.
    pub name: &'static str,
    /// PostgreSQL: `COPY` in text format.
    pub copy: &'static str,
    /// PostgreSQL: counts the rows.
    pub count_postgres: &'static str,
    /// PostgreSQL: creates the primary key and the indexes, and collects statistics.
    pub indexes_postgres: &'static [&'static str],
    /// SQLite: inserts a row.
    pub insert: &'static str,
    /// SQLite: counts the rows.
    pub count_sqlite: &'static str,
    /// SQLite: creates the indexes.
    pub indexes_sqlite: &'static [&'static str],
}

/// Defines a table by its name, its columns (the key first) and its indexes.
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

/// `products`; `position` is the ordinal by ascending id, from 1.
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

/// All tables that are loaded; the ones with the slowest indexes first.
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

/// Reads a fact: `$1` name.
pub const FACT: &str = "select value from store_facts where name = $1";
/// Deletes a fact: `$1` name.
pub const DELETE_FACT: &str = "delete from store_facts where name = $1";
/// Inserts a fact: `$1` name, `$2` value.
pub const ADD_FACT: &str = "insert into store_facts (name, value) values ($1, $2)";
/// Delete carts, interactions and idempotency keys of a demo.
pub const DELETE_CLIENT_DATA: &[&str] = &[
    "delete from cart_items",
    "delete from interactions",
    "delete from idempotency_keys",
];

/// The progress of a load: the last loaded id of each table.
pub const PROGRESS: &str = "select name, last_id from load_progress";
/// Records the progress: `$1` table, `$2` last id.
pub const ADVANCE: &str = "insert into load_progress (name, last_id) values ($1, $2) \
    on conflict (name) do update set last_id = excluded.last_id";

/// PostgreSQL: creates the staging tables; several statements.
pub const BEGIN_POSTGRES: &str = include_str!("../queries/load/begin.postgres.sql");
/// PostgreSQL: takes the advisory lock of a load for this session; false when another session holds it.
pub const CLAIM_POSTGRES: &str = "select pg_try_advisory_lock(hashtext('atelier load'))";
/// PostgreSQL: waits for that lock.
pub const WAIT_FOR_CLAIM_POSTGRES: &str = "select pg_advisory_lock(hashtext('atelier load'))";
/// PostgreSQL: sets the lock timeout of this transaction: `$1` milliseconds, as text.
pub const LIMIT_WAITS_POSTGRES: &str = "select set_config('lock_timeout', $1, true)";
/// PostgreSQL: locks the staging tables.
pub const LOCK_LOADED_POSTGRES: &str = include_str!("../queries/load/lock_loaded.postgres.sql");
/// PostgreSQL: locks the served tables.
pub const LOCK_POSTGRES: &str = include_str!("../queries/load/lock.postgres.sql");
/// PostgreSQL: replaces the served tables; several statements.
pub const EXCHANGE_POSTGRES: &str = include_str!("../queries/load/exchange.postgres.sql");
/// PostgreSQL: sets the next ids: `$1` review, `$2` answer.
pub const IDS_POSTGRES: &str = include_str!("../queries/load/ids.postgres.sql");

/// SQLite: whether the file has an unfinished load.
pub const BEGUN_SQLITE: &str =
    "select exists (select 1 from sqlite_master where name = 'load_progress')";
/// SQLite: prepares a new file for a load; several statements.
pub const BEGIN_SQLITE: &str = include_str!("../queries/load/begin.sqlite.sql");
/// SQLite: attaches the served file: `$1` path.
pub const ATTACH_SQLITE: &str = "attach $1 as served";
/// SQLite: copies carts, interactions and idempotency keys; several statements.
pub const KEEP_CLIENT_DATA_SQLITE: &str =
    include_str!("../queries/load/keep_client_data.sqlite.sql");
/// SQLite: drops the table of the progress.
pub const END_SQLITE: &str = "drop table load_progress";
/// SQLite: deletes the next ids; runs before [`IDS_SQLITE`].
pub const DELETE_IDS_SQLITE: &str =
    "delete from sqlite_sequence where name in ('reviews', 'questions', 'answers')";
/// SQLite: inserts the next ids: `$1` review, `$2` answer.
pub const IDS_SQLITE: &str = include_str!("../queries/load/ids.sqlite.sql");
