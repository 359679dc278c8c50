//! The words for what can stop a load: what happened, why, and what to do.

use std::path::Path;
use std::{error, fmt, io};

use atelier_core::DatabaseUrl;

use crate::error::{Error, Failed, ReadError};
use crate::load::inputs::CREATED_AT;
use crate::report::counts::thousands;
use crate::schema::{LAYOUTS, Layout};

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { error, after } = self;
        match after.as_str() {
            "" => write!(f, "{error}"),
            after => write!(f, "{error}\n{after}"),
        }
    }
}

/// The warning about files that are not read for their names.
pub(crate) struct Misnamed<'a>(pub(crate) &'a [String]);

impl fmt::Display for Misnamed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Warning: not read, as no table has such a file: {}. Rename or unpack those that are meant.",
            self.0.join(", ")
        )
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { source, offset } => write!(f, "Reading failed at byte {offset}: {source}."),
            Self::TooLong { offset, limit } => {
                write!(
                    f,
                    "A line that begins at byte {offset} does not end within {} MiB.",
                    limit >> 20
                )
            }
            Self::Header {
                missing,
                unknown,
                twice,
            } => {
                write!(f, "Its first line names other columns.")?;
                for (what, names) in [("Missing", missing), ("twice", twice)] {
                    if !names.is_empty() {
                        write!(f, " {what}: {}.", names.join(", "))?;
                    }
                }
                if !unknown.is_empty() {
                    write!(f, " Unknown: {unknown:?}.")?;
                }
                Ok(())
            }
            Self::NotAFile => write!(f, "It is a pipe or a device, not a file."),
            Self::DoesNotAddUp { sum } => write!(f, "The sum does not close: {sum}."),
            Self::Scratch { source, dir } => write!(
                f,
                "What does not fit in memory cannot be put aside in {}: {source}.",
                dir.display()
            ),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(error) => write!(f, "{error}"),
            Self::Overwritten { path } => write!(
                f,
                "{} cannot take the reject log or the report: it is one of the files that are read, the store, or meant \
                 for both.\nName another place with --rejects or --report.",
                path.display()
            ),
            Self::Directory { path, source } => write!(
                f,
                "Cannot read the directory {}: {source}.\nName the directory that holds the CSV files: \
                 atelier-etl load DIR",
                path.display()
            ),
            Self::NoFiles { path, misnamed } => no_files(f, path, misnamed),
            Self::Read {
                path,
                layout,
                source,
            } => {
                write!(
                    f,
                    "Cannot read {}. {source}\n{}",
                    path.display(),
                    advice(layout, source)
                )
            }
            Self::Write { path, source } => write!(
                f,
                "Cannot write {}: {source}.\nName another place with --rejects or --report.",
                path.display()
            ),
            Self::Output { source } => write!(
                f,
                "Cannot write to standard output: {source}.\nIs there room where it leads?"
            ),
            Self::Scratch { dir, source } => write!(
                f,
                "What does not fit in memory cannot be put aside in {}: {source}.\n{SCRATCH}",
                dir.display()
            ),
            Self::Lost { loaded, stored } => write!(
                f,
                "The sum does not close: {} rows were to be loaded and {} were put into the store.\nThis is a defect of \
                 the loader: please report it.",
                thousands(*loaded),
                thousands(*stored)
            ),
            Self::NothingLoaded => write!(
                f,
                "Not one record of these files can be loaded.\nEverything belongs to a product: is product.csv there, with \
                 rows, and the right one? `atelier-etl check` tells what was rejected."
            ),
            Self::TooManyRejects {
                rejected,
                allowed,
                reasons,
                log,
            } => {
                writeln!(
                    f,
                    "{} records were rejected ({reasons}), and --max-rejects allows {}.",
                    thousands(*rejected),
                    thousands(*allowed)
                )?;
                match log {
                    Some(log) => write!(f, "They are listed in {}.", log.display())?,
                    None => write!(f, "Name a file with --rejects to see them.")?,
                }
                write!(f, " Mend the files, or allow more.")
            }
            Self::NotEmpty { url } => write!(
                f,
                "Cannot load into {url}: it holds products already, and a load does not mix with them.\nName an empty \
                 database with --database-url."
            ),
            Self::Changed { url, files } => changed(f, url, files),
            Self::Store { url, source } => {
                write!(f, "Cannot load into {url}: {source}")?;
                let mut cause = error::Error::source(source);
                while let Some(error) = cause {
                    write!(f, "\n  because: {error}")?;
                    cause = error.source();
                }
                write!(f, "\n{}", store_advice(url, source))
            }
            Self::Interrupted => write!(f, "Interrupted."),
        }
    }
}

fn no_files(f: &mut fmt::Formatter<'_>, path: &Path, misnamed: &[String]) -> fmt::Result {
    let names: Vec<_> = LAYOUTS.iter().map(|layout| layout.name).collect();
    write!(
        f,
        "There is nothing to load in {}: none of the files is there.\nName the directory that holds them: {}",
        path.display(),
        names.join(", ")
    )?;
    match misnamed {
        [] => Ok(()),
        _ => write!(f, "\n{}", Misnamed(misnamed)),
    }
}

