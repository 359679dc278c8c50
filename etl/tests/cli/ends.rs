//! Loads that end before their end, and how they are gone on with.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::{
    PROGRAM, copies, fails, folder, goes_on, in_folder, load, many_rejects, program, resuming,
    samples, shell, text,
};

const STORE: [&str; 2] = ["--database-url", "sqlite:shop.db"];

fn signal(child: &Child, name: &str) {
    let id = child.id().to_string();
    let sent = Command::new("kill").args(["-s", name, &id]).status();
    assert!(sent.expect("kill").success());
}

#[test]
fn an_interrupted_load_shows_how_far_it_is_and_is_gone_on_with() {
    let folder = folder();
    many_rejects(&copies(&folder));
    let mut running = program(&folder)
        .args(["load", "csv", "--rejects", "/dev/stdout"])
        .args(STORE)
        .stderr(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    // The program waits until somebody reads the rejected records.
    let mut rejects = running.stdout.take().expect("a pipe");
    let mut told = BufReader::new(running.stderr.take().expect("a pipe"));
    let mut lines = Vec::new();
    while lines.len() < 3 {
        let mut line = String::new();
        told.read_line(&mut line).expect("a line");
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
    told.read_to_string(&mut message).expect("a message");
    let output = std::process::Output {
        stderr: message.into_bytes(),
        ..running.wait_with_output().expect("an end")
    };
    let words = [
        "Interrupted.",
        "serves what it served before",
        "Go on with:",
    ];
    fails(&output, 130, &words);
    // Whole records, as many as were read.
    let whole = |line: &str| line.matches('"').count().is_multiple_of(2);
    assert!(listed.ends_with('\n') && listed.lines().all(whole));
    assert!(listed.lines().count() as u64 > rejected, "{rejected}");

    let command = resuming(&output);
    assert_eq!(
        command,
        "atelier-etl load csv --database-url sqlite:shop.db --rejects /dev/stdout --resume"
    );
    goes_on(&folder, &output);
}

#[test]
fn an_end_that_is_asked_for_before_the_store_was_begun_leaves_nothing() {
    for name in ["INT", "TERM"] {
        let folder = folder();
        // A database that takes the connection and never answers.
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
        let words = ["Interrupted.", "Nothing was loaded. Start again"];
        fails(&output, 130, &words);
    }
}

#[test]
fn interrupted_check_ends() {
    for name in ["INT", "TERM"] {
        let folder = folder();
        many_rejects(&copies(&folder));
        let mut running = program(&folder)
            .args(["check", "csv", "--rejects", "/dev/stdout"])
            .stderr(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut rejects = running.stdout.take().expect("a pipe");
        // From the first rejected record on it answers; it waits until somebody reads the others.
        rejects.read_exact(&mut [0]).expect("a record");
        signal(&running, name);
        let mut rest = Vec::new();
        rejects.read_to_end(&mut rest).expect("a pipe");
        fails(
            &running.wait_with_output().expect("an end"),
            130,
            &["Interrupted."],
        );
    }
}

#[test]
fn too_many_rejects_are_told_and_may_be_allowed_later() {
    let folder = folder();
    let refused = load(
        &folder,
        &samples(),
        &[&STORE[..], &["--max-rejects", "63"]].concat(),
    );
    let words = [
        "64 records were rejected (21 FK",
        "allows 63",
        "listed in atelier-rejects.csv",
        "serves what it served before",
        "--max-rejects 64 --resume",
    ];
    fails(&refused, 5, &words);
    let log = fs::read_to_string(folder.path().join("atelier-rejects.csv")).expect("a log");
    assert_eq!(log.lines().count(), 1 + 64);
    goes_on(&folder, &refused);
    let again = shell(&folder, &resuming(&refused));
    assert!(text(&again.stdout).contains("nothing to do"));
}

#[test]
fn only_a_load_of_the_same_files_is_gone_on_with() {
    let folder = folder();
    let csv = copies(&folder);
    let refused = load(
        &folder,
        &csv,
        &[&STORE[..], &["--max-rejects", "0"]].concat(),
    );
    fails(&refused, 5, &["--resume"]);
    let related = fs::read(csv.join("related.csv")).expect("a file");
    fs::write(csv.join("related.csv"), [&related[..], b"\n"].concat()).expect("a file");
    fs::remove_file(csv.join("cart.csv")).expect("a file");
    let changed = [
        "Cannot go on with the load into sqlite:shop.db",
        "come or gone: related.csv, cart.csv.",
        "without --resume",
    ];
    let resume = [&STORE[..], &["--resume"]].concat();
    fails(&load(&folder, &csv, &resume), 1, &changed);
    let anew = load(&folder, &csv, &STORE);
    assert!(anew.status.success(), "{}", text(&anew.stderr));
}

#[test]
fn files_of_which_nothing_can_be_loaded_replace_nothing() {
    let folder = folder();
    let csv = folder.path().join("csv");
    fs::create_dir(&csv).expect("a folder");
    fs::copy(samples().join("photos.csv"), csv.join("photos.csv")).expect("a copy");
    let words = [
        "Not one record",
        "is product.csv there",
        "serves what it served",
    ];
    fails(&load(&folder, &csv, &STORE), 1, &words);
    fs::write(csv.join("photos.csv"), "").expect("a file");
    fails(&load(&folder, &csv, &STORE), 1, &words);
}

#[test]
fn what_cannot_be_read_or_put_aside_is_known_at_once() {
    let folder = folder();
    let csv = copies(&folder);
    let nowhere = in_folder(&folder, PROGRAM)
        .args(["load", "csv", "--database-url", "sqlite:shop.db"])
        .env("TMPDIR", "nowhere")
        .output()
        .expect("the program starts");
    let words = ["put aside in nowhere", "set TMPDIR", "Nothing was loaded."];
    fails(&nowhere, 1, &words);

    fs::remove_file(csv.join("cart.csv")).expect("a file");
    std::os::unix::fs::symlink("nowhere", csv.join("cart.csv")).expect("a link");
    fails(
        &load(&folder, Path::new("csv"), &STORE),
        1,
        &["cart.csv", "Nothing was loaded."],
    );
}

#[test]
fn what_is_read_is_not_written_over() {
    let folder = folder();
    let csv = copies(&folder);
    let linked = folder.path().join("linked.csv");
    std::os::unix::fs::symlink(csv.join("cart.csv"), &linked).expect("a link");
    let product = csv.join("product.csv").display().to_string();
    let linked = linked.display().to_string();
    let before = fs::read(&product).expect("a file");
    for options in [
        ["--rejects", &product, "--report", "r.json"],
        ["--rejects", "r.csv", "--report", &linked],
        ["--rejects", "same", "--report", "same"],
        ["--rejects", "shop.db", "--report", "r.json"],
    ] {
        let refused = load(&folder, &csv, &[&STORE[..], &options].concat());
        fails(&refused, 2, &["cannot take the reject log or the report"]);
    }
    assert!(fs::read(&product).expect("a file") == before);
}

#[test]
fn a_load_that_was_interrupted_before_it_had_begun_begins() {
    let folder = folder();
    let resumed = load(&folder, &samples(), &[&STORE[..], &["--resume"]].concat());
    assert!(resumed.status.success(), "{}", text(&resumed.stderr));
}

/// Loads under a limit on the size of each file that is written.
fn limited(folder: &tempfile::TempDir, blocks: u32) -> std::process::Output {
    // A write beyond the limit fails, like one to a full disk, where the signal of the limit is ignored.
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
fn no_room_for_what_is_put_aside() {
    let folder = folder();
    let csv = folder.path().join("csv");
    fs::create_dir(&csv).expect("a folder");
    let text_of = "x".repeat(500);
    rows(&csv, "product.csv", 20_000, |id| {
        format!("{id},\"a\",\"b\",\"{text_of}\",\"c\",10")
    });
    // 4 MiB in blocks of 512 bytes, as POSIX has them, or 8 in those of 1024.
    let output = limited(&folder, 8 * 1024);
    let place = format!("cannot be put aside in {}", folder.path().display());
    fails(
        &output,
        1,
        &[
            &place,
            "File too large",
            "set TMPDIR",
            "serves what it served before",
        ],
    );
    goes_on(&folder, &output);
}

#[test]
fn no_room_for_the_store() {
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
    // Each of the three has room, but not all of them in one file.
    let output = limited(&folder, 8 * 1024);
    fails(
        &output,
        1,
        &[
            "Cannot load into sqlite:shop.db",
            "room on its disk",
            "serves what it served before",
        ],
    );
    goes_on(&folder, &output);
}
