//! The URL of a database.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use crate::model::error::Result;
use crate::store::invalid_url::InvalidUrl;
use crate::store::postgres::url::PostgresUrl;

/// The address of a database: a SQLite file, or a PostgreSQL server and database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// The file, which is created when it does not exist.
    Sqlite(PathBuf),
    /// The file, opened read-only: any number of processes may read it, and none may write it.
    SqliteReadOnly(PathBuf),
    /// The server and database.
    Postgres(Box<PostgresUrl>),
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::SqliteReadOnly(path) => write!(f, "sqlite:{}?mode=ro", path.display()),
            Self::Postgres(url) => url.fmt(f),
        }
    }
}

impl DatabaseUrl {
    /// Returns the URL of the SQLite file at `path`.
    pub fn sqlite(path: impl AsRef<Path>) -> Self {
        Self::Sqlite(path.as_ref().to_owned())
    }

    /// Parses `sqlite:PATH`, `sqlite:PATH?mode=ro` to read only, or
    /// `postgres://USER:PASSWORD@HOST:PORT/DATABASE?PARAMETERS`. White space and one pair of quotes around it are
    /// ignored, because environment files may contain them. The scheme may be in upper case.
    pub fn parse(text: &str) -> Result<Self, InvalidUrl> {
        let text = unquoted(text);
        if text.chars().any(char::is_control) {
            return Err(InvalidUrl::new(
                "it contains a control character, such as the end of a line",
            ));
        }
        let (scheme, rest) = text.split_once(':').unwrap_or(("", text));
        match &*scheme.to_ascii_lowercase() {
            "sqlite" => sqlite(rest),
            "postgres" | "postgresql" => match rest.strip_prefix("//") {
                Some(rest) => Ok(Self::Postgres(Box::new(PostgresUrl::parse(text, rest)?))),
                None => Err(InvalidUrl::new("behind `postgres:` there is no `//`")),
            },
            scheme => Err(InvalidUrl::new(unknown(scheme, text))),
        }
    }

    /// Parses `text`. Without one, or when it is empty, returns the embedded store of the user: `atelier/demo.db` in
    /// `$XDG_DATA_HOME` or `~/.local/share`, or in the working directory when there is no home directory.
    pub fn or_embedded(text: Option<&str>) -> Result<Self> {
        let Some(text) = text.filter(|text| !text.is_empty()) else {
            let folder = data_folder(|name| std::env::var_os(name));
            return Ok(Self::Sqlite(folder.join("atelier/demo.db")));
        };
        Ok(Self::parse(text)?)
    }
}

/// Removes white space and one pair of quotes around a text.
fn unquoted(text: &str) -> &str {
    // A byte order mark, which some editors put before a text, is no white space.
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    let inside = |quote| text.strip_prefix(quote)?.strip_suffix(quote);
    inside('"').or_else(|| inside('\'')).unwrap_or(text).trim()
}

fn sqlite(rest: &str) -> Result<DatabaseUrl, InvalidUrl> {
    let path = rest.strip_prefix("//").unwrap_or(rest);
    let (path, mode) = match path.split_once('?') {
        Some((path, mode)) => (path, Some(mode)),
        None => (path, None),
    };
    if path.is_empty() {
        return Err(InvalidUrl::new("sqlite:PATH has no path"));
    }
    if path.starts_with(":memory:") {
        return Err(InvalidUrl::new(
            "a database in memory ends with its first connection. Name a file: sqlite:PATH",
        ));
    }
    match mode {
        None => Ok(DatabaseUrl::sqlite(path)),
        Some("mode=ro") => Ok(DatabaseUrl::SqliteReadOnly(path.into())),
        Some(_) => Err(InvalidUrl::new(
            "behind the path of sqlite:PATH only ?mode=ro is known",
        )),
    }
}