fn changed(f: &mut fmt::Formatter<'_>, url: &DatabaseUrl, files: &[&str]) -> fmt::Result {
    write!(f, "Cannot go on with the load into {url}: ")?;
    if files == [CREATED_AT] {
        return write!(
            f,
            "it began with another {CREATED_AT}.\nGive the same, or start anew, without --resume."
        );
    }
    write!(
        f,
        "since it began these files have got another size or time, have come or gone: {}.\nPut them back as they were, \
         or start anew, without --resume.",
        files.join(", ")
    )
}

const SCRATCH: &str = "Free space there, or set TMPDIR to another directory: `atelier-etl check` tells how much a load \
                       may take.";

fn advice(layout: &Layout, source: &ReadError) -> String {
    match source {
        ReadError::Io { source, .. } => match source.kind() {
            io::ErrorKind::PermissionDenied => "Give this user the right to read it.".to_owned(),
            io::ErrorKind::IsADirectory => {
                format!(
                    "Put the file {} in its place, or take it away.",
                    layout.name
                )
            }
            _ => "Check the disk, or copy the file anew.".to_owned(),
        },
        ReadError::TooLong { .. } => {
            format!(
                "Is it a CSV file with a line for each row, as {} should be? Mend it, and start again.",
                layout.name
            )
        }
        ReadError::Header { .. } => {
            let names: Vec<_> = layout.columns.iter().map(|column| column.name).collect();
            format!(
                "Its columns are {}, in any order; without a header the first line begins with a whole number. Put the \
                 first line right, or take the file out of the directory.",
                names.join(",")
            )
        }
        ReadError::NotAFile => format!(
            "A load reads each file from its start, more than once. Put the file {} in its place, or take it away.",
            layout.name
        ),
        ReadError::Scratch { .. } => SCRATCH.to_owned(),
        ReadError::DoesNotAddUp { .. } => {
            "This is a defect of the loader: please report it.".to_owned()
        }
    }
}

fn store_advice(url: &DatabaseUrl, error: &atelier_core::Error) -> String {
    use atelier_core::Error as Store;
    if let (Some(kind), DatabaseUrl::Postgres(url)) = (error.connect_error(), url) {
        return kind.hint(url);
    }
    match (error, url) {
        // These messages tell themselves what would help.
        (Store::Config(_) | Store::Schema(_), _) => {
            "Another database can be named with --database-url."
        }
        (_, DatabaseUrl::Sqlite(_) | DatabaseUrl::SqliteReadOnly(_)) => {
            "Is there room on its disk, and may this user write there? If so, and it happens twice, please report it."
        }
        (Store::Unavailable(_), DatabaseUrl::Postgres(_)) => {
            "Is the server running, has it room on its disk, and is --database-url right?"
        }
        (_, DatabaseUrl::Postgres(_)) => "If it happens twice, please report it.",
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::schema::LegacyFile;

    #[test]
    fn a_file_that_may_not_be_read_is_no_damaged_one() {
        let layout = LegacyFile::Skus.layout();
        for (kind, advice) in [
            (
                io::ErrorKind::PermissionDenied,
                "Give this user the right to read it.",
            ),
            (
                io::ErrorKind::IsADirectory,
                "Put the file skus.csv in its place, or take it away.",
            ),
            (
                io::ErrorKind::UnexpectedEof,
                "Check the disk, or copy the file anew.",
            ),
        ] {
            let source = ReadError::Io {
                source: kind.into(),
                offset: 4_096,
            };
            let path = PathBuf::from("csv/skus.csv");
            let error = Error::Read {
                path,
                layout,
                source,
            };
            let told = error.to_string();
            assert!(
                told.starts_with("Cannot read csv/skus.csv. Reading failed at byte 4096: "),
                "{told}"
            );
            assert!(told.ends_with(advice), "{told}");
            assert_eq!(error.exit_code(), 1);
        }
    }

    #[test]
    fn a_database_that_fails_is_told_by_its_kind() {
        use atelier_core::{Error as Store, Failure};
        let failed = || Failure::new("no answer");
        for (url, source, code, advice) in [
            (
                "postgres://a:b@c/d",
                Store::Unavailable(failed()),
                3,
                "Is the server running",
            ),
            (
                "postgres://a:b@c/d",
                Store::Schema(failed()),
                4,
                "Another database can be named",
            ),
            (
                "postgres://a:b@c/d",
                Store::Internal(failed()),
                1,
                "please report it",
            ),
            (
                "sqlite:shop.db",
                Store::Internal(failed()),
                1,
                "Is there room on its disk",
            ),
            (
                "sqlite:shop.db",
                Store::Config(failed()),
                1,
                "Another database can be named",
            ),
        ] {
            let url = DatabaseUrl::parse(url).expect(url);
            let error = Error::Store { url, source };
            let told = error.to_string();
            assert_eq!(error.exit_code(), code, "{told}");
            assert!(
                told.starts_with("Cannot load into ") && told.contains(": no answer\n"),
                "{told}"
            );
            assert!(told.contains(advice) && !told.contains(":b@"), "{told}");
        }
    }
}
