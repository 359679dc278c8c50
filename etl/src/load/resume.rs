//! Hint after a failed load: what the store serves, and the command that resumes the load.

use std::env;
use std::path::Path;

use atelier_core::DatabaseUrl;

use crate::error::Error;
use crate::load::inputs::DEFAULT_CREATED_AT;
use crate::load::options::Load;
use crate::report::progress::Progress;

/// Returns the hint for `error`. `progress` is `None` if the load had not started.
pub(crate) fn hint(options: &Load, error: &Error, progress: Option<&Progress>) -> String {
    let Some(progress) = progress.filter(|progress| progress.store_started.get().is_some()) else {
        return match error {
            Error::Interrupted => "Nothing was loaded. Start again with the same command.",
            _ => "Nothing was loaded.",
        }
        .to_owned();
    };
    let served = match progress.finish_started.get() {
        None => "The store serves its previous content.",
        // Possibly only the response to the commit was lost.
        Some(_) => "The store serves its previous content, or everything that was loaded.",
    };
    if error.is_resumable() {
        format!("{served} Resume with:\n  {}", command(options, error))
    } else {
        served.to_owned()
    }
}

/// Returns the command that resumes a load after `error`.
fn command(options: &Load, error: &Error) -> String {
    let files = &options.files;
    let mut words = vec!["atelier-etl load".to_owned(), quote_path(&files.dir)];
    // A URL from the environment is still set next time. A URL with a secret is replaced by a placeholder: without one,
    // the load would resume in the embedded database.
    let url = options.database_url.as_deref();
    if let Some(url) = url.filter(|url| env::var("DATABASE_URL").as_deref() != Ok(*url)) {
        let url = if has_secret(url) { "THE-SAME-URL" } else { url };
        words.push(format!("--database-url {}", quote(url)));
    }
    for (flag, given, used) in [
        ("--rejects", &files.rejects, Some(options.reject_log())),
        ("--report", &files.report, files.report.as_deref()),
    ] {
        match (error, given) {
            (Error::Write { path: failed, .. }, _) if Some(&**failed) == used => {
                words.push(format!("{flag} ANOTHER-FILE"));
            }
            (_, Some(path)) => words.push(format!("{flag} {}", quote_path(path))),
            _ => {}
        }
    }
    if options.created_at != DEFAULT_CREATED_AT {
        words.push(format!("--created-at {}", options.created_at));
    }
    let max_rejects = match error {
        Error::TooManyRejects { rejected, .. } => Some(*rejected),
        _ => files.max_rejects,
    };
    words.extend(max_rejects.map(|count| format!("--max-rejects {count}")));
    words.push("--resume".to_owned());
    words.join(" ")
}

/// Whether a URL contains a secret. An invalid URL may contain anything.
fn has_secret(url: &str) -> bool {
    match DatabaseUrl::parse(url) {
        Ok(DatabaseUrl::Postgres(url)) => url.has_hidden_parts(),
        Ok(DatabaseUrl::Sqlite(_) | DatabaseUrl::SqliteReadOnly(_)) => false,
        Err(_) => true,
    }
}

/// Quotes a path for a shell, so that it is not parsed as a flag.
fn quote_path(path: &Path) -> String {
    let path = path.to_string_lossy();
    if path.starts_with('-') {
        quote(&format!("./{path}"))
    } else {
        quote(&path)
    }
}

/// Quotes a word for a shell, if necessary.
fn quote(word: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "/._-:=@%+,".contains(letter);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::check::Check;
    use crate::report::progress::set_now;

    fn options(dir: &str, url: Option<&str>) -> Load {
        Load {
            files: Check {
                dir: dir.into(),
                rejects: None,
                report: Some("it's.json".into()),
                max_rejects: Some(9),
            },
            database_url: url.map(str::to_owned),
            created_at: DEFAULT_CREATED_AT,
            dry_run: false,
            resume: true,
        }
    }

    #[test]
    fn command_repeats_the_options_without_the_password() {
        let secret = " --database-url THE-SAME-URL";
        for (url, expected) in [
            (None, ""),
            (Some("sqlite:a b.db"), " --database-url 'sqlite:a b.db'"),
            (
                Some("postgres://app@d/s"),
                " --database-url postgres://app@d/s",
            ),
            (Some("postgres://app:secret@db/shop"), secret),
            (Some("postgres://app@db/shop?password=secret"), secret),
            (Some("postgres://app:sec?ret@db/shop"), secret),
        ] {
            let command = command(&options("csv", url), &Error::Interrupted);
            let rest = r"--report 'it'\''s.json' --max-rejects 9 --resume";
            assert_eq!(command, format!("atelier-etl load csv{expected} {rest}"));
        }
    }

    #[test]
    fn command_names_another_file_for_the_one_that_failed() {
        let failed = |path: &str| Error::Write {
            path: path.into(),
            source: std::io::ErrorKind::StorageFull.into(),
        };
        let mut options = options("-csv", None);
        assert_eq!(
            command(&options, &failed("atelier-rejects.csv")),
            "atelier-etl load ./-csv --rejects ANOTHER-FILE --report 'it'\\''s.json' --max-rejects 9 --resume"
        );
        options.files.rejects = Some("-log".into());
        assert_eq!(
            command(&options, &failed("it's.json")),
            "atelier-etl load ./-csv --rejects ./-log --report ANOTHER-FILE --max-rejects 9 --resume"
        );
    }

    #[test]
    fn command_repeats_created_at() {
        let options = Load {
            created_at: atelier_core::Millis(0),
            ..options("csv", None)
        };
        let command = command(&options, &Error::Interrupted);
        assert!(
            command.contains(" --created-at 1970-01-01T00:00:00.000Z "),
            "{command}"
        );
    }

    #[test]
    fn hint_names_the_content_that_the_store_serves() {
        use atelier_core::{Error as Store, Failure};
        let options = options("csv", None);
        let failed = |source| Error::Store {
            url: DatabaseUrl::sqlite("shop.db"),
            source,
        };
        let unavailable = failed(Store::Unavailable(Failure::new("gone")));
        let config = failed(Store::Config(Failure::new("taken")));
        let progress = Progress::default();
        let hint = |error| hint(&options, error, Some(&progress));
        assert_eq!(hint(&unavailable), "Nothing was loaded.");
        set_now(&progress.store_started);
        let started = hint(&unavailable);
        let expected =
            "The store serves its previous content. Resume with:\n  atelier-etl load csv";
        assert!(started.starts_with(expected), "{started}");
        assert_eq!(hint(&config), "The store serves its previous content.");
        set_now(&progress.finish_started);
        let finishing = hint(&unavailable);
        assert!(
            finishing.contains("or everything that was loaded. Resume with:"),
            "{finishing}"
        );
    }
}