/// Returns the reason why a text with another scheme, or without one, is refused.
fn unknown(scheme: &str, text: &str) -> &'static str {
    let begins = |names: &[&str]| names.iter().any(|name| scheme.starts_with(name));
    let keyword = text.split_once('=').is_some_and(|(keyword, _)| {
        let keyword = keyword.trim();
        !keyword.is_empty() && keyword.bytes().all(|c| c.is_ascii_lowercase() || c == b'_')
    });
    if scheme == "jdbc" {
        "it begins with `jdbc:`. Leave that out, and put user and password before the host: \
         postgres://USER:PASSWORD@HOST:PORT/DATABASE"
    } else if begins(&["postgres+", "postgresql+", "sqlite+"]) {
        "a driver is named behind a `+` in the scheme. Leave it out: postgres://, sqlite:"
    } else if keyword {
        "it is a list of keywords and values. Write it as a URL: postgres://USER:PASSWORD@HOST:PORT/DATABASE"
    } else {
        "it begins neither with `sqlite:` nor with `postgres://`. Give sqlite:PATH, a file, with ?mode=ro behind it to read \
         only, or postgres://USER:PASSWORD@HOST:PORT/DATABASE"
    }
}

/// Returns the directory for data of the user. Relative paths are ignored, as the XDG specification demands.
fn data_folder(variable: impl Fn(&str) -> Option<OsString>) -> PathBuf {
    let absolute = |name| {
        variable(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    absolute("XDG_DATA_HOME")
        .or_else(|| Some(absolute("HOME")?.join(".local/share")))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::error::Error;

    fn shown(text: &str) -> String {
        DatabaseUrl::parse(text).expect(text).to_string()
    }

    #[track_caller]
    fn refused(text: &str, part: &str) {
        let error = DatabaseUrl::parse(text).expect_err(text);
        let messages = format!("{error} {error:?} {}", Error::from(error.clone()));
        assert!(messages.contains(part), "{text}: {messages}");
        assert!(
            !messages.contains("hunter") && !messages.contains("secret"),
            "{messages}"
        );
    }

    #[test]
    fn relative_data_folder_is_ignored() {
        for (xdg, home, folder) in [
            ("/data", "/users/app", "/data"),
            ("data", "/users/app", "/users/app/.local/share"),
            ("./data", "/users/app", "/users/app/.local/share"),
            ("", "/users/app", "/users/app/.local/share"),
            ("data", "app", ""),
        ] {
            let variable = |name: &str| match name {
                "XDG_DATA_HOME" => Some(xdg.into()),
                _ => Some(home.into()),
            };
            assert_eq!(data_folder(variable), Path::new(folder), "{xdg} {home}");
        }
    }

    #[test]
    fn url_names_a_file_or_a_server() {
        for (text, as_shown) in [
            ("sqlite:shop.db", "sqlite:shop.db"),
            ("sqlite:///var/lib/shop.db", "sqlite:/var/lib/shop.db"),
            ("sqlite:shop.db?mode=ro", "sqlite:shop.db?mode=ro"),
            ("SQLite:Shop.db", "sqlite:Shop.db"),
            ("sqlite:shop.db\r\n", "sqlite:shop.db"),
            ("postgres://app@db/atelier", "postgres://app@db/atelier"),
            ("postgres://", "postgres://"),
            ("postgresql:///shop", "postgres:///shop"),
            ("POSTGRES://app@db/Shop", "postgres://app@db/Shop"),
            ("\"postgres://app@db/shop\"", "postgres://app@db/shop"),
            ("'postgresql://db'\r\n", "postgres://db"),
            (" \u{feff}postgres://db ", "postgres://db"),
            ("\u{feff}postgres://db", "postgres://db"),
            ("postgres://u@[::1]:5432/db", "postgres://u@[::1]:5432/db"),
            ("postgres://[fe80::1%25eth0]", "postgres://[fe80::1%eth0]"),
            (
                "postgres://u@/db?host=/run/postgresql",
                "postgres://u@/db?host=/run/postgresql",
            ),
            (
                "postgres://u@%2Frun%2Fpostgresql/db",
                "postgres://u@/db?host=/run/postgresql",
            ),
            (
                "postgres://?host=/tmp&port=5433",
                "postgres://:5433/?host=/tmp",
            ),
            (
                "postgres://db/x%20y?user=a%40b",
                "postgres://a%40b@db/x%20y",
            ),
            (
                "postgres://db/d?ssl-mode=VERIFY-FULL&ssl-ca=/a/b.pem",
                "postgres://db/d?sslmode=VERIFY-FULL&sslrootcert=/a/b.pem",
            ),
            (
                "postgres://db?sslrootcert=system",
                "postgres://db/?sslmode=verify-full",
            ),
        ] {
            assert_eq!(shown(text), as_shown, "{text}");
        }
    }

    #[test]
    fn invalid_url_is_refused_with_the_part_at_fault() {
        for (text, part) in [
            ("", "sqlite:PATH"),
            ("shop.db", "sqlite:PATH"),
            ("mysql://a:secret@b/c", "sqlite:PATH"),
            ("sqlite:", "has no path"),
            ("sqlite:?mode=ro", "has no path"),
            ("sqlite::memory:", "in memory"),
            ("sqlite:shop.db?mode=rwx", "only ?mode=ro"),
            ("sqlite:shop\r.db", "control character"),
            ("postgres:app@db/shop", "no `//`"),
            ("jdbc:postgresql://db/shop?password=secret", "jdbc:"),
            ("postgresql+psycopg2://a:secret@db/shop", "driver"),
            ("host=db user=app password=secret dbname=shop", "keywords"),
            ("user = app password = secret", "keywords"),
            ("postgres://app:hunter#2@db/shop", "%23 for #"),
            ("postgres://app:hunter?2@db/shop", "%3F for ?"),
            ("postgres://app:hunter/2@db/shop", "%2F for /"),
            ("postgres://app:12?hunter=2@db/shop", "%3F for ?"),
            ("postgres://app:1@2?sslmode=hunter@db/shop", "%3F for ?"),
            ("postgres://db/shop#hunter", "%23 for #"),
            ("postgres://db/shop?password=hunter&2", "%26 for &"),
            ("postgres://app:hunter2", "port"),
            ("postgres://app:hunter2/shop", "port"),
            ("postgres://db:0/shop", "port"),
            ("postgres://db:port/shop", "port"),
            ("postgres://db:65536/shop", "port"),
            ("postgres://::1/shop", "brackets"),
            ("postgres://[db]:5432/shop", "brackets"),
            ("postgres://[::1/shop", "`]`"),
            ("postgres://[::1]5432/shop", "]"),
            ("postgres://one:1,two:2/shop", "several hosts"),
            ("postgres://one,two/shop", "several hosts"),
            ("postgres:///shop?host=one,two", "several hosts"),
            ("postgres://db/shop?hostaddr=db", "hostaddr"),
            ("postgres://db/shop?sslmode=secret", "sslmode"),
            ("postgres://%ff@db/shop", "user name is not UTF-8"),
            ("postgres://a%00@db/shop", "NUL"),
        ] {
            refused(text, part);
        }
    }

    #[test]
    fn secrets_are_never_shown() {
        for text in [
            "postgres://app:hunter2@db/shop",
            "postgresql://app:hunter@2:hunter@db:5432/shop?password=hunter2",
            "postgres://app@db/shop?password=hunter2&sslpassword=hunter2",
            "postgres://app@db/shop?password=a&hunter=2",
            "postgres://app@db/shop?options=-c%20hunter.key%3D2",
            "postgres://app@db/shop?unknown=hunter2",
            "postgres://:hunter2@db/shop",
            "postgres://app:%68unter2@db/shop",
        ] {
            let url = DatabaseUrl::parse(text).expect(text);
            let DatabaseUrl::Postgres(postgres) = &url else {
                panic!("{text}")
            };
            assert!(postgres.has_hidden_parts(), "{text}");
            for shown in [url.to_string(), format!("{url:?}"), postgres.for_psql(None)] {
                assert!(!shown.contains("hunter"), "{text}: {shown}");
            }
        }
        let DatabaseUrl::Postgres(open) =
            DatabaseUrl::parse("postgres://app@db/shop").expect("a URL")
        else {
            panic!("a server")
        };
        assert!(!open.has_hidden_parts());
    }
}
