//! Tests of messages and exit codes for unreadable inputs, unwritable outputs and unavailable stores.

use std::fs;
use std::path::Path;

use atelier_core::DatabaseUrl;

use crate::{
    add_many_rejects, assert_fails, copy_samples, folder, load, names, program, samples, shell,
    text,
};

#[test]
fn directory_without_files_is_reported_differently_from_a_missing_one() {
    let folder = folder();
    assert_fails(
        &load(&folder, Path::new("nowhere"), ""),
        1,
        "Cannot read the directory nowhere|load DIR",
    );
    assert_fails(
        &load(&folder, folder.path(), ""),
        1,
        "Nothing to load|product.csv, features.csv",
    );
    fs::create_dir(folder.path().join("product.csv")).expect("a folder");
    assert_fails(
        &load(&folder, folder.path(), ""),
        1,
        "product.csv|Is a directory|Put the file product.csv in its place|Nothing was loaded",
    );
    assert_eq!(names(folder.path()), ["product.csv"]);
    let file = samples().join("product.csv");
    assert_fails(
        &load(&folder, &file, ""),
        1,
        "Not a directory|Name the directory that holds",
    );
}

#[test]
fn wrong_header_fails_the_load_before_anything_is_written() {
    let folder = folder();
    let csv = folder.path().join("csv");
    fs::create_dir(&csv).expect("a folder");
    fs::copy(samples().join("product.csv"), csv.join("product.csv")).expect("a file");
    fs::write(
        csv.join("skus.csv"),
        "id,style,size,quantity\n1,1,\"M\",1\n",
    )
    .expect("a file");
    let output = load(&folder, &csv, "--database-url sqlite:shop.db");
    assert_fails(
        &output,
        1,
        "skus.csv|Missing: style_id|Unknown: [\"style\"]|id,style_id,size,quantity",
    );
    assert_eq!(names(folder.path()), ["csv"]);
}

#[test]
fn unwritable_output_is_reported_before_anything_is_read() {
    let folder = folder();
    for flag in ["--rejects", "--report"] {
        for command in ["load", "check"] {
            let output = program(&folder)
                .arg(command)
                .arg(samples())
                .args([flag, "missing/file"])
                .output()
                .expect("the program starts");
            let words = "Cannot write missing/file|--rejects or --report";
            assert_fails(&output, 1, words);
            assert_eq!(text(&output.stdout), "");
        }
    }
    assert_eq!(names(folder.path()), [""; 0]);
}

#[test]
fn existing_file_is_not_changed_by_the_check_that_it_is_writable() {
    let folder = folder();
    let log = folder.path().join("log.csv");
    fs::write(&log, "previous content").expect("a file");
    let options = "--rejects log.csv --report new/report.json";
    assert_fails(&load(&folder, &samples(), options), 1, "new/report.json");
    assert_eq!(fs::read(&log).expect("a log"), b"previous content");
}

#[test]
fn unwritable_default_reject_log_is_reported_before_anything_is_read() {
    let folder = folder();
    fs::create_dir(folder.path().join("atelier-rejects.csv")).expect("a folder");
    let output = load(&folder, &samples(), "--database-url sqlite:shop.db");
    let words = "Cannot write atelier-rejects.csv: Is a directory|--rejects or --report|Nothing was loaded.";
    assert_fails(&output, 1, words);
    assert_eq!(names(folder.path()), ["atelier-rejects.csv"]);
}

#[test]
fn named_pipe_is_refused_as_input_and_as_output() {
    let folder = folder();
    let csv = copy_samples(&folder);
    let output = shell(&folder, "mkfifo log && atelier-etl check csv --rejects log");
    let words = "Cannot write log: it is a named pipe|--rejects or --report";
    assert_fails(&output, 1, words);
    let output = shell(&folder, "atelier-etl check csv --report log");
    assert_fails(&output, 1, words);
    let line = "rm csv/skus.csv && mkfifo csv/skus.csv && atelier-etl load csv";
    let words = "csv/skus.csv. It is a pipe or a device|Put the file skus.csv in its place|Nothing was loaded.";
    assert_fails(&shell(&folder, line), 1, words);
    fs::remove_file(csv.join("skus.csv")).expect("a pipe");
    std::os::unix::fs::symlink("/dev/zero", csv.join("skus.csv")).expect("a link");
    assert_fails(&load(&folder, &csv, ""), 1, words);
}

