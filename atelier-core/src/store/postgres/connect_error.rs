//! Classifies connection errors of PostgreSQL by type and SQLSTATE, never by message, which may be in any language.

use std::fs;
use std::io::{self, ErrorKind};

use sqlx::postgres::PgDatabaseError;

use crate::model::error::ConnectErrorKind;
use crate::store::postgres::url::PostgresUrl;

impl ConnectErrorKind {
    /// The kind of a failure; none for one that says nothing about the connection.
    pub(crate) fn of(error: &sqlx::Error) -> Option<Self> {
        match error {
            sqlx::Error::Io(error) => Some(Self::of_io(error)),
            sqlx::Error::Tls(_) | sqlx::Error::Configuration(_) => Some(Self::Tls),
            sqlx::Error::Protocol(_) => Some(Self::Protocol),
            sqlx::Error::Database(error) => {
                let error = error.try_downcast_ref::<PgDatabaseError>()?;
                Self::of_sqlstate(error.code(), error.routine())
            }
            _ => None,
        }
    }

    fn of_io(error: &io::Error) -> Self {
        match error.kind() {
            ErrorKind::ConnectionRefused => Self::Refused,
            ErrorKind::TimedOut => Self::TimedOut,
            ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => Self::Unreachable,
            ErrorKind::NotFound | ErrorKind::PermissionDenied | ErrorKind::IsADirectory => {
                Self::File
            }
            // rustls says so of certificates and of alerts.
            ErrorKind::InvalidData => Self::Tls,
            ErrorKind::UnexpectedEof
            | ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::BrokenPipe
            | ErrorKind::NotConnected
            | ErrorKind::WriteZero => Self::Lost,
            // The resolver's failures have no kind, and no number of the system.
            _ if error.raw_os_error().is_none() && error.get_ref().is_some() => Self::Unresolved,
            _ => Self::Lost,
        }
    }

    fn of_sqlstate(code: &str, routine: Option<&str>) -> Option<Self> {
        Some(match code {
            // One code for three limits: the function of the server tells them apart, in every language.
            "53300" => match routine {
                Some("InitializeSessionUserId") => Self::RoleConnectionLimit,
                Some("CheckMyDatabase") => Self::DatabaseConnectionLimit,
                _ => Self::TooManyConnections,
            },
            "28P01" => Self::Password,
            "3D000" | "57P04" => Self::NoDatabase,
            "42501" => Self::Permission,
            "25006" => Self::Standby,
            "08P01" => Self::Pooler,
            "0A000" => Self::Version,
            // A statement that was broken off is not a connection that was.
            "57014" => return None,
            _ => match code.get(..2)? {
                "28" => Self::Login,
                "08" => Self::Lost,
                "53" | "58" => Self::OutOfResources,
                "57" => Self::Starting,
                _ => return None,
            },
        })
    }

    /// Whether the same attempt may succeed later without anybody changing a setting.
    pub fn is_retryable(self) -> bool {
        match self {
            Self::Refused
            | Self::Unresolved
            | Self::Unreachable
            | Self::TimedOut
            | Self::Lost
            | Self::Starting
            | Self::TooManyConnections
            | Self::RoleConnectionLimit
            | Self::DatabaseConnectionLimit
            | Self::OutOfResources
            | Self::Protocol
            | Self::Pooler
            | Self::Standby => true,
            // The socket appears when the server starts; see `is_retryable_at`.
            Self::File
            | Self::Password
            | Self::Login
            | Self::NoDatabase
            | Self::Permission
            | Self::Tls
            | Self::ReadOnly
            | Self::Encoding
            | Self::Version
            | Self::Other => false,
        }
    }

    /// The same for a database at `url`: the socket of a server appears when it starts, a certificate does not.
    pub fn is_retryable_at(self, url: &PostgresUrl) -> bool {
        self.is_retryable() || (self == Self::File && unreadable(url).is_none())
    }

