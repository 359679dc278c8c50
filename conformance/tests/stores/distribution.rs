//! Checks `docs/distributing.md` against the statements: each touches the rows of one key, by that key, or is listed there
//! with the reason.

use std::collections::BTreeSet;

use atelier_sql::{READS, WRITES};

const PAGE: &str = include_str!("../../../docs/distributing.md");

/// A distributed table, its distribution column, and the kind of key in it.
type Distributed = (&'static str, &'static str, &'static str);

/// The distributed tables; all others are local or replicated.
const DISTRIBUTED: &[Distributed] = &[
    ("products", "id", "product"),
    ("styles", "product_id", "product"),
    ("reviews", "product_id", "product"),
    ("review_totals", "product_id", "product"),
    ("characteristics", "product_id", "product"),
    ("questions", "product_id", "product"),
    ("answers", "question_id", "question"),
    ("cart_items", "owner", "owner"),
    ("idempotency_keys", "scope", "scope"),
    ("interactions", "id", "id"),
];

/// Returns name and text of the statements for PostgreSQL. Batched statements filter like the single ones.
fn statements() -> Vec<(&'static str, &'static str)> {
    let reads = READS.iter().map(|read| (read.name, read.text));
    let writes = WRITES.iter().map(|write| (write.name, write.postgres));
    reads.chain(writes).collect()
}

/// Splits a statement without comments into words, parentheses and commas.
fn words(text: &str) -> Vec<String> {
    let lines = text.lines();
    let lines = lines.filter(|line| !line.trim_start().starts_with("--"));
    let mut text = lines.collect::<Vec<_>>().join(" ");
    for apart in ["(", ")", ","] {
        text = text.replace(apart, &format!(" {apart} "));
    }
    text.split_whitespace().map(str::to_owned).collect()
}

/// A table that a statement reads or writes.
struct Mention {
    table: &'static Distributed,
    by_key: bool,
}

fn mentions(words: &[String]) -> Vec<Mention> {
    let mut mentions = vec![];
    for (place, pair) in words.windows(2).enumerate() {
        let table = DISTRIBUTED.iter().find(|(table, ..)| *table == pair[1]);
        let before = pair[0].as_str();
        if let Some(table) = table
            && ["from", "join", "into", "update"].contains(&before)
        {
            // An inserted row contains its key.
            let by_key = before == "into" || is_by_key(&words[place + 2..], table);
            mentions.push(Mention { table, by_key });
        }
    }
    mentions
}

/// Returns whether the query after the name of a table compares its key with a bound value, or with the same key of another
/// table.
fn is_by_key(after: &[String], (table, key, _): &Distributed) -> bool {
    let mut depth = 0;
    let query = after.iter().take_while(|word| {
        depth += match word.as_str() {
            "(" => 1,
            ")" => -1,
            _ => 0,
        };
        depth >= 0
    });
    let query: Vec<_> = query.collect();
    let alias = query.first().map(|alias| alias.as_str());
    let own = |word: &str| match word.split_once('.') {
        Some((of, column)) => column == *key && (of == *table || Some(of) == alias),
        None => word == *key,
    };
    let same =
        |word: &str| word.starts_with('$') || word.ends_with(".product_id") || word == "product.id";
    let mut depth = 0;
    query.windows(3).any(|three| {
        depth += match three[0].as_str() {
            "(" => 1,
            ")" => -1,
            _ => 0,
        };
        depth == 0 && own(three[0]) && three[1] == "=" && same(three[2])
    })
}

/// Returns the names in the first column of a section's table.
fn named(section: &str) -> BTreeSet<&'static str> {
    let (_, section) = PAGE.split_once(section).expect("the section");
    let section = section.split("\n## ").next().expect("its text");
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    rows.filter_map(|row| row.split('`').nth(1)).collect()
}

#[test]
fn statements_filter_by_distribution_key_or_are_documented() {
    let without = statements().into_iter().filter(|(_, text)| {
        let mentions = mentions(&words(text));
        assert!(!mentions.is_empty(), "{text}");
        mentions.iter().any(|mention| !mention.by_key)
    });
    let without: BTreeSet<_> = without.map(|(name, _)| name).collect();
    assert_eq!(without, named("\n## Statements without the key\n"));
}

#[test]
fn statements_touch_one_key_or_are_documented() {
    let several = statements().into_iter().filter(|(_, text)| {
        let mentions = mentions(&words(text));
        let keys: BTreeSet<_> = mentions.iter().map(|mention| mention.table.2).collect();
        keys.len() > 1
    });
    let several: BTreeSet<_> = several.map(|(name, _)| name).collect();
    assert_eq!(several, named("\n## Statements of two keys\n"));
}

#[test]
fn document_lists_every_table_with_its_key() {
    for (table, key, _) in DISTRIBUTED {
        let row = format!("| `{table}` | `{key}` |");
        assert!(PAGE.contains(&row), "{row}");
    }
    let schema = [
        include_str!("../../../sql/postgres/0001_init.sql"),
        include_str!("../../../sql/postgres/0002_changes.sql"),
    ];
    let lines = schema.iter().flat_map(|text| text.lines());
    let tables = lines.filter_map(|line| line.strip_prefix("create table ")?.split(' ').next());
    let tables: BTreeSet<_> = tables.collect();
    assert_eq!(tables, named("\n## Distribution columns\n"));
}

#[test]
fn statement_without_key_is_detected() {
    for (text, by_key) in [
        ("select 1 from reviews where product_id = $1", true),
        ("select 1 from reviews r where r.product_id = $1", true),
        ("select 1 from reviews where id = $1", false),
        ("select 1 from reviews r where other.product_id = $1", false),
        (
            "select 1 from (select 1 from reviews) r where product_id = $1",
            false,
        ),
        (
            "select 1 from reviews where exists (select 1 from questions where product_id = $1)",
            false,
        ),
        (
            "update answers set body = $2 where question_id = questions.id",
            false,
        ),
    ] {
        assert_eq!(mentions(&words(text))[0].by_key, by_key, "{text}");
    }
}
