//! Tests of loads that fail or are interrupted, and are resumed.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::{
    PROGRAM, add_many_rejects, assert_fails, assert_resumes, copy_samples, folder, in_folder, load,
    program, resume_command, samples, shell, text,
};

const STORE: &str = "--database-url sqlite:shop.db";

fn signal(child: &Child, name: &str) {
    let id = child.id().to_string();
    let sent = Command::new("kill").args(["-s", name, &id]).status();
    assert!(sent.expect("kill").success());
}

#[test]
fn interrupted_load_reports_progress_and_can_be_resumed() {
    let folder = folder();
    add_many_rejects(&copy_samples(&folder));
    let mut running = program(&folder)
        .args(["load", "csv", "--rejects", "/dev/stdout"])
        .args(STORE.split(' '))
        .stderr(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    // The program blocks until the rejected records are read.
    let mut rejects = running.stdout.take().expect("a pipe");
    let mut stderr = BufReader::new(running.stderr.take().expect("a pipe"));
    let mut lines = Vec::new();
    while lines.len() < 3 {
        let mut line = String::new();
        stderr.read_line(&mut line).expect("a line");
        lines.push(serde_json::from_str::<serde_json::Value>(&line).expect(&line));
    }
    let [product, features, store] = &lines[..] else {
        panic!("{lines:?}")
    };
    assert_eq!(product["file"], "product.csv");
    assert_eq!(product["ended"], true);
    assert_eq!(
        (&product["records"], &product["rejected"]),
        (&30.into(), &7.into())
    );
    assert_eq!(
        (&product["bytes"], &product["eta_s"]),
        (&product["size"], &0.into())
    );
    assert_eq!(features["file"], "features.csv");
    assert_eq!(features["ended"], false);
    let rejected = features["rejected"].as_u64().expect("a number");
    assert!((100..5_000).contains(&rejected), "{features}");
    assert!(
        features["rows_per_s"].is_u64() && features["eta_s"].is_u64(),
        "{features}"
    );
    assert_eq!((&store["stored"], &store["rows"]), (&0.into(), &22.into()));

    signal(&running, "INT");
    let mut listed = String::new();
    rejects.read_to_string(&mut listed).expect("a log");
    let mut message = String::new();
    stderr.read_to_string(&mut message).expect("a message");
    let output = std::process::Output {
        stderr: message.into_bytes(),
        ..running.wait_with_output().expect("an end")
    };
    let words = "Interrupted.|serves its previous content|Resume with:";
    assert_fails(&output, 130, words);
    // The log has complete records, at least as many as were reported.
    let whole = |line: &str| line.matches('"').count().is_multiple_of(2);
    assert!(listed.ends_with('\n') && listed.lines().all(whole));
    assert!(listed.lines().count() as u64 > rejected, "{rejected}");

    let command = resume_command(&output);
    assert_eq!(
        command,
        "atelier-etl load csv --database-url sqlite:shop.db --rejects /dev/stdout --resume"
    );
    assert_resumes(&folder, &output);
}

#[test]
fn load_interrupted_before_it_started_loads_nothing() {
    for name in ["INT", "TERM"] {
        let folder = folder();
        // A database that accepts the connection and never answers.
        let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = silent.local_addr().expect("a port").port();
        fs::copy(
            samples().join("product.csv"),
            folder.path().join("product.csv"),
        )
        .expect("a copy");
        let running = program(&folder)
            .args(["load", "."])
            .env(
                "DATABASE_URL",
                format!("postgres://app@127.0.0.1:{port}/shop"),
            )
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("the program starts");
        let connected = silent.accept().expect("a connection");
        signal(&running, name);
        let output = running.wait_with_output().expect("an end");
        drop(connected);
        let words = "Interrupted.|Nothing was loaded. Start again";
        assert_fails(&output, 130, words);
    }
}

#[test]
fn interrupted_check_exits() {
    for name in ["INT", "TERM"] {
        let folder = folder();
        add_many_rejects(&copy_samples(&folder));
        let mut running = program(&folder)
            .args(["check", "csv", "--rejects", "/dev/stdout"])
            .stderr(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut rejects = running.stdout.take().expect("a pipe");
        // After the first rejected record it handles signals. It blocks until the others are read.
        rejects.read_exact(&mut [0]).expect("a record");
        signal(&running, name);
        let mut rest = Vec::new();
        rejects.read_to_end(&mut rest).expect("a pipe");
        assert_fails(
            &running.wait_with_output().expect("an end"),
            130,
            "Interrupted.",
        );
    }
}

#[test]
fn load_with_too_many_rejects_can_be_resumed_with_a_higher_limit() {
    let folder = folder();
    let refused = load(&folder, &samples(), &format!("{STORE} --max-rejects 63"));
    let words = "64 records were rejected (21 FK|allows 63|listed in atelier-rejects.csv|serves its previous content|--max-rejects 64 --resume";
    assert_fails(&refused, 5, words);
    let log = fs::read_to_string(folder.path().join("atelier-rejects.csv")).expect("a log");
    assert_eq!(log.lines().count(), 1 + 64);
    assert_resumes(&folder, &refused);
    let again = shell(&folder, &resume_command(&refused));
    assert!(text(&again.stdout).contains("nothing to do"));
}

#[test]
fn load_of_changed_files_cannot_be_resumed() {
    let folder = folder();
    let csv = copy_samples(&folder);
    let refused = load(&folder, &csv, &format!("{STORE} --max-rejects 0"));
    assert_fails(&refused, 5, "--resume");
    let related = fs::read(csv.join("related.csv")).expect("a file");
    fs::write(csv.join("related.csv"), [&related[..], b"\n"].concat()).expect("a file");
    fs::remove_file(csv.join("cart.csv")).expect("a file");
    let changed = "Cannot resume the load into sqlite:shop.db|added or removed: related.csv, cart.csv.|without --resume";
    let resume = format!("{STORE} --resume");
    assert_fails(&load(&folder, &csv, &resume), 1, changed);
    let anew = load(&folder, &csv, STORE);
    assert!(anew.status.success(), "{}", text(&anew.stderr));
}

#[test]
fn load_without_a_valid_record_replaces_nothing() {
    let folder = folder();
    let csv = folder.path().join("csv");
    fs::create_dir(&csv).expect("a folder");
    fs::copy(samples().join("photos.csv"), csv.join("photos.csv")).expect("a copy");
    let words = "No record of these files|check that product.csv|serves its previous content";
    assert_fails(&load(&folder, &csv, STORE), 1, words);
    fs::write(csv.join("photos.csv"), "").expect("a file");
    assert_fails(&load(&folder, &csv, STORE), 1, words);
}

#[test]
fn unwritable_spill_directory_or_unreadable_file_fails_at_once() {
    let folder = folder();
    let csv = copy_samples(&folder);
    let nowhere = in_folder(&folder, PROGRAM)
        .args(["load", "csv", "--database-url", "sqlite:shop.db"])
        .env("TMPDIR", "nowhere")
        .output()
        .expect("the program starts");
    let words = "Cannot spill to disk in nowhere|set TMPDIR|Nothing was loaded.";
    assert_fails(&nowhere, 1, words);

    fs::remove_file(csv.join("cart.csv")).expect("a file");
    std::os::unix::fs::symlink("nowhere", csv.join("cart.csv")).expect("a link");
    assert_fails(
        &load(&folder, Path::new("csv"), STORE),
        1,
        "cart.csv|Nothing was loaded.",
    );
}

#[test]
fn output_must_not_overwrite_an_input_or_the_store() {
    let folder = folder();
    let csv = copy_samples(&folder);
    let linked = folder.path().join("linked.csv");
    std::os::unix::fs::symlink(csv.join("cart.csv"), &linked).expect("a link");
    let product = csv.join("product.csv").display().to_string();
    let linked = linked.display().to_string();
    let before = fs::read(&product).expect("a file");
    for options in [
        &format!("--rejects {product} --report r.json"),
        &format!("--rejects r.csv --report {linked}"),
        "--rejects same --report same",
        "--rejects shop.db --report r.json",
    ] {
        let refused = load(&folder, &csv, &format!("{STORE} {options}"));
        let message = "cannot be used for the reject log or the report";
        assert_fails(&refused, 2, message);
    }
    assert!(fs::read(&product).expect("a file") == before);
}

#[test]
fn resume_without_an_interrupted_load_starts_one() {
    let folder = folder();
    let resumed = load(&folder, &samples(), &format!("{STORE} --resume"));
    assert!(resumed.status.success(), "{}", text(&resumed.stderr));
}

/// Loads with a limit of the size of written files, in blocks.
fn limited(folder: &tempfile::TempDir, blocks: u32) -> std::process::Output {
    // With the signal ignored, a write beyond the limit fails as on a full disk.
    let line = format!(
        "trap '' XFSZ; ulimit -f {blocks}; exec {PROGRAM} load csv --database-url sqlite:shop.db"
    );
    in_folder(folder, "sh")
        .args(["-c", &line])
        .env("TMPDIR", folder.path())
        .output()
        .expect("a shell")
}

fn rows(dir: &Path, name: &str, rows: u32, row: impl Fn(u32) -> String) {
    let text = (1..=rows).fold(String::new(), |mut text, id| {
        let _ = writeln!(text, "{}", row(id));
        text
    });
    fs::write(dir.join(name), text).expect("a file");
}

#[test]
fn load_can_be_resumed_after_the_spill_directory_was_full() {
    let folder = folder();
    let csv = folder.path().join("csv");
    fs::create_dir(&csv).expect("a folder");
    let text_of = "x".repeat(500);
    rows(&csv, "product.csv", 20_000, |id| {
        format!("{id},\"a\",\"b\",\"{text_of}\",\"c\",10")
    });
    // 4 MiB if blocks have 512 bytes, as in POSIX; 8 MiB if 1024.
    let output = limited(&folder, 8 * 1024);
    let message = format!("Cannot spill to disk in {}", folder.path().display());
    assert_fails(&output, 1, &message);
    let words = "File too large|set TMPDIR|serves its previous content";
    assert_fails(&output, 1, words);
    assert_resumes(&folder, &output);
}

#[test]
fn load_can_be_resumed_after_the_disk_of_the_store_was_full() {
    let folder = folder();
    let csv = folder.path().join("csv");
    fs::create_dir(&csv).expect("a folder");
    let text_of = "x".repeat(500);
    rows(&csv, "product.csv", 6_000, |id| {
        format!("{id},\"a\",\"b\",\"{text_of}\",\"c\",10")
    });
    rows(&csv, "questions.csv", 6_000, |id| {
        format!("{id},{id},\"{text_of}\",1593600000000,\"n\",\"a@b.c\",0,0")
    });
    rows(&csv, "answers.csv", 6_000, |id| {
        format!("{id},{id},\"{text_of}\",1593600000000,\"n\",\"a@b.c\",0,0")
    });
    // Each kind of row fits, but not all of them in the store.
    let output = limited(&folder, 8 * 1024);
    assert_fails(
        &output,
        1,
        "Cannot load into sqlite:shop.db|Check the free space|serves its previous content",
    );
    assert_resumes(&folder, &output);
}
