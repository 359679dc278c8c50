//! Generated files come to exactly the counts of their manifest, and have the shape and the dirt of the real ones.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use atelier_core::Millis;
use atelier_etl::Value as AnyValue;
use atelier_etl::{
    FileReport, Generate, Judge, LAYOUTS, Manifest, Reason, Row, Scratch, Skip, Vintage, Warning,
    generate,
};
use serde_json::{Value, json};

const NOVEMBER_2026: Millis = Millis(1_795_000_000_000);

fn options(dir: &Path, products: u64, seed: u64, dirt: f64, vintage: Vintage) -> Generate {
    Generate {
        dir: dir.to_owned(),
        products,
        seed,
        dirt,
        vintage,
        no_features_header: false,
        url_length: None,
    }
}

fn late(dir: &Path, products: u64) -> Manifest {
    generate(&options(dir, products, 42, 0.0, Vintage::Late)).expect("writes")
}

/// Judges all files of a directory, and hands each loaded row to `each`.
fn judge(dir: &Path, mut each: impl FnMut(&str, Row<'_>)) -> HashMap<&'static str, FileReport> {
    let mut judge = Judge::new(NOVEMBER_2026, &Scratch::default());
    let reports = LAYOUTS.iter().map(|layout| {
        let file = fs::File::open(dir.join(layout.name)).expect(layout.name);
        let report = judge.file(layout, file, |_, _, row| {
            if let Some(row) = row {
                each(layout.name, row);
            }
            Ok(())
        });
        (layout.name, report.expect(layout.name))
    });
    reports.collect()
}

fn counts<K: Copy>(
    counts: impl IntoIterator<Item = (K, u64)>,
    name: fn(K) -> &'static str,
) -> Value {
    counts
        .into_iter()
        .map(|(key, count)| (name(key).to_owned(), json!(count)))
        .collect()
}

/// A report in the words of the manifest.
fn in_words(report: &FileReport) -> Value {
    let sum = report.sum();
    json!({
        "lines": sum.lines,
        "header": sum.headers,
        "records": sum.loaded + sum.rejected + sum.skipped,
        "loaded": sum.loaded,
        "repaired": report.repaired,
        "joined": sum.joined,
        "rejected": counts(report.rejected.clone(), Reason::as_str),
        "skipped": counts(report.skipped.clone(), Skip::as_str),
        "warnings": counts(report.warnings.clone(), Warning::as_str),
    })
}

/// The files are judged as the manifest has it, and are as long as it says.
fn assert_as_promised(dir: &Path) -> Value {
    let text = fs::read_to_string(dir.join("manifest.json")).expect("a manifest");
    let manifest: Value = serde_json::from_str(&text).expect("JSON");
    let mut highest = HashMap::<String, u64>::new();
    let reports = judge(dir, |file, row| {
        let known = highest.entry(file.to_owned()).or_default();
        *known = (*known).max(u64::from(row.id));
    });
    for layout in &LAYOUTS {
        let mut expected = manifest["files"][layout.name].clone();
        let file = expected.as_object_mut().expect("an object");
        file.remove("rows");
        let length = fs::metadata(dir.join(layout.name)).expect("a file").len();
        assert_eq!(file.remove("bytes"), Some(json!(length)), "{}", layout.name);
        let highest = highest.get(layout.name).copied().unwrap_or(0);
        assert_eq!(
            file.remove("highest_id"),
            Some(json!(highest)),
            "{}",
            layout.name
        );
        assert_eq!(
            in_words(&reports[layout.name]),
            expected,
            "{} of {}",
            layout.name,
            dir.display()
        );
    }
    manifest
}

#[test]
fn what_is_promised_is_what_the_reader_finds() {
    for (products, seed, dirt, vintage) in [
        (1, 42, 0.0, Vintage::Late),
        (2, 42, 0.0, Vintage::Late),
        (5, 42, 0.0, Vintage::Early),
        (11, 1, 0.0, Vintage::Late),
        (12, 1, 0.01, Vintage::Late),
        (50, 7, 0.0, Vintage::Late),
        (200, 8, 0.02, Vintage::Early),
        (2_000, 42, 0.02, Vintage::Late),
        (2_000, 43, 0.001, Vintage::Late),
        (2_000, 44, 0.02, Vintage::Early),
        (1_000, 46, 1.0, Vintage::Late),
        (2_000, 45, 0.0, Vintage::Early),
    ] {
        let dir = tempfile::tempdir().expect("a directory");
        generate(&options(dir.path(), products, seed, dirt, vintage)).expect("writes");
        assert_as_promised(dir.path());
    }
}

fn read(dir: &Path, name: &str) -> String {
    String::from_utf8(fs::read(dir.join(name)).expect(name)).expect("UTF-8")
}

#[test]
fn without_dirt_all_rows_are_there_and_only_the_documented_ones_are_damaged() {
    let dir = tempfile::tempdir().expect("a directory");
    let manifest = late(dir.path(), 3_000).to_json();
    let files = manifest["files"].as_object().expect("files");
    assert_eq!(files.len(), 14);
    for (name, file) in files {
        assert_eq!(file["rows"], file["records"], "{name}");
        let text = read(dir.path(), name);
        assert!(!text.ends_with('\n'), "{name} ends without a line end");
        assert_eq!(json!(text.matches('\n').count()), file["rows"], "{name}");
        assert_eq!(
            file["repaired"],
            json!(if name == "photos.csv" { 11 } else { 0 }),
            "{name}"
        );
        assert_eq!(file["skipped"], json!({}), "{name}");
        if name != "related.csv" {
            assert_eq!(file["rejected"], json!({}), "{name}");
        }
    }
    assert_eq!(files["related.csv"]["rejected"], json!({"FK_ZERO": 1}));
    assert_eq!(
        files["photos.csv"]["highest_id"],
        json!(files["photos.csv"]["rows"].as_u64().expect("a count") + 63)
    );
}

/// The records of a reader that follows quotes across lines, as COPY does.
fn records_across_lines(text: &str) -> usize {
    let mut quoted = false;
    let ends = text.bytes().filter(|byte| {
        quoted ^= *byte == b'"';
        *byte == b'\n' && !quoted
    });
    ends.count()
}

#[test]
fn a_reader_that_follows_quotes_loses_193_photos_and_no_other_row() {
    for products in [200, 2_000] {
        let dir = tempfile::tempdir().expect("a directory");
        let manifest = late(dir.path(), products).to_json();
        for layout in &LAYOUTS {
            let rows = manifest["files"][layout.name]["rows"]
                .as_u64()
                .expect("a count");
            let found = records_across_lines(&read(dir.path(), layout.name)) as u64;
            let lost = if layout.name == "photos.csv" { 193 } else { 0 };
            assert_eq!(rows - found, lost, "{}", layout.name);
        }
        let text = read(dir.path(), "photos.csv");
        let unclosed = text.lines().filter(|line| line.ends_with("q=80"));
        let ids: Vec<_> = unclosed.filter_map(|line| line.split(',').next()).collect();
        assert_eq!(
            ids,
            [
                "48", "249", "263", "272", "282", "298", "304", "315", "326", "337"
            ]
        );
        let wrong: Vec<_> = text
            .lines()
            .filter(|line| line.contains("\"uhttps://"))
            .collect();
        assert!(
            matches!(wrong[..], [line] if line.starts_with("177,")),
            "{wrong:?}"
        );
    }
}

#[test]
fn the_head_is_as_documented() {
    let dir = tempfile::tempdir().expect("a directory");
    late(dir.path(), 500);
    let mut children = HashMap::<(String, i64), u64>::new();
    let mut defaults = Vec::new();
    judge(dir.path(), |file, row| {
        if let [_, AnyValue::Int(parent), .., _] = &row.values[..] {
            *children.entry((file.to_owned(), *parent)).or_default() += 1;
            if file == "styles.csv" && row.values[5] == AnyValue::Bool(true) {
                defaults.push(*parent);
            }
        }
    });
    let count = |file: &str, parent: i64| {
        children
            .get(&(file.to_owned(), parent))
            .copied()
            .unwrap_or(0)
    };
    let styles: Vec<_> = (1..=11)
        .map(|product| count("styles.csv", product))
        .collect();
    assert_eq!(styles, [6, 4, 6, 9, 4, 2, 5, 9, 1, 6, 0]);
    for style in 7..=10 {
        assert_eq!(
            (count("photos.csv", style), count("skus.csv", style)),
            (0, 0)
        );
    }
    assert!(!defaults.contains(&7) && !defaults.contains(&9));
    assert!(defaults.contains(&8));
    assert!(
        count("reviews.csv", 500) >= 10,
        "the last product has reviews"
    );
    assert!(
        count("questions.csv", 500) >= 10,
        "the last product has questions"
    );

    let skus = read(dir.path(), "skus.csv");
    let double: Vec<_> = skus
        .lines()
        .filter(|line| line.contains(",1,\"XL\","))
        .collect();
    assert!(
        matches!(double[..], [five, six] if five.starts_with("5,") && six.starts_with("6,")),
        "{double:?}"
    );
    let ids: Vec<_> = skus
        .lines()
        .skip(1)
        .take(10)
        .filter_map(|line| line.split(',').next())
        .collect();
    assert_eq!(ids, ["1", "2", "3", "4", "5", "6", "8", "7", "9", "10"]);
    let product = read(dir.path(), "product.csv");
    let tenth = product.lines().nth(10).expect("a product");
    assert!(
        tenth.starts_with("10,") && tenth.ends_with(",5000000"),
        "{tenth}"
    );
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_one_others() {
    let files_of = |seed, dirt| {
        let dir = tempfile::tempdir().expect("a directory");
        generate(&options(dir.path(), 300, seed, dirt, Vintage::Late)).expect("writes");
        LAYOUTS
            .each_ref()
            .map(|layout| fs::read(dir.path().join(layout.name)).expect(layout.name))
    };
    for dirt in [0.0, 0.005] {
        let (first, again, other) = (files_of(1, dirt), files_of(1, dirt), files_of(2, dirt));
        assert!(first == again);
        for (layout, (first, other)) in LAYOUTS.iter().zip(first.iter().zip(&other)) {
            // The cart is one and the same in every set.
            assert!(
                layout.name == "cart.csv" || first != other,
                "{}",
                layout.name
            );
        }
    }
}

#[test]
fn the_list_names_every_dirty_line_with_its_outcome() {
    let dir = tempfile::tempdir().expect("a directory");
    generate(&options(dir.path(), 1_500, 3, 0.01, Vintage::Late)).expect("writes");
    let text = read(dir.path(), "placed.csv");
    let mut placed = HashMap::new();
    let mut outcomes = std::collections::BTreeSet::new();
    for line in text.lines().skip(1) {
        let (file, rest) = line.split_once(',').expect("a file");
        let (number, rest) = rest.split_once(',').expect("a line");
        let (_, outcome) = rest.rsplit_once(',').expect("an outcome");
        let number: u64 = number.parse().expect("a number");
        placed.insert((file.to_owned(), number), outcome.to_owned());
        outcomes.insert(outcome.to_owned());
    }
    let mut judge = Judge::new(NOVEMBER_2026, &Scratch::default());
    for layout in &LAYOUTS {
        let file = fs::File::open(dir.path().join(layout.name)).expect(layout.name);
        let report = judge.file(layout, file, |record, outcome, _| {
            let outcome = outcome.to_string();
            match placed.remove(&(layout.name.to_owned(), record.line)) {
                Some(expected) => assert_eq!(
                    outcome, expected,
                    "{}:{} {}",
                    layout.name, record.line, record.text
                ),
                // Children of rejected rows look like any other.
                None => assert!(
                    matches!(outcome.as_str(), "OK" | "REJECT:FK"),
                    "{}:{} {outcome} {}",
                    layout.name,
                    record.line,
                    record.text
                ),
            }
            Ok(())
        });
        report.expect(layout.name);
    }
    assert!(
        placed.is_empty(),
        "lines that no record begins on: {placed:?}"
    );
    for outcome in [
        "OK",
        "REPAIR",
        "REJECT:COLUMNS",
        "REJECT:ID",
        "REJECT:REQUIRED",
        "REJECT:PRICE",
        "REJECT:DATE",
        "REJECT:BOOL",
        "REJECT:URL",
        "REJECT:NAME",
        "REJECT:RANGE",
        "REJECT:FK_ZERO",
        "REJECT:FK",
        "REJECT:CROSS",
        "REJECT:DUP_ID",
        "REJECT:DUP_NAME",
        "SKIP:BLANK",
        "SKIP:DUP_IDENTICAL",
    ] {
        assert!(outcomes.contains(outcome), "no row is {outcome}");
    }
}

#[test]
fn the_early_form_looks_early() {
    let dir = tempfile::tempdir().expect("a directory");
    generate(&options(dir.path(), 500, 42, 0.0, Vintage::Early)).expect("writes");
    for (file, header) in [
        (
            "product.csv",
            "id, name, slogan, description, category, default_price",
        ),
        ("features.csv", "id, product_id, feature, value"),
        (
            "styles.csv",
            "id, product_id, name, sale_price, original_price, default_style",
        ),
        ("skus.csv", "id, style_id, size, quantity"),
        ("photos.csv", "id,style_id,url,thumbnail_url"),
    ] {
        assert_eq!(read(dir.path(), file).lines().next(), Some(header));
    }
    let reviews = read(dir.path(), "reviews.csv");
    let (first, last) = (
        reviews.lines().nth(1).expect("a row"),
        reviews.lines().last().expect("a row"),
    );
    assert!(
        first.contains(",\"201") && (first.contains(",true,") || first.contains(",false,")),
        "{first}"
    );
    assert!(
        !last.contains(",true,") && !last.contains(",false,"),
        "{last}"
    );
    assert!(read(dir.path(), "product.csv").contains(", default_price: "));
}

#[test]
fn urls_and_the_header_of_features_follow_their_switches() {
    let dir = tempfile::tempdir().expect("a directory");
    let options = Generate {
        no_features_header: true,
        url_length: Some(200),
        ..options(dir.path(), 100, 42, 0.0, Vintage::Late)
    };
    generate(&options).expect("writes");
    let manifest = assert_as_promised(dir.path());
    assert_eq!(manifest["files"]["features.csv"]["header"], json!(0));
    assert!(read(dir.path(), "features.csv").starts_with("1,1,\""));
    let photos = read(dir.path(), "reviews_photos.csv");
    for line in photos.lines().skip(1) {
        let url = line.split('"').nth(1).expect("a url");
        assert_eq!(url.len(), 200);
    }
}

#[test]
fn files_of_others_are_not_overwritten_but_its_own_are() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path();
    fs::write(path.join("skus.csv"), "precious").expect("writes");
    let again = || generate(&options(path, 3, 1, 0.0, Vintage::Late));
    let error = again().expect_err("somebody else's").to_string();
    assert!(
        error.contains("skus.csv") && error.contains("Nothing was written"),
        "{error}"
    );
    assert_eq!(read(path, "skus.csv"), "precious");
    assert_eq!(fs::read_dir(path).expect("a directory").count(), 1);

    fs::remove_file(path.join("skus.csv")).expect("removes");
    again().expect("an empty directory");
    again().expect("its own files");
    fs::rename(path.join("manifest.json"), path.join("manifest.unfinished")).expect("renames");
    again().expect("its own files, half made");
    let mut names: Vec<_> = fs::read_dir(path)
        .expect("a directory")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .into_string()
                .expect("a name")
        })
        .filter(|name| !LAYOUTS.iter().any(|layout| layout.name == name))
        .collect();
    names.sort();
    assert_eq!(names, ["manifest.json", "placed.csv"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_no_manifest() {
    let dir = tempfile::tempdir().expect("a directory");
    late(dir.path(), 3);
    fs::remove_file(dir.path().join("answers.csv")).expect("removes");
    std::os::unix::fs::symlink("/dev/full", dir.path().join("answers.csv")).expect("links");
    let output = Command::new(env!("CARGO_BIN_EXE_atelier-etl"))
        .args(["generate", "--products", "3"])
        .arg(dir.path())
        .output()
        .expect("runs");
    assert_eq!(output.status.code(), Some(1));
    let message = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(
        message.contains("answers.csv") && message.contains("the disk is full"),
        "{message}"
    );
    assert!(!dir.path().join("manifest.json").exists());
}

#[test]
fn the_program_writes_a_set_and_tells_about_it() {
    let dir = tempfile::tempdir().expect("a directory");
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_atelier-etl"));
        command
            .arg("generate")
            .arg(dir.path().join("set"))
            .args(arguments);
        command.output().expect("runs")
    };
    let output = run(&[
        "--products",
        "1000",
        "--dirt",
        "0.001",
        "--vintage",
        "early",
        "--seed",
        "9",
    ]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(
        text.contains("photos.csv") && text.contains("5,656") && text.contains("atelier-etl load"),
        "{text}"
    );
    assert_as_promised(&dir.path().join("set"));
    for wrong in [
        &["--products", "0"][..],
        &["--products", "3", "--dirt", "2"],
        &["--products", "3", "--url-length", "20"],
        &[],
    ] {
        assert_eq!(run(wrong).status.code(), Some(2), "{wrong:?}");
    }
}