    /// What to do about it: a question or a step, and a command to try.
    pub fn hint(self, url: &PostgresUrl) -> String {
        let server = url.for_psql(Some("postgres"));
        let user = url.user().unwrap_or("USER");
        let database = url.database().or(url.user()).unwrap_or("DATABASE");
        let administrator = |statement: &str| {
            let url = url.for_psql_as(Some("postgres"), Some("postgres"));
            psql(&url, statement)
        };
        let check =
            |question: &str| format!("{question} Try: {}", psql(&url.for_psql(None), "select 1"));
        if let Self::File | Self::Tls = self
            && let Some(file) = unreadable(url)
        {
            return file;
        }
        match self {
            Self::Refused | Self::Starting | Self::Lost => check("Is it running?"),
            Self::Unresolved => match url.host() {
                Some(host) => format!(
                    "Is the host name right, and does this machine know it? Try: getent hosts {}",
                    quoted(host)
                ),
                None => "Is the host name in PGHOST right?".to_owned(),
            },
            Self::Unreachable => check("Is this machine in a network that leads there?"),
            Self::TimedOut => check("Is it running, and does no firewall drop what is sent there?"),
            Self::File => check("Is it running, and is that the directory of its socket, which this user may enter?"),
            Self::TooManyConnections => "Close connections of other programs, give each server a smaller --pool-size, or raise \
                 max_connections."
                .to_owned(),
            Self::RoleConnectionLimit => format!(
                "Close other connections of this role, or raise its limit, as an administrator: {}",
                administrator(&format!("alter role {} connection limit 50", identifier(user)))
            ),
            Self::DatabaseConnectionLimit => format!(
                "Close other connections to this database, or raise its limit, as an administrator: {}",
                administrator(&format!("alter database {} connection limit 50", identifier(database)))
            ),
            Self::OutOfResources => {
                "Has the server disk space and memory left? Its log says what it lacks.".to_owned()
            }
            Self::Password => check("Are user and password right?"),
            Self::Login => check("Is the user right, and may it log in from here (pg_hba.conf)?"),
            Self::NoDatabase => format!(
                "Is the name right? Try: {}",
                psql(&server, &format!("create database {}", identifier(database)))
            ),
            Self::Permission => format!(
                "This user must own the database and its tables, or have rights on both. For the database, as an administrator: {}",
                administrator(&format!(
                    "alter database {} owner to {}",
                    identifier(database),
                    identifier(user)
                ))
            ),
            Self::Tls => "Does the server offer TLS, with a certificate for that name? What is asked of it is in the URL: \
                 sslmode=verify-full, sslrootcert=FILE"
                .to_owned(),
            Self::Protocol => format!(
                "Is that PostgreSQL, and is it running behind what answers there? Try: {}",
                psql(&url.for_psql(None), "select version()")
            ),
            Self::Pooler => "Name the server itself with --database-url, not a pooler such as PgBouncer: it passes on no \
                 settings of connections."
                .to_owned(),
            Self::Standby => "Name the primary with --database-url; a standby that answers reads is named with \
                 --database-read-url."
                .to_owned(),
            Self::ReadOnly => format!(
                "Serve without changes: --read-only. Or allow them, as an administrator, for the database or for the role: {}",
                administrator(&format!(
                    "alter database {} reset default_transaction_read_only",
                    identifier(database)
                ))
            ),
            Self::Encoding => format!(
                "Create another database, and name it with --database-url: {}",
                psql(&server, &format!(
                    "create database {} encoding UTF8 locale \"C\" template template0",
                    identifier(&format!("{database}_utf8"))
                ))
            ),
            Self::Other => "The server says why, and its log may say more. Are the `options` of the URL and of PGOPTIONS right?"
                .to_owned(),
            Self::Version => "Upgrade the server to PostgreSQL 13 or newer.".to_owned(),
        }
    }
}

/// What is wrong with a file of certificates or keys that the URL or the environment names, and what to do.
fn unreadable(url: &PostgresUrl) -> Option<String> {
    let files = [
        ("sslrootcert", "PGSSLROOTCERT", "CERTIFICATE-----"),
        ("sslcert", "PGSSLCERT", "CERTIFICATE-----"),
        ("sslkey", "PGSSLKEY", "PRIVATE KEY-----"),
    ];
    let mode = url.parameter("sslmode").map(str::to_owned);
    let mode = mode
        .or_else(|| std::env::var("PGSSLMODE").ok())
        .unwrap_or_default();
    // The driver reads it only then.
    let verifies = mode.to_ascii_lowercase().starts_with("verify-");
    let files = files
        .into_iter()
        .filter(|(name, ..)| verifies || *name != "sslrootcert");
    { files }.find_map(|(name, variable, mark)| {
        let (name, path) = match url.parameter(name) {
            Some(path) => (name, path.to_owned()),
            None => (variable, std::env::var(variable).ok()?),
        };
        // Variables may hold the text itself.
        if path.trim_start().starts_with("-----BEGIN") {
            return None;
        }
        let cure = format!("Name a PEM file that this user may read with {name}.");
        if path.is_empty() {
            return Some(format!("{name} is empty. {cure}"));
        }
        match fs::read(&path) {
            Err(error) => Some(format!("{name} {path} can't be read: {error}. {cure}")),
            Ok(content) if !String::from_utf8_lossy(&content).contains(mark) => {
                let what = mark.trim_end_matches('-').to_ascii_lowercase();
                Some(format!("{name} {path} holds no {what} in PEM form. {cure}"))
            }
            Ok(_) => None,
        }
    })
}

/// A statement to run with psql.
fn psql(url: &str, statement: &str) -> String {
    format!("psql {} -c {}", quoted(url), quoted(statement))
}

