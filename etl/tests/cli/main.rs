//! Tests of the program `atelier-etl`.

mod checks;
mod errors;
mod failed_loads;
mod loads;
mod sqlite_replacement;

use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_atelier-etl");

fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples")
}

/// Returns the program in a folder, without settings from the environment.
fn program(folder: &TempDir) -> Command {
    in_folder(folder, PROGRAM)
}

/// Runs a line in a shell, with `atelier-etl` in the path.
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

/// Runs `load` with options separated by blanks.
fn load(folder: &TempDir, dir: &Path, options: &str) -> Output {
    program(folder)
        .arg("load")
        .arg(dir)
        .args(options.split_whitespace())
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

/// Asserts that the program failed with this code, and that its message contains these words, separated by `|`.
fn assert_fails(output: &Output, code: i32, words: &str) {
    let message = text(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{message}");
    for word in words.split('|') {
        assert!(message.contains(word), "{word:?} is missing in: {message}");
    }
}

/// Returns the command of a hint to resume.
fn resume_command(output: &Output) -> String {
    let message = text(&output.stderr);
    let (_, command) = message
        .split_once("Resume with:\n  ")
        .unwrap_or_else(|| panic!("no command in: {message}"));
    command.trim_end().to_owned()
}

/// Runs the command of a hint to resume, and asserts that it loads the files.
fn assert_resumes(folder: &TempDir, output: &Output) {
    let command = resume_command(output);
    let resumed = shell(folder, &command);
    let shown = text(&resumed.stdout);
    assert!(
        resumed.status.success() && shown.contains("\n  loaded into"),
        "{command}\n{shown}{}",
        text(&resumed.stderr)
    );
}

/// Copies the samples.
fn copy_samples(folder: &TempDir) -> PathBuf {
    let copies = folder.path().join("csv");
    fs::create_dir(&copies).expect("a folder");
    for name in names(&samples()) {
        fs::copy(samples().join(&name), copies.join(&name)).expect("a copy");
    }
    copies
}

/// Adds rejected records at the start of the features: more than fit in a pipe, or a buffer.
fn add_many_rejects(dir: &Path) {
    let features = fs::read_to_string(dir.join("features.csv")).expect("features");
    let rejected = (1_000..6_000).fold(String::new(), |mut text, id| {
        let _ = writeln!(text, "{id},77,\"of no product\",null");
        text
    });
    fs::write(dir.join("features.csv"), rejected + &features).expect("a file");
}
