//! The program `atelier-etl` as a user runs it.

mod checks;
mod ends;
mod loads;
mod messages;
mod progress;
mod replaced;

use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// The program.
const PROGRAM: &str = env!("CARGO_BIN_EXE_atelier-etl");

fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples")
}

/// The program in a folder of its own, with no setting from outside.
fn program(folder: &TempDir) -> Command {
    in_folder(folder, PROGRAM)
}

/// What a user types into a shell, where `atelier-etl` is the program.
fn shell(folder: &TempDir, line: &str) -> Output {
    let mut path = OsString::from(Path::new(PROGRAM).parent().expect("a folder"));
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap_or_default());
    in_folder(folder, "sh")
        .args(["-c", line])
        .env("PATH", path)
        .output()
        .expect("a shell")
}

fn in_folder(folder: &TempDir, program: &str) -> Command {
    let mut command = Command::new(program);
    command
        .current_dir(folder.path())
        .env_remove("DATABASE_URL")
        .env_remove("TMPDIR")
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

/// The command that a message tells to go on with.
fn resuming(output: &Output) -> String {
    let message = text(&output.stderr);
    let (_, command) = message
        .split_once("Go on with:\n  ")
        .unwrap_or_else(|| panic!("no command in: {message}"));
    command.trim_end().to_owned()
}

/// Runs the command that a message tells to go on with, which loads all samples.
fn goes_on(folder: &TempDir, output: &Output) {
    let command = resuming(output);
    let resumed = shell(folder, &command);
    let shown = text(&resumed.stdout);
    assert!(
        resumed.status.success() && shown.contains("\n  loaded into"),
        "{command}\n{shown}{}",
        text(&resumed.stderr)
    );
}

/// Copies of the samples, that may be changed.
fn copies(folder: &TempDir) -> PathBuf {
    let copies = folder.path().join("csv");
    fs::create_dir(&copies).expect("a folder");
    for name in names(&samples()) {
        fs::copy(samples().join(&name), copies.join(&name)).expect("a copy");
    }
    copies
}

/// Puts more rejected records in front of the features than fit into a pipe, or a buffer.
fn many_rejects(dir: &Path) {
    let features = fs::read_to_string(dir.join("features.csv")).expect("features");
    let rejected = (1_000..6_000).fold(String::new(), |mut text, id| {
        let _ = writeln!(text, "{id},77,\"of no product\",null");
        text
    });
    fs::write(dir.join("features.csv"), rejected + &features).expect("a file");
}
