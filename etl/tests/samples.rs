//! Validates the sample files: each record has the outcome of `expected.json`, and its values.

use std::borrow::Cow;
use std::fs;
use std::path::{Path, PathBuf};

use atelier_core::Millis;
use atelier_etl::{FileReport, Outcome, RowValidator, SpillDir, TABLES, TableSchema, Value};

struct Found {
    line: u64,
    id: String,
    outcome: String,
    /// Values of a loaded record. Empty for others.
    values: Vec<Value<'static>>,
}

fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples")
}

fn owned(value: &Value<'_>) -> Value<'static> {
    match value {
        Value::Null => Value::Null,
        Value::Int(number) => Value::Int(*number),
        Value::Bool(flag) => Value::Bool(*flag),
        Value::Text(text) => Value::Text(Cow::Owned(text.to_string())),
    }
}

type Validated = (&'static TableSchema, Vec<Found>, FileReport);

/// Returns all records of all files, in load order.
fn validate_all() -> Vec<Validated> {
    let mut validator = RowValidator::new(Millis(1_764_000_000_000), &SpillDir::default());
    let mut all = Vec::new();
    for table in &TABLES {
        let bytes = fs::read(samples().join(table.name)).expect(table.name);
        let mut seen = Vec::new();
        let report = validator
            .validate_file(table, &bytes[..], |record, outcome: Outcome, row| {
                let values = row
                    .iter()
                    .flat_map(|row| &row.values[..table.columns.len()])
                    .map(owned)
                    .collect();
                seen.push(Found {
                    line: record.line,
                    id: record.id().to_owned(),
                    outcome: outcome.to_string(),
                    values,
                });
                Ok(())
            })
            .expect(table.name);
        all.push((table, seen, report));
    }
    all
}

#[test]
fn each_record_has_the_expected_outcome() {
    let text = fs::read_to_string(samples().join("expected.json")).expect("expected.json");
    let expected: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(expected.as_object().map(serde_json::Map::len), Some(14));
    for (table, seen, report) in validate_all() {
        let found: Vec<_> = seen
            .iter()
            .map(|seen| serde_json::json!([seen.id, seen.outcome]))
            .collect();
        let expected = expected[table.name].as_array().expect(table.name);
        for (at, (found, expected)) in found.iter().zip(expected).enumerate() {
            assert_eq!(found, expected, "{}, line {}", table.name, seen[at].line);
        }
        assert_eq!(found.len(), expected.len(), "{}", table.name);
        assert!(report.totals().is_balanced());
    }
}

#[test]
fn counts_of_each_file_are_as_expected() {
    // Lines, clean, repaired, rejected, skipped, joined.
    let table = [
        ("product.csv", 32, 15, 7, 7, 1, 1),
        ("features.csv", 26, 19, 3, 3, 1, 0),
        ("styles.csv", 35, 24, 6, 4, 0, 0),
        ("photos.csv", 41, 28, 8, 4, 0, 0),
        ("skus.csv", 41, 33, 2, 5, 0, 0),
        ("related.csv", 37, 30, 0, 5, 1, 0),
        ("cart.csv", 23, 20, 0, 2, 0, 0),
        ("reviews.csv", 32, 14, 7, 8, 0, 2),
        ("characteristics.csv", 50, 44, 2, 3, 0, 0),
        ("reviews_photos.csv", 25, 17, 2, 5, 0, 0),
        ("characteristic_reviews.csv", 48, 39, 2, 6, 0, 0),
        ("questions.csv", 28, 17, 5, 5, 0, 0),
        ("answers.csv", 34, 28, 2, 3, 0, 0),
        ("answers_photos.csv", 29, 23, 1, 4, 0, 0),
    ];
    for ((table, _, report), (name, lines, clean, repaired, rejected, skipped, joined)) in
        validate_all().iter().zip(table)
    {
        let totals = report.totals();
        let found = (
            totals.lines,
            report.clean,
            report.repaired,
            totals.rejected,
            totals.skipped,
            totals.joined,
        );
        assert_eq!(
            (table.name, found),
            (name, (lines, clean, repaired, rejected, skipped, joined))
        );
        assert_eq!(report.header, u64::from(name != "features.csv"));
    }
}

/// Returns the value in a column of the record that starts on a line of a file.
fn value(file: &str, line: u64, column: &str) -> Value<'static> {
    thread_local!(static ALL: Vec<Validated> = validate_all());
    ALL.with(|all| {
        let (table, seen, _) = all
            .iter()
            .find(|(table, ..)| table.name == file)
            .expect(file);
        let at = table
            .columns
            .iter()
            .position(|known| known.name == column)
            .expect(column);
        let row = seen
            .iter()
            .find(|seen| seen.line == line)
            .expect("a record on that line");
        row.values
            .get(at)
            .cloned()
            .unwrap_or_else(|| panic!("{file}, line {line} is {}", row.outcome))
    })
}

#[test]
fn texts_are_parsed() {
    #[rustfmt::skip]
    let table = [
        ("product.csv", 3, "description", "Worn outdoors, indoors, or both, and never apologised for."),
        ("product.csv", 5, "description", "  Two spaces before and one after "),
        ("product.csv", 7, "slogan", "Steady \"deck\" grip"),
        ("product.csv", 8, "description", "First paragraph.\nSecond paragraph, still the same field."),
        ("product.csv", 15, "slogan", ""), ("product.csv", 15, "description", "  "),
        ("product.csv", 16, "description", "Café lining, naïve cut"),
        ("product.csv", 18, "slogan", "Crème colourway"), ("product.csv", 29, "name", "NullByte Beanie"),
        ("features.csv", 13, "value", "95% Cotton, 5% Elastic"), ("features.csv", 16, "value", "Relaxxed"),
        ("features.csv", 18, "value", ""), ("features.csv", 19, "value", "'Loose'"),
        ("features.csv", 25, "feature", "Stitching"), ("features.csv", 25, "value", "Chain Seam"),
        ("styles.csv", 23, "name", "Plain Unquoted"), ("styles.csv", 25, "name", "Half closed"),
        ("skus.csv", 7, "size", "XL"), ("skus.csv", 16, "size", " M "),
        ("reviews.csv", 7, "body", "Body has a\nline break, and \"quotes\", and\n3, 2, 1 on its own line"),
        ("reviews.csv", 17, "summary", ""), ("reviews.csv", 17, "reviewer_name", ""),
        ("reviews.csv", 17, "response", ""), ("reviews.csv", 20, "summary", " null "),
        ("reviews.csv", 20, "body", "  Blanks at both ends. "), ("reviews.csv", 20, "reviewer_name", "val "),
        ("reviews.csv", 20, "response", " Thanks "), ("characteristics.csv", 8, "name", "Length"),
        ("characteristics.csv", 21, "name", "Comfort"),
        ("questions.csv", 3, "body", "Does it shrink, fade, or both?"), ("questions.csv", 19, "body", "Any left"),
        ("questions.csv", 19, "asker_name", "gu gu"), ("questions.csv", 20, "asker_name", "anonymous"),
        ("answers.csv", 8, "body", "Said \"never\", twice."), ("answers.csv", 9, "body", "He said \"never\" once"),
        ("answers.csv", 13, "body", "Dash — and curly “quotes”"), ("answers.csv", 21, "answerer_name", "no "),
        ("answers.csv", 34, "body", "Last row, no newline after it"),
    ];
    for (file, line, column, text) in table {
        assert_eq!(
            value(file, line, column),
            Value::Text(text.into()),
            "{file}, line {line}, {column}"
        );
    }
}

#[test]
fn numbers_and_prices_are_parsed() {
    #[rustfmt::skip]
    let table = [
        ("product.csv", 5, "default_price", 6_400), ("product.csv", 6, "default_price", 10_100),
        ("product.csv", 7, "default_price", 8_700), ("product.csv", 12, "default_price", 500_000_000),
        ("product.csv", 20, "default_price", 111_900), ("product.csv", 31, "default_price", 7_700),
        ("styles.csv", 7, "sale_price", 6_200), ("styles.csv", 7, "original_price", 7_200),
        ("styles.csv", 23, "original_price", 57_100), ("skus.csv", 16, "quantity", 17),
        ("skus.csv", 22, "quantity", 0), ("reviews.csv", 4, "date", 1_594_000_000_000),
        ("reviews.csv", 21, "helpfulness", 0), ("reviews.csv", 24, "helpfulness", 0),
        ("reviews.csv", 25, "date", 4_102_444_800_000), ("characteristic_reviews.csv", 18, "value", 3),
        ("characteristic_reviews.csv", 20, "value", 4), ("questions.csv", 2, "helpful", 1),
        ("answers.csv", 23, "helpful", 0),
    ];
    for (file, line, column, number) in table {
        assert_eq!(
            value(file, line, column),
            Value::Int(number),
            "{file}, line {line}, {column}"
        );
    }
}

#[test]
fn dates_are_parsed_as_utc() {
    #[rustfmt::skip]
    let table = [
        ("reviews.csv", 3, "date", "2019-03-09T00:00:00.000Z"),
        ("reviews.csv", 5, "date", "2020-09-15T11:07:42.000Z"),
        ("questions.csv", 6, "date_written", "2018-06-21T00:00:00.000Z"),
        ("questions.csv", 17, "date_written", "2020-11-04T16:30:00.000Z"),
    ];
    for (file, line, column, instant) in table {
        let Value::Int(millis) = value(file, line, column) else {
            panic!("{file}, line {line} holds no date")
        };
        assert_eq!(Millis(millis).to_string(), instant);
    }
}

#[test]
fn booleans_are_parsed() {
    #[rustfmt::skip]
    let table = [
        ("styles.csv", 19, "default_style", true), ("styles.csv", 32, "default_style", true),
        ("reviews.csv", 4, "recommend", true), ("reviews.csv", 4, "reported", false),
        ("reviews.csv", 32, "reported", true), ("questions.csv", 6, "reported", false),
        ("questions.csv", 10, "reported", true),
    ];
    for (file, line, column, flag) in table {
        assert_eq!(
            value(file, line, column),
            Value::Bool(flag),
            "{file}, line {line}, {column}"
        );
    }
}

#[test]
fn nulls_are_parsed() {
    #[rustfmt::skip]
    let table = [
        ("product.csv", 14, "slogan"), ("features.csv", 3, "value"), ("features.csv", 10, "value"),
        ("features.csv", 26, "value"), ("styles.csv", 4, "sale_price"), ("styles.csv", 9, "sale_price"),
        ("photos.csv", 19, "thumbnail_url"), ("reviews.csv", 4, "response"), ("reviews.csv", 18, "summary"),
        ("reviews.csv", 19, "reviewer_email"), ("questions.csv", 10, "asker_email"),
    ];
    for (file, line, column) in table {
        assert_eq!(
            value(file, line, column),
            Value::Null,
            "{file}, line {line}, {column}"
        );
    }
}

#[test]
fn image_urls_are_complete() {
    let all = validate_all();
    let photos = |file: &str| {
        let (table, seen, _) = all
            .iter()
            .find(|(table, ..)| table.name == file)
            .expect(file);
        (
            table.columns.len(),
            seen.iter()
                .filter(|seen| !seen.values.is_empty())
                .collect::<Vec<_>>(),
        )
    };
    for file in ["photos.csv", "reviews_photos.csv", "answers_photos.csv"] {
        let (columns, seen) = photos(file);
        for photo in seen {
            for value in &photo.values[2..columns] {
                let Value::Text(url) = value else { continue };
                let good = url.starts_with("https://img.example.test/pho")
                    || url.starts_with("data:image/jpeg;base64,");
                // A merged record would contain a quote or the next line.
                assert!(
                    good && !url.contains(['"', '\n', ' ']),
                    "{file}, line {}: {url}",
                    photo.line
                );
            }
        }
    }
    let (_, photos) = photos("photos.csv");
    let thumbnail = |line: u64| {
        photos
            .iter()
            .find(|photo| photo.line == line)
            .map(|photo| &photo.values[3])
    };
    let long = thumbnail(23).and_then(|value| {
        if let Value::Text(text) = value {
            Some(text.len())
        } else {
            None
        }
    });
    assert!(
        long.is_some_and(|length| length > 2_000),
        "a data URL is not truncated: {long:?}"
    );
    for line in [6, 16, 21, 26] {
        let Some(Value::Text(url)) = thumbnail(line) else {
            panic!("line {line} has a thumbnail")
        };
        assert!(url.ends_with("w=300&q=80"), "{url}");
    }
}

#[test]
fn odd_but_valid_values_cause_warnings() {
    let all = validate_all();
    let warnings: Vec<_> = all
        .iter()
        .flat_map(|(table, _, report)| {
            report
                .warnings
                .iter()
                .map(|(warning, count)| (table.name, warning.as_str(), *count))
        })
        .collect();
    assert_eq!(
        warnings,
        [
            ("styles.csv", "SALE_ABOVE_ORIGINAL", 1),
            ("styles.csv", "TWO_DEFAULTS", 1),
            ("reviews.csv", "FUTURE_DATE", 1)
        ]
    );
}