/// As a shell takes it for one word.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// A name in SQL.
fn identifier(name: &str) -> String {
    let mut letters = name.bytes();
    let plain = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_';
    if letters.next().is_some_and(|c| c.is_ascii_lowercase()) && letters.all(plain) {
        name.to_owned()
    } else {
        format!("\"{}\"", name.replace('"', "\"\""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::DatabaseUrl;

    fn hint(kind: ConnectErrorKind, url: &str) -> String {
        match DatabaseUrl::parse(url).expect(url) {
            DatabaseUrl::Postgres(url) => kind.hint(&url),
            other => panic!("{other}"),
        }
    }

    #[tokio::test]
    async fn resolver_failure_is_not_a_refused_connection() {
        let connect = async |address: (&str, u16)| {
            let error = tokio::net::TcpStream::connect(address).await;
            ConnectErrorKind::of(&sqlx::Error::Io(error.expect_err("nobody listens")))
        };
        // `invalid` is a name that is never given out.
        let unresolved = connect(("nowhere.invalid", 5432)).await;
        assert_eq!(unresolved, Some(ConnectErrorKind::Unresolved));
        let refused = connect(("127.0.0.1", 1)).await;
        assert_eq!(refused, Some(ConnectErrorKind::Refused));
    }

    #[test]
    fn sqlstate_decides_kind_and_whether_to_wait() {
        use ConnectErrorKind as Kind;
        for (code, routine, kind, retryable) in [
            ("53300", "InitProcess", Some(Kind::TooManyConnections), true),
            (
                "53300",
                "InitializeSessionUserId",
                Some(Kind::RoleConnectionLimit),
                true,
            ),
            (
                "53300",
                "CheckMyDatabase",
                Some(Kind::DatabaseConnectionLimit),
                true,
            ),
            ("53100", "", Some(Kind::OutOfResources), true),
            ("57P03", "", Some(Kind::Starting), true),
            ("57P01", "", Some(Kind::Starting), true),
            ("08006", "", Some(Kind::Lost), true),
            ("25006", "", Some(Kind::Standby), true),
            ("28P01", "", Some(Kind::Password), false),
            ("28000", "", Some(Kind::Login), false),
            ("3D000", "", Some(Kind::NoDatabase), false),
            ("57P04", "", Some(Kind::NoDatabase), false),
            ("42501", "", Some(Kind::Permission), false),
            ("08P01", "", Some(Kind::Pooler), true),
            ("0A000", "", Some(Kind::Version), false),
            ("57014", "", None, true),
            ("23505", "", None, true),
        ] {
            let found = Kind::of_sqlstate(code, Some(routine));
            assert_eq!(found, kind, "{code} {routine}");
            assert_eq!(found.is_none_or(Kind::is_retryable), retryable, "{code}");
        }
    }

    #[test]
    fn suggested_commands_name_the_right_database() {
        use ConnectErrorKind as Kind;
        for (kind, url, command) in [
            (
                Kind::Refused,
                "postgres://app:x@db",
                "psql 'postgres://app@db' -c 'select 1'",
            ),
            (
                Kind::NoDatabase,
                "postgres://app:x@db",
                "psql 'postgres://app@db/postgres' -c 'create database app'",
            ),
            (
                Kind::NoDatabase,
                "postgres://app@db:5433/My%20shop%27s?sslmode=require",
                r#"psql 'postgres://app@db:5433/postgres?sslmode=require' -c 'create database "My shop'\''s"'"#,
            ),
            (
                Kind::NoDatabase,
                "postgres://app@/shop?host=/run/postgresql",
                "psql 'postgres://app@/postgres?host=/run/postgresql' -c 'create database shop'",
            ),
            (
                Kind::Encoding,
                "postgres://app@db/shop",
                r#"-c 'create database shop_utf8 encoding UTF8 locale "C" template template0'"#,
            ),
            (
                Kind::Unresolved,
                "postgres://app@db/shop",
                "getent hosts 'db'",
            ),
        ] {
            let told = hint(kind, url);
            assert!(told.ends_with(command), "{told}");
        }
    }

    #[test]
    fn certificate_file_without_certificate_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("root.pem");
        let url = format!(
            "postgres://db/shop?sslmode=verify-full&sslrootcert={}",
            path.display()
        );
        assert!(hint(ConnectErrorKind::File, &url).contains("can't be read: No such file"));
        fs::write(&path, "").expect("a file");
        let told = hint(ConnectErrorKind::Tls, &url);
        assert!(
            told.contains("root.pem holds no certificate in PEM form"),
            "{told}"
        );
        fs::write(&path, "-----BEGIN CERTIFICATE-----").expect("a file");
        let told = hint(ConnectErrorKind::Tls, &url);
        assert!(told.starts_with("Does the server offer TLS"), "{told}");
        let told = hint(
            ConnectErrorKind::File,
            "postgres://db/shop?sslmode=verify-ca&sslrootcert=",
        );
        assert!(told.starts_with("sslrootcert is empty"), "{told}");
    }
}
