//! What is the matter with a file that could not be opened.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use atelier_core::{DatabaseUrl, Error, FileFault};

use crate::cli::{Failure, Options};

const ANOTHER: &str = "Name another file: --database-url sqlite:PATH";

/// That the file that is named is in a folder that is there. A file is made, but whoever mistypes a path would find an empty
/// shop in a new folder. The folder of the embedded file, which nobody names, is made.
pub(super) fn has_folder(options: &Options) -> Result<(), Failure> {
    let Some(url @ DatabaseUrl::Sqlite(path)) = &options.database else {
        return Ok(());
    };
    let named = |folder: &&Path| !folder.as_os_str().is_empty();
    let Some(folder) = path
        .parent()
        .filter(named)
        .filter(|folder| !folder.is_dir())
    else {
        return Ok(());
    };
    let shown = folder.display();
    let (what, cure) = if folder.exists() {
        (format!("{shown} is no folder."), ANOTHER.to_owned())
    } else {
        let what = format!("There is no folder {shown}.");
        (
            what,
            format!(
                "Make it: mkdir -p '{shown}'. Or name another file: --database-url sqlite:PATH"
            ),
        )
    };
    let why = format!(
        "--database-url leads to {url}. The file would be made, the folder is not: is the path right?"
    );
    Err(Failure::new(what, why, cure))
}

/// Whether the file of the database is only made, or filled for the first time, when it is opened.
pub(super) fn is_new(url: &DatabaseUrl) -> bool {
    match url {
        DatabaseUrl::Sqlite(path) => fs::metadata(path).map_or(true, |file| file.len() == 0),
        _ => false,
    }
}

/// The path of a file that is there, from the root and through links.
pub(super) fn whole_path(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

/// What to tell of a file that can't be used, by what is wrong with it: never by the words of the failure, which may hold
/// the path.
pub(super) fn failure(path: &Path, error: &Error) -> Failure {
    let shown = path.display();
    if path.is_dir() {
        return Failure::new(
            format!("{shown} is a directory."),
            "An SQLite database is one file.",
            format!(
                "Give such as: --database-url sqlite:{}",
                path.join("shop.db").display()
            ),
        );
    }
    let words = error.to_string();
    let words = words.trim_end_matches('.');
    match error.file_fault() {
        Some(FileFault::InUse) => Failure::new(
            format!("{shown} is in use by another program."),
            "One server for each file. For several replicas use PostgreSQL.",
            "Stop the other program, or name another file: --database-url sqlite:PATH",
        ),
        Some(FileFault::Foreign) => Failure::new(
            format!("{shown} holds tables of another program."),
            "Atelier puts its own tables into no database that has others.",
            ANOTHER,
        ),
        Some(FileFault::NotADatabase | FileFault::Damaged) if is_something_else(path) => {
            Failure::new(
                format!("{shown} is no SQLite database."),
                "It begins as none does: it is another program's, or damaged.",
                ANOTHER,
            )
        }
        Some(FileFault::NotADatabase | FileFault::Damaged) => Failure::new(
            format!("{shown} is damaged."),
            format!("SQLite says: {}.", without_path(words, path)),
            "Put a copy in its place; or take it away, and a new one is made.",
        ),
        Some(FileFault::Full) => Failure::new(
            format!("There is no room on the disk of {shown}."),
            format!("The system says: {}.", without_path(words, path)),
            "Make room there, or name another file: --database-url sqlite:PATH",
        ),
        Some(FileFault::Denied) => Failure::new(
            format!("{words}."),
            "",
            "This user must be able to write the file, and to make files in its folder.",
        ),
        Some(FileFault::NotReadOnly) => Failure::new(
            format!("{words}."),
            "",
            "To have it made, brought up to date and written, leave ?mode=ro out.",
        ),
        // It tells itself what would help.
        Some(FileFault::OnlyRead) => Failure::new(format!("{words}."), "", ""),
        _ => Failure::new(
            format!("{words}."),
            "",
            "May this user write there, and is there room on the disk?",
        ),
    }
}

/// The last part of what failed: behind the path, and behind what was attempted.
fn without_path<'a>(words: &'a str, path: &Path) -> &'a str {
    let shown = path.display().to_string();
    let behind = words
        .rsplit_once(&shown)
        .map_or(words, |(_, behind)| behind);
    behind.rsplit(": ").next().unwrap_or_default()
}

/// Whether the file has a content, and that of no SQLite database.
fn is_something_else(path: &Path) -> bool {
    let mut begin = Vec::new();
    let read = File::open(path).and_then(|file| file.take(16).read_to_end(&mut begin));
    read.is_ok_and(|read| read > 0) && begin != b"SQLite format 3\0"
}