#[test]
fn misnamed_files_are_named_in_a_warning() {
    let folder = folder();
    let csv = copy_samples(&folder);
    let names = "characteristics_reviews.csv answers1.csv photos.csv.gz Skus.CSV cart.tsv rejected.csv notes.txt \
                 .photos.csv.swp atelier-rejects.csv";
    for name in names.split(' ') {
        fs::write(csv.join(name), "").expect("a file");
    }
    fs::create_dir(csv.join("old.csv")).expect("a folder");
    for command in ["load", "check"] {
        let output = program(&folder)
            .args([command, "csv", "--rejects", "csv/rejected.csv"])
            .output()
            .expect("the program starts");
        let warning = "Warning: files ignored because of their names: Skus.CSV, answers1.csv, cart.tsv, \
                       characteristics_reviews.csv, photos.csv.gz. Rename";
        assert_fails(&output, 0, warning);
    }
    let clean = load(&folder, &samples(), "--dry-run");
    assert!(!text(&clean.stderr).contains("Warning"));

    let empty = folder.path().join("empty");
    fs::create_dir(&empty).expect("a folder");
    fs::write(empty.join("products.csv"), "").expect("a file");
    assert_fails(
        &load(&folder, &empty, ""),
        1,
        "Nothing to load|ignored because of their names: products.csv",
    );
}

#[test]
fn unnamed_pipe_is_accepted_as_reject_log() {
    let folder = folder();
    let line = "{ atelier-etl check csv --rejects /dev/fd/3 3>&1 >/dev/null; } | cat > copy";
    copy_samples(&folder);
    let output = shell(&folder, line);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let log = fs::read_to_string(folder.path().join("copy")).expect("a copy");
    assert_eq!(log.lines().count(), 1 + 64);
}

#[test]
fn full_disk_of_an_output_fails_a_load_that_can_be_resumed() {
    let folder = folder();
    let csv = copy_samples(&folder);
    add_many_rejects(&csv);
    let options = "--database-url sqlite:shop.db --rejects /dev/full";
    let output = load(&folder, &csv, options);
    let message = "Cannot write /dev/full: No space left on device|serves its previous content";
    assert_fails(&output, 1, message);
    assert_fails(&output, 1, "--rejects ANOTHER-FILE --resume");
    assert_eq!(text(&output.stdout), "");

    let options = "--database-url sqlite:shop.db --report /dev/full";
    let output = load(&folder, &samples(), options);
    assert_fails(&output, 1, message);
    assert_fails(&output, 1, "--report ANOTHER-FILE --resume");

    let log = folder.path().join("atelier-rejects.csv");
    fs::remove_file(&log).expect("a log");
    std::os::unix::fs::symlink("/dev/full", &log).expect("a link");
    let options = "--database-url sqlite:shop.db";
    let output = load(&folder, &csv, options);
    let words =
        "Cannot write atelier-rejects.csv: No space left on device|--rejects ANOTHER-FILE --resume";
    assert_fails(&output, 1, words);
}

#[tokio::test]
async fn store_in_use_is_not_changed() {
    let folder = folder();
    let url = DatabaseUrl::sqlite(folder.path().join("shop.db"));
    let served = atelier_core::open(&url, &atelier_core::StoreOptions::default())
        .await
        .expect("a store");
    let output = load(&folder, &samples(), "--database-url sqlite:shop.db");
    let words = "Cannot load into sqlite:shop.db: shop.db is in use by another program|One server for each file|Nothing was loaded";
    assert_fails(&output, 1, words);
    served.close().await;
}

#[test]
fn store_that_cannot_be_created_is_reported() {
    let folder = folder();
    fs::write(folder.path().join("file"), "").expect("a file");
    let output = load(&folder, &samples(), "--database-url sqlite:file/shop.db");
    let words = "Cannot load into sqlite:file/shop.db|--database-url|Nothing was loaded";
    assert_fails(&output, 1, words);
}

#[test]
fn invalid_url_and_unreachable_database_are_reported_without_the_password() {
    let folder = folder();
    let wrong = load(
        &folder,
        &samples(),
        "--database-url mysql://app:secret@db/shop",
    );
    assert_fails(&wrong, 2, "sqlite:PATH");
    assert!(!text(&wrong.stderr).contains("secret"));
    assert_fails(&load(&folder, &samples(), "--colour"), 2, "--colour");
    // A port that was just free, and so has no server.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .and_then(|socket| socket.local_addr())
        .expect("a port")
        .port();
    let url = format!("--database-url postgres://app:secret@127.0.0.1:{port}/shop");
    let unreachable = load(&folder, &samples(), &url);
    assert_fails(
        &unreachable,
        3,
        "Cannot load into postgres://app:***@127.0.0.1|Is it running? Try: psql 'postgres://app@127.0.0.1:",
    );
    assert!(!text(&unreachable.stderr).contains("secret"));
    assert_eq!(names(folder.path()), [""; 0]);
}
