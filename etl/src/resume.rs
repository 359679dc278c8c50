//! What a load that has failed leaves behind, and the command that goes on with it.

use std::env;

use atelier_core::DatabaseUrl;

use crate::error::Error;
use crate::load::Load;
use crate::progress::Progress;

/// What a user is told after `error`. Without a progress nothing was begun.
pub(crate) fn after(options: &Load, error: &Error, progress: Option<&Progress>) -> String {
    let Some(progress) = progress.filter(|progress| progress.begun.get().is_some()) else {
        return match error {
            Error::Interrupted => {
                "Nothing was loaded. Start again with the same command.".to_owned()
            }
            _ => "Nothing was loaded.".to_owned(),
        };
    };
    let served = match progress.finishing.get() {
        None => "The store serves what it served before.",
        // It may have been the answer alone that was lost.
        Some(_) => {
            "The store serves what it served before, or all that was loaded: nothing between."
        }
    };
    if error.can_pass() {
        format!("{served} Go on with:\n  {}", command(options, error))
    } else {
        served.to_owned()
    }
}

/// The command that goes on with a load after `error`.
fn command(options: &Load, error: &Error) -> String {
    let files = &options.files;
    let mut words = vec![
        "atelier-etl load".to_owned(),
        quoted(&files.dir.to_string_lossy()),
    ];
    let mut hidden = false;
    // What is in the environment is there the next time.
    let url = options.database_url.as_deref();
    if let Some(url) = url.filter(|url| env::var("DATABASE_URL").as_deref() != Ok(*url)) {
        hidden = has_secret(url);
        if !hidden {
            words.push(format!("--database-url {}", quoted(url)));
        }
    }
    for (flag, path) in [("--rejects", &files.rejects), ("--report", &files.report)] {
        words.extend(path.as_deref().map(|path| match error {
            Error::Write { path: failed, .. } if failed == path => format!("{flag} ANOTHER-FILE"),
            _ => format!("{flag} {}", quoted(&path.to_string_lossy())),
        }));
    }
    let max_rejects = match error {
        Error::TooManyRejects { rejected, .. } => Some(*rejected),
        _ => files.max_rejects,
    };
    words.extend(max_rejects.map(|most| format!("--max-rejects {most}")));
    words.push("--resume".to_owned());
    let note = if hidden {
        "   (with the same --database-url)"
    } else {
        ""
    };
    format!("{}{note}", words.join(" "))
}

/// Whether a URL holds what is not shown; one that can't be parsed may hold anything.
fn has_secret(url: &str) -> bool {
    match DatabaseUrl::parse(url) {
        Ok(DatabaseUrl::Postgres(url)) => url.has_hidden_parts(),
        Ok(DatabaseUrl::Sqlite(_) | DatabaseUrl::SqliteReadOnly(_)) => false,
        Err(_) => true,
    }
}

/// As a shell takes it for one word.
fn quoted(word: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "/._-:=@%+,".contains(letter);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::check::Check;
    use crate::progress;

    fn load(dir: &str, url: Option<&str>) -> Load {
        Load {
            files: Check {
                dir: dir.into(),
                rejects: None,
                report: Some(PathBuf::from("it's.json")),
                max_rejects: Some(9),
            },
            database_url: url.map(str::to_owned),
            dry_run: false,
            resume: true,
        }
    }

    #[test]
    fn the_command_holds_what_was_given_but_no_password() {
        for (url, expected) in [
            (None, ""),
            (Some("sqlite:a b.db"), " --database-url 'sqlite:a b.db'"),
            (
                Some("postgres://app@db:5432/shop"),
                " --database-url postgres://app@db:5432/shop",
            ),
            (Some("postgres://app:secret@db/shop"), ""),
            (Some("postgres://app@db/shop?password=secret"), ""),
            (Some("postgres://app:sec?ret@db/shop"), ""),
        ] {
            let options = load("csv", url);
            let told = command(&options, &Error::Interrupted);
            let note = "   (with the same --database-url)";
            let note = if url.is_some() && expected.is_empty() {
                note
            } else {
                ""
            };
            assert_eq!(
                told,
                format!(
                    "atelier-etl load csv{expected} --report 'it'\\''s.json' --max-rejects 9 --resume{note}"
                )
            );
        }
    }

    #[test]
    fn what_is_served_is_told_as_far_as_it_is_known() {
        let options = load("csv", None);
        let lost = |failure| Error::Store {
            url: DatabaseUrl::sqlite("shop.db"),
            source: failure,
        };
        let gone = lost(atelier_core::Error::Unavailable(
            atelier_core::Failure::new("gone"),
        ));
        let progress = Progress::default();
        assert_eq!(
            after(&options, &gone, Some(&progress)),
            "Nothing was loaded."
        );
        progress::now(&progress.begun);
        let told = after(&options, &gone, Some(&progress));
        assert!(
            told.starts_with(
                "The store serves what it served before. Go on with:\n  atelier-etl load csv"
            ),
            "{told}"
        );
        let taken = lost(atelier_core::Error::Unusable(atelier_core::Failure::new(
            "taken",
        )));
        let told = after(&options, &taken, Some(&progress));
        assert_eq!(told, "The store serves what it served before.");
        progress::now(&progress.finishing);
        let told = after(&options, &gone, Some(&progress));
        assert!(
            told.contains("or all that was loaded: nothing between. Go on"),
            "{told}"
        );
    }
}
