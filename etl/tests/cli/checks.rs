//! Tests of `check`.

use std::fs;
use std::process::Output;

use crate::{assert_fails, copy_samples, folder, load, names, program, samples, text};

fn check(folder: &tempfile::TempDir, dir: &std::path::Path, options: &str) -> Output {
    program(folder)
        .arg("check")
        .arg(dir)
        .args(options.split_whitespace())
        .output()
        .expect("the program starts")
}

/// Returns the two lines of a file.
fn lines_of<'t>(shown: &'t str, file: &str) -> (&'t str, &'t str) {
    let mut lines = shown.lines();
    let first = lines
        .find(|line| line.trim_start().starts_with(file))
        .unwrap_or_else(|| panic!("{file} is missing in: {shown}"));
    (first, lines.next().expect("a second line"))
}

#[test]
fn check_prints_counts_formats_and_reasons_and_writes_nothing() {
    let folder = folder();
    let output = check(&folder, &samples(), "");
    let shown = text(&output.stdout);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let (figures, more) = lines_of(&shown, "styles.csv");
    assert!(
        figures.contains(" 30 rows to load   repaired 6   rejected 4"),
        "{figures}"
    );
    assert!(
        figures.ends_with("warnings: 1 SALE_ABOVE_ORIGINAL · 1 TWO_DEFAULTS"),
        "{figures}"
    );
    assert_eq!(
        more.trim_start(),
        "958 bytes   header   bare commas, 1/0, true/false, other booleans   \
         rejected: 1 COLUMNS · 1 PRICE · 1 BOOL · 1 FK"
    );
    let (_, more) = lines_of(&shown, "features.csv");
    assert!(
        more.contains("no header") && more.contains("skipped: 1 DUP_IDENTICAL"),
        "{more}"
    );
    let (_, more) = lines_of(&shown, "skus.csv");
    assert!(more.contains("blanks after commas"), "{more}");
    let (_, more) = lines_of(&shown, "questions.csv");
    assert!(
        more.contains("dates in milliseconds, dates as days, other dates"),
        "{more}"
    );
    for part in [
        "481 lines - 13 headers = 398 loaded + 64 rejected + 3 skipped + 3 joined   ✓ all lines accounted for",
        "top reasons: 21 FK",
        "a load takes about 0:00 on two cores",
        "nothing was loaded",
    ] {
        assert!(shown.contains(part), "{part:?} is missing in: {shown}");
    }
    assert!(!shown.contains('\x1b'), "output has no colours");
    assert_eq!(names(folder.path()), [""; 0]);
}

#[test]
fn dry_run_is_a_check() {
    let folder = folder();
    let dry_run = load(&folder, &samples(), "--dry-run");
    let checked = check(&folder, &samples(), "");
    assert_eq!(text(&dry_run.stdout), text(&checked.stdout));
    for output in [
        load(&folder, &samples(), "--dry-run --max-rejects 63"),
        check(&folder, &samples(), "--max-rejects 63"),
    ] {
        let words = "64 records were rejected|Name a file with --rejects|raise --max-rejects";
        assert_fails(&output, 5, words);
        let message = text(&output.stderr);
        assert!(
            !message.contains("--resume") && !message.contains("loaded"),
            "{message}"
        );
    }
}

#[test]
fn check_fails_if_its_output_cannot_be_written() {
    let folder = folder();
    let full = fs::File::options().write(true).open("/dev/full");
    let output = program(&folder)
        .arg("check")
        .arg(samples())
        .stdout(full.expect("a device"))
        .output()
        .expect("the program starts");
    let words = "Cannot write to standard output: No space left on device";
    assert_fails(&output, 1, words);
}

#[test]
fn absent_files_and_output_files_are_named() {
    let folder = folder();
    let csv = copy_samples(&folder);
    fs::remove_file(csv.join("answers.csv")).expect("a file");
    let options = "--report r.json --rejects no.csv";
    let output = check(&folder, &csv, options);
    let shown = text(&output.stdout);
    for part in [
        "absent, skipped: answers.csv\n",
        "rejects: no.csv",
        "report: r.json",
    ] {
        assert!(shown.contains(part), "{part:?} is missing in: {shown}");
    }
    assert_eq!(names(folder.path()), ["csv", "no.csv", "r.json"]);
    let report = fs::read(folder.path().join("r.json")).expect("a report");
    let report: serde_json::Value = serde_json::from_slice(&report).expect("JSON");
    assert_eq!(report["absent"], serde_json::json!(["answers.csv"]));
    assert!(report["seconds"].is_f64());
    // Photos of absent answers are rejected.
    let photos = &report["files"]["answers_photos.csv"];
    assert_eq!(
        (&photos["records"], &photos["loaded"]),
        (&28.into(), &0.into())
    );
}
