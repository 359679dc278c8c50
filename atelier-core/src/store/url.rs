//! Which database is meant.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use crate::{Error, Failure, Result};

/// The address of a database: a SQLite file, or a PostgreSQL server and database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// The file; created when it is not there.
    Sqlite(PathBuf),
    /// The file, which nobody changes: any number of processes may read it.
    SqliteReadOnly(PathBuf),
    /// The server.
    Postgres(Secret),
}

/// An address that may hold a password; shown without it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The address as it was given.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, rest) = self.0.split_once("://").unwrap_or(("postgres", &self.0));
        // Neither the password before the last `@` of the authority nor what follows a `?` (it may hold one) is shown.
        let rest = rest.split('?').next().unwrap_or_default();
        match rest.rsplit_once('@') {
            Some((login, place)) => {
                let user = login.split(':').next().unwrap_or_default();
                let mask = if login.contains(':') { ":***" } else { "" };
                write!(f, "{scheme}://{user}{mask}@{place}")
            }
            None => write!(f, "{scheme}://{rest}"),
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
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
    /// The SQLite file at `path`.
    pub fn sqlite(path: impl AsRef<Path>) -> Self {
        Self::Sqlite(path.as_ref().to_owned())
    }

    /// What `text` names: `sqlite:PATH`, `sqlite:PATH?mode=ro` to read only, or
    /// `postgres://USER:PASSWORD@HOST:PORT/DATABASE`.
    pub fn parse(text: &str) -> Result<Self> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            let (path, mode) = match path.split_once('?') {
                Some((path, mode)) => (path, Some(mode)),
                None => (path, None),
            };
            if !path.is_empty() && !path.starts_with(":memory:") {
                match mode {
                    None => return Ok(Self::sqlite(path)),
                    Some("mode=ro") => return Ok(Self::SqliteReadOnly(path.into())),
                    Some(_) => {}
                }
            }
        } else if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(Secret(text.to_owned())));
        }
        // What was given is not repeated: it may hold a password.
        Err(Error::Unusable(Failure::new(
            "The database URL names neither SQLite nor PostgreSQL. \
             Give sqlite:PATH, a file, with ?mode=ro behind it to read only, or \
             postgres://USER:PASSWORD@HOST:PORT/DATABASE.",
        )))
    }

    /// What `text` names; without one, or where it is empty, the embedded store of this user: `atelier/demo.db` in `$XDG_DATA_HOME` or
    /// `~/.local/share`, or in the working directory where there is no home.
    pub fn or_embedded(text: Option<&str>) -> Result<Self> {
        let Some(text) = text.filter(|text| !text.is_empty()) else {
            let folder = data_folder(|name| std::env::var_os(name));
            return Ok(Self::Sqlite(folder.join("atelier/demo.db")));
        };
        Self::parse(text)
    }
}

/// The folder for the data of this user. A relative path is ignored, as the XDG specification has it: it would lead
/// elsewhere from every working directory.
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

    #[test]
    fn relative_data_folder_is_ignored() {
        for (xdg, home, folder) in [
            ("/data", "/home/app", "/data"),
            ("data", "/home/app", "/home/app/.local/share"),
            ("./data", "/home/app", "/home/app/.local/share"),
            ("", "/home/app", "/home/app/.local/share"),
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
    fn a_url_names_a_file_or_a_server() {
        for (text, shown) in [
            ("sqlite:shop.db", "sqlite:shop.db"),
            ("sqlite:///var/lib/shop.db", "sqlite:/var/lib/shop.db"),
            ("sqlite:shop.db?mode=ro", "sqlite:shop.db?mode=ro"),
            ("postgres://app@db/atelier", "postgres://app@db/atelier"),
            (
                "postgresql://app:p@ss@db:5432/atelier?password=x",
                "postgresql://app:***@db:5432/atelier",
            ),
        ] {
            assert_eq!(DatabaseUrl::parse(text).expect(text).to_string(), shown);
        }
        for bad in [
            "",
            "sqlite:",
            "sqlite::memory:",
            "sqlite:shop.db?mode=rwx",
            "sqlite:?mode=ro",
            "mysql://a:secret@b/c",
            "shop.db",
        ] {
            let error = DatabaseUrl::parse(bad).expect_err(bad).to_string();
            assert!(
                error.contains("sqlite:PATH") && !error.contains("secret"),
                "{error}"
            );
        }
    }
}
