//! Tests of complete loads, their reject logs and reports.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use atelier_core::{Atelier, DatabaseUrl, Page, ProductId, ReviewSort};

use crate::{assert_fails, copy_samples, folder, load, names, samples, text};

#[tokio::test]
async fn samples_are_loaded_and_served() {
    let folder = folder();
    let output = load(
        &folder,
        &samples(),
        "--database-url sqlite:shop.db --report report.json",
    );
    let shown = text(&output.stdout);
    assert!(output.status.success(), "{shown}{}", text(&output.stderr));
    assert_eq!(text(&output.stderr), "", "a short load reports no progress");
    assert!(
        shown.contains("481 lines - 13 headers = 398 loaded + 64 rejected + 3 skipped + 3 joined"),
        "{shown}"
    );
    assert!(
        shown.contains("rejects: atelier-rejects.csv")
            && shown.contains("loaded into sqlite:shop.db"),
        "{shown}"
    );

    let store = atelier_core::open(
        &DatabaseUrl::sqlite(folder.path().join("shop.db")),
        &atelier_core::StoreOptions::default(),
    )
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
    assert_eq!(
        detail.product.created_at.to_string(),
        "2021-01-01T00:00:00.000Z"
    );
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
        "in the order of row ids, including duplicates"
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
fn rejected_records_are_in_the_log_and_the_report() {
    let folder = folder();
    let output = load(
        &folder,
        &samples(),
        "--dry-run --rejects no.csv --report report.json",
    );
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(
        text(&output.stdout).contains("top reasons: 21 FK · 14 REQUIRED"),
        "{}",
        text(&output.stdout)
    );
    assert!(text(&output.stdout).contains("this was a check: nothing was loaded"));
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
fn dry_run_writes_no_default_files() {
    let folder = folder();
    let output = load(&folder, &samples(), "--dry-run");
    assert!(output.status.success());
    assert_eq!(names(folder.path()), [""; 0]);
}

#[test]
fn store_with_products_is_not_changed() {
    let folder = folder();
    let url = "--database-url sqlite:shop.db";
    assert!(load(&folder, &samples(), url).status.success());
    let held = fs::read(folder.path().join("shop.db")).expect("a store");

    // The same files in another directory and with other times.
    let copies = folder.path().join("copies");
    fs::create_dir(&copies).expect("a folder");
    for entry in fs::read_dir(samples()).expect("samples") {
        let file = entry.expect("an entry").path();
        let copy = copies.join(file.file_name().expect("a name"));
        fs::write(copy, fs::read(file).expect("a file")).expect("a copy");
    }
    for same in [&samples(), &copies] {
        let again = load(&folder, same, url);
        assert!(again.status.success(), "{}", text(&again.stderr));
        assert!(text(&again.stdout).contains("nothing to do"));
    }

    // One byte differs.
    let related = fs::read_to_string(copies.join("related.csv")).expect("a file");
    let other = related.replacen("\n1,", "\n9,", 1);
    assert!(other != related && other.len() == related.len());
    fs::write(copies.join("related.csv"), other).expect("a file");
    let refused = "Cannot load into sqlite:shop.db|already holds products|--database-url";
    assert_fails(&load(&folder, &copies, url), 1, refused);
    let holds = fs::read(folder.path().join("shop.db")).expect("a store");
    assert!(held == holds, "the store has changed");
}

/// Returns `created_at` of a product in the store.
async fn created_at(folder: &tempfile::TempDir, store: &str) -> String {
    let url = DatabaseUrl::sqlite(folder.path().join(store));
    let atelier = Atelier::new(
        atelier_core::open(&url, &atelier_core::StoreOptions::default())
            .await
            .expect("a store"),
    );
    let detail = atelier.product(ProductId(13)).await.expect("product 13");
    detail.product.created_at.to_string()
}

#[tokio::test]
async fn created_at_does_not_depend_on_file_times() {
    let folder = folder();
    let csv = copy_samples(&folder);
    for (store, days) in [("a.db", 10_000), ("b.db", 20_000)] {
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(days * 86_400);
        let product = fs::File::options()
            .append(true)
            .open(csv.join("product.csv"));
        product
            .and_then(|it| it.set_modified(time))
            .expect("a file");
        let url = format!("--database-url sqlite:{store}");
        let loaded = load(&folder, &csv, &url);
        assert!(loaded.status.success(), "{}", text(&loaded.stderr));
        assert_eq!(created_at(&folder, store).await, "2021-01-01T00:00:00.000Z");
    }
}

#[tokio::test]
async fn created_at_follows_its_option() {
    let folder = folder();
    let url = "--database-url sqlite:shop.db";
    for (time, shown) in [
        ("2019-04-11", "2019-04-11T00:00:00.000Z"),
        ("2020-02-29T10:20:30.405+02:00", "2020-02-29T08:20:30.405Z"),
        ("1609459200001", "2021-01-01T00:00:00.001Z"),
    ] {
        let store = format!("{time}.db");
        let options = format!("--database-url sqlite:{store} --created-at {time}");
        let loaded = load(&folder, &samples(), &options);
        assert!(loaded.status.success(), "{}", text(&loaded.stderr));
        assert_eq!(created_at(&folder, &store).await, shown);
    }
    let wrong = load(&folder, &samples(), "--created-at 2021-02-30");
    assert_fails(&wrong, 2, "--created-at|2021-01-31");

    // With another time the content differs, and a load cannot be resumed.
    let refused = load(&folder, &samples(), &format!("{url} --max-rejects 0"));
    assert_fails(&refused, 5, "--resume");
    let other = "--created-at 2019-04-11";
    let resumed = load(&folder, &samples(), &format!("{url} {other} --resume"));
    assert_fails(&resumed, 1, "another --created-at");
    assert!(load(&folder, &samples(), url).status.success());
    let refused = load(&folder, &samples(), &format!("{url} {other}"));
    assert_fails(&refused, 1, "already holds products");
}

#[test]
fn clean_load_removes_the_reject_log_of_an_earlier_load() {
    let folder = folder();
    let csv = folder.path().join("csv");
    fs::create_dir(&csv).expect("a folder");
    let good = "1,\"Coat\",\"\",\"\",\"Coats\",10\n";
    fs::write(csv.join("product.csv"), good.repeat(2) + "2,3\n").expect("a file");
    let store = "--database-url sqlite:shop.db";
    assert!(load(&folder, &csv, store).status.success());
    let log = folder.path().join("atelier-rejects.csv");
    assert!(log.exists());

    fs::write(csv.join("product.csv"), good).expect("a file");
    let other = "--database-url sqlite:other.db";
    let loaded = load(&folder, &csv, other);
    assert!(loaded.status.success(), "{}", text(&loaded.stderr));
    assert!(!log.exists());

    // A file that is not a reject log is not removed.
    fs::write(&log, "mine\n").expect("a file");
    let third = "--database-url sqlite:third.db";
    assert!(load(&folder, &csv, third).status.success());
    assert_eq!(fs::read(&log).expect("a file"), b"mine\n");
}

#[test]
fn clean_files_leave_no_log_and_absent_files_are_named() {
    let folder = folder();
    fs::create_dir(folder.path().join("csv")).expect("a folder");
    fs::write(
        folder.path().join("csv/product.csv"),
        "1,\"Coat\",\"\",\"\",\"Coats\",10\n",
    )
    .expect("a file");
    let output = load(&folder, Path::new("csv"), "");
    let shown = text(&output.stdout);
    assert!(output.status.success(), "{shown}{}", text(&output.stderr));
    assert!(
        shown.contains("1 lines - 0 headers = 1 loaded + 0 rejected"),
        "{shown}"
    );
    assert!(
        shown.contains("absent, skipped: features.csv, styles.csv"),
        "{shown}"
    );
    assert!(
        shown.contains("data/atelier/demo.db"),
        "the embedded store: {shown}"
    );
    assert_eq!(names(folder.path()), ["csv", "data"]);
}
