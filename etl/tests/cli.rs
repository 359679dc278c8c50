//! The program `atelier-etl` as a user runs it.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use atelier_core::{Atelier, DatabaseUrl, Page, ProductId, ReviewSort};
use tempfile::TempDir;

fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples")
}

/// The program in a folder of its own, with no setting from outside.
fn program(folder: &TempDir) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_atelier-etl"));
    command
        .current_dir(folder.path())
        .env_remove("DATABASE_URL")
        .env("XDG_DATA_HOME", folder.path().join("data"));
    command
}

fn load(folder: &TempDir, dir: &Path, options: &[&str]) -> Output {
    program(folder)
        .arg("load")
        .arg(dir)
        .args(options)
        .output()
        .expect("the program starts")
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    names
}

/// The program fails with this code, and its message holds these words.
fn fails(output: &Output, code: i32, words: &[&str]) {
    let message = text(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{message}");
    for word in words {
        assert!(message.contains(word), "{word:?} is missing in: {message}");
    }
}

#[tokio::test]
async fn samples_are_loaded_and_served() {
    let folder = folder();
    let output = load(
        &folder,
        &samples(),
        &[
            "--database-url",
            "sqlite:shop.db",
            "--report",
            "report.json",
        ],
    );
    let shown = text(&output.stdout);
    assert!(output.status.success(), "{shown}{}", text(&output.stderr));
    assert!(
        shown.contains("481 lines - 13 headers = 398 loaded + 64 rejected + 3 skipped + 3 joined"),
        "{shown}"
    );
    assert!(
        shown.contains("rejects: atelier-rejects.csv")
            && shown.contains("loaded into sqlite:shop.db"),
        "{shown}"
    );

    let store = atelier_core::open(&DatabaseUrl::sqlite(folder.path().join("shop.db")))
        .await
        .expect("a store");
    let atelier = Atelier::new(store);
    let page = Page::default();
    let products = atelier.products(page).await.expect("products");
    assert_eq!(products.total, 22);
    let detail = atelier.product(ProductId(13)).await.expect("product 13");
    assert_eq!(
        (
            detail.product.slogan.as_str(),
            detail.product.description.as_str()
        ),
        ("", "  ")
    );
    assert_eq!(detail.product.default_price.to_string(), "133.00");
    assert!(detail.product.created_at.0 > 1_700_000_000_000);
    let styles = atelier.styles(ProductId(1)).await.expect("styles");
    let styles = styles.get().expect("JSON");
    assert_eq!(styles.len(), 4);
    assert_eq!((styles[0].photos.len(), styles[0].skus.len()), (3, 6));
    let related = atelier
        .related(ProductId(1))
        .await
        .expect("related")
        .get()
        .expect("JSON");
    assert_eq!(
        related,
        [2, 7, 2].map(ProductId),
        "by id of the row, a repeated one too"
    );
    let reviews = atelier
        .reviews(ProductId(3), ReviewSort::Newest, page)
        .await
        .expect("reviews");
    let body = "Body has a\nline break, and \"quotes\", and\n3, 2, 1 on its own line";
    assert_eq!(reviews.rows[0].body, body);
    assert_eq!(reviews.rows[0].photos.get().expect("JSON")[0].id, 7);
    let meta = atelier.review_meta(ProductId(1)).await.expect("figures");
    assert_eq!((meta.ratings, meta.recommended_yes), ([0, 0, 1, 1, 0], 1));
    let sums: Vec<_> = meta
        .characteristics
        .iter()
        .map(|it| (it.name.as_str(), it.sum, it.count))
        .collect();
    assert_eq!(
        sums,
        [
            ("Fit", 4, 1),
            ("Length", 6, 2),
            ("Comfort", 7, 2),
            ("Quality", 8, 2)
        ]
    );
}

#[test]
fn what_is_not_loaded_is_listed() {
    let folder = folder();
    let output = load(
        &folder,
        &samples(),
        &[
            "--dry-run",
            "--rejects",
            "no.csv",
            "--report",
            "report.json",
        ],
    );
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(
        text(&output.stdout).contains("top reasons: 21 FK · 14 REQUIRED"),
        "{}",
        text(&output.stdout)
    );
    assert!(text(&output.stdout).contains("dry run: nothing was loaded"));
    assert_eq!(names(folder.path()), ["no.csv", "report.json"]);

    let log = fs::read_to_string(folder.path().join("no.csv")).expect("a log");
    assert!(log.starts_with("file,line,byte_offset,id,column,reason,raw\nproduct.csv,23,"));
    assert_eq!(
        log.lines().count(),
        1 + 64,
        "no rejected sample takes up several lines"
    );
    let sample = fs::read_to_string(samples().join("styles.csv")).expect("styles");
    let offset = sample.find("34,15,").expect("the row");
    let row = "\"34,15,\"\"Lost, 3 ways to read,null,907,0\"";
    assert!(
        log.contains(&format!("\nstyles.csv,34,{offset},\"34\",,COLUMNS,{row}\n")),
        "{log}"
    );
    assert!(log.contains(",\"33\",default_style,BOOL,"), "{log}");

    let report = fs::read_to_string(folder.path().join("report.json")).expect("a report");
    let report: serde_json::Value = serde_json::from_str(&report).expect("JSON");
    assert_eq!(report["absent"], serde_json::json!([]));
    assert_eq!(
        report["files"]["reviews.csv"],
        serde_json::json!({
            "lines": 32, "header": 1, "records": 29, "loaded": 21, "repaired": 7, "joined": 2,
            "rejected": {"BOOL": 1, "DATE": 1, "DUP_ID": 1, "FK": 2, "RANGE": 1, "REQUIRED": 2},
            "skipped": {}, "warnings": {"FUTURE_DATE": 1},
        })
    );
}

#[test]
fn a_dry_run_writes_nothing_unasked() {
    let folder = folder();
    let output = load(&folder, &samples(), &["--dry-run"]);
    assert!(output.status.success());
    assert_eq!(names(folder.path()), [""; 0]);
}

#[test]
fn a_store_that_holds_products_is_left_alone() {
    let folder = folder();
    let url = ["--database-url", "sqlite:shop.db"];
    assert!(load(&folder, &samples(), &url).status.success());
    let held = fs::read(folder.path().join("shop.db")).expect("a store");

    // The same files, in another place and with other times.
    let copies = folder.path().join("copies");
    fs::create_dir(&copies).expect("a folder");
    for entry in fs::read_dir(samples()).expect("samples") {
        let file = entry.expect("an entry").path();
        let copy = copies.join(file.file_name().expect("a name"));
        fs::write(copy, fs::read(file).expect("a file")).expect("a copy");
    }
    for same in [&samples(), &copies] {
        let again = load(&folder, same, &url);
        assert!(again.status.success(), "{}", text(&again.stderr));
        assert!(text(&again.stdout).contains("nothing to do"));
    }

    // One letter is another.
    let related = fs::read_to_string(copies.join("related.csv")).expect("a file");
    let other = related.replacen("\n1,", "\n9,", 1);
    assert!(other != related && other.len() == related.len());
    fs::write(copies.join("related.csv"), other).expect("a file");
    let refused = [
        "Cannot load into sqlite:shop.db",
        "holds products already",
        "--database-url",
    ];
    fails(&load(&folder, &copies, &url), 1, &refused);
    let holds = fs::read(folder.path().join("shop.db")).expect("a store");
    assert!(held == holds, "the store has changed");
}

#[test]
fn clean_files_leave_no_log_and_absent_ones_are_named() {
    let folder = folder();
    fs::create_dir(folder.path().join("csv")).expect("a folder");
    fs::write(
        folder.path().join("csv/product.csv"),
        "1,\"Coat\",\"\",\"\",\"Coats\",10\n",
    )
    .expect("a file");
    let output = load(&folder, Path::new("csv"), &[]);
    let shown = text(&output.stdout);
    assert!(output.status.success(), "{shown}{}", text(&output.stderr));
    assert!(
        shown.contains("1 lines - 0 headers = 1 loaded + 0 rejected"),
        "{shown}"
    );
    assert!(
        shown.contains("not there, skipped: features.csv, styles.csv"),
        "{shown}"
    );
    assert!(
        shown.contains("data/atelier/demo.db"),
        "the embedded store: {shown}"
    );
    assert_eq!(names(folder.path()), ["csv", "data"]);
}

#[test]
fn too_many_rejects_load_nothing() {
    let folder = folder();
    let url = ["--database-url", "sqlite:shop.db"];
    let refused = load(
        &folder,
        &samples(),
        &[&url[..], &["--max-rejects", "63"]].concat(),
    );
    fails(
        &refused,
        5,
        &[
            "64 records were rejected (21 FK",
            "allows 63",
            "atelier-rejects.csv",
        ],
    );
    let allowed = load(
        &folder,
        &samples(),
        &[&url[..], &["--max-rejects", "64"]].concat(),
    );
    assert!(
        allowed.status.success(),
        "the store was left empty: {}",
        text(&allowed.stderr)
    );
}

#[test]
fn a_place_without_files_is_told_apart_from_no_place() {
    let folder = folder();
    fails(
        &load(&folder, Path::new("nowhere"), &[]),
        1,
        &["Cannot read the directory nowhere", "load DIR"],
    );
    fails(
        &load(&folder, folder.path(), &[]),
        1,
        &["nothing to load", "product.csv, features.csv"],
    );
    fs::create_dir(folder.path().join("product.csv")).expect("a folder");
    fails(
        &load(&folder, folder.path(), &[]),
        1,
        &["product.csv", "Nothing was loaded"],
    );
    assert_eq!(names(folder.path()), ["product.csv"]);
}

#[test]
fn a_wrong_header_stops_the_load_before_anything_is_written() {
    let folder = folder();
    let csv = folder.path().join("csv");
    fs::create_dir(&csv).expect("a folder");
    fs::copy(samples().join("product.csv"), csv.join("product.csv")).expect("a file");
    fs::write(
        csv.join("skus.csv"),
        "id,style,size,quantity\n1,1,\"M\",1\n",
    )
    .expect("a file");
    let output = load(&folder, &csv, &["--database-url", "sqlite:shop.db"]);
    fails(
        &output,
        1,
        &[
            "skus.csv",
            "Missing: style_id",
            "Unknown: [\"style\"]",
            "id,style_id,size,quantity",
        ],
    );
    assert_eq!(names(folder.path()), ["csv"]);
}

#[test]
fn a_log_that_cannot_be_written_stops_the_load() {
    let folder = folder();
    let options = [
        "--database-url",
        "sqlite:shop.db",
        "--rejects",
        "missing/no.csv",
    ];
    fails(
        &load(&folder, &samples(), &options),
        1,
        &["Cannot write missing/no.csv", "Nothing was loaded"],
    );
    let store = ["--database-url", "sqlite:shop.db"];
    assert!(
        load(&folder, &samples(), &store).status.success(),
        "the store was left empty"
    );
}

#[test]
fn a_database_that_cannot_be_meant_or_reached_is_told() {
    let folder = folder();
    let wrong = load(
        &folder,
        &samples(),
        &["--database-url", "mysql://app:secret@db/shop"],
    );
    fails(&wrong, 2, &["sqlite:PATH"]);
    assert!(!text(&wrong.stderr).contains("secret"));
    fails(&load(&folder, &samples(), &["--colour"]), 2, &["--colour"]);
    // A port that was free a moment ago, and has no server.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .and_then(|socket| socket.local_addr())
        .expect("a port")
        .port();
    let url = format!("postgres://app:secret@127.0.0.1:{port}/shop");
    let unreachable = load(&folder, &samples(), &["--database-url", &url]);
    fails(
        &unreachable,
        3,
        &[
            "Cannot load into postgres://app:***@127.0.0.1",
            "--database-url",
        ],
    );
    assert!(!text(&unreachable.stderr).contains("secret"));
    assert_eq!(names(folder.path()), [""; 0]);
}

#[test]
fn an_interrupted_load_says_so() {
    let folder = folder();
    let pipe = folder.path().join("product.csv");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .expect("mkfifo")
            .success()
    );
    let running = program(&folder)
        .args(["load", "."])
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("the program starts");
    // Opening waits until the program reads: from then on it can be interrupted.
    let mut feeding = fs::OpenOptions::new()
        .write(true)
        .open(&pipe)
        .expect("a pipe");
    feeding.write_all(b"id,na").expect("half a header");
    let id = running.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &id])
            .status()
            .expect("kill")
            .success()
    );
    let output = running.wait_with_output().expect("an end");
    drop(feeding);
    fails(
        &output,
        130,
        &["Interrupted", "nothing was loaded", "Start again"],
    );
}
