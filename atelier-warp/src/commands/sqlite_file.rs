//! What is the matter with a file that could not be opened.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use atelier_core::{DatabaseUrl, Error};

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

/// Looks at the file once more; before it was opened, nobody would have been served better by that.
pub(super) fn failure(path: &Path, error: &Error) -> Failure {
    let shown = path.display();
    let words = error.to_string();
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
    if words.contains("is in use by another program") {
        return Failure::new(
            format!("{shown} is in use by another program."),
            "One server for each file. For several replicas use PostgreSQL.",
            "Stop the other program, or name another file: --database-url sqlite:PATH",
        );
    }
    if is_something_else(path) {
        return Failure::new(
            format!("{shown} is no SQLite database."),
            "It begins as none does: it is another program's, or damaged.",
            ANOTHER,
        );
    }
    if words.contains("tables of another program") {
        return Failure::new(
            format!("{shown} holds tables of another program."),
            "Atelier puts its own tables into no database that has others.",
            ANOTHER,
        );
    }
    if words.contains("malformed") || words.contains("not a database") {
        return Failure::new(
            format!("{shown} is damaged."),
            format!(
                "SQLite says: {}.",
                words.rsplit(": ").next().unwrap_or_default()
            ),
            "Put a copy in its place; or take it away, and a new one is made.",
        );
    }
    if words.contains("mode=ro") {
        // It tells itself what would help.
        return Failure::new(words, "", "");
    }
    let words = words.trim_end_matches('.');
    let cure = if words.contains("served read-only") {
        "To have it made, brought up to date and written, leave ?mode=ro out."
    } else {
        "May this user write there, and is there room on the disk?"
    };
    Failure::new(format!("{words}."), "", cure)
}

/// Whether the file has a content, and that of no SQLite database.
fn is_something_else(path: &Path) -> bool {
    let mut begin = Vec::new();
    let read = File::open(path).and_then(|file| file.take(16).read_to_end(&mut begin));
    read.is_ok_and(|read| read > 0) && begin != b"SQLite format 3\0"
}
