//! Why a database is of no use: what happened, why, what to do.

use atelier_core::{DatabaseUrl, Error};

use super::sqlite_file;
use crate::cli::{Failure, exit};

/// What a server that can't be used has said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    /// Nothing, or that it is starting, or has no connection left: it may be there in a moment.
    Absent,
    Login,
    NoDatabase,
    Tls,
    Other,
}

/// Whether a database that fails in this way may answer in a moment.
pub(super) fn may_come(error: &Error) -> bool {
    matches!(error, Error::Unavailable(_)) && trouble(&error.to_string()) == Trouble::Absent
}

/// What the store's words tell: they end with PostgreSQL's code, where that has answered.
fn trouble(words: &str) -> Trouble {
    // The place may have any name, and so may what is named beside a code.
    let words = words
        .strip_prefix("PostgreSQL at ")
        .and_then(|rest| rest.split_once(' '))
        .map_or(words, |(_, words)| words);
    let hold = |any: &[&str]| any.iter().any(|part| words.contains(part));
    let code = words
        .strip_suffix(')')
        .and_then(|words| words.rsplit_once('('));
    match code.map(|(_, code)| code) {
        Some(code) if code.len() == 5 => match &code[..2] {
            "28" => Trouble::Login,
            "3D" => Trouble::NoDatabase,
            "08" | "53" | "57" | "58" => Trouble::Absent,
            _ => Trouble::Other,
        },
        _ if hold(&["TLS", "certificate", "fatal alert"]) => Trouble::Tls,
        _ if hold(&[
            "error communicating with database",
            "did not answer",
            "no connection in time",
            "no answer",
        ]) =>
        {
            Trouble::Absent
        }
        _ => Trouble::Other,
    }
}

/// The words for an operator whose database at `url` is of no use.
#[expect(clippy::needless_pass_by_value, reason = "as `map_err` hands it over")]
pub(super) fn failure(url: &DatabaseUrl, error: Error) -> Failure {
    let words = error.to_string();
    if let Error::Schema(_) = error {
        // Some name the way out at their end.
        let (what, cure) = match words.split_once(" Run: ") {
            Some((what, command)) => (
                what.to_owned(),
                format!("Run, under the same --database-url: {command}"),
            ),
            None => (words, String::new()),
        };
        return Failure::new(what, format!("That is {url}."), cure).code(exit::SCHEMA);
    }
    match url {
        DatabaseUrl::Sqlite(path) | DatabaseUrl::SqliteReadOnly(path) => {
            sqlite_file::failure(path, &error)
        }
        DatabaseUrl::Postgres(_) => of_postgres(url, &error, words),
    }
}

fn of_postgres(url: &DatabaseUrl, error: &Error, words: String) -> Failure {
    let words = if words.ends_with('.') {
        words
    } else {
        words + "."
    };
    let asked = format!("--database-url leads to {url}.");
    match error {
        Error::Unavailable(_) => {
            Failure::new(words.clone(), asked, cure(url, &words)).code(exit::UNREACHABLE)
        }
        Error::Unusable(_) if words.starts_with("The database URL") => {
            let cure = "Give such as: --database-url postgres://USER:PASSWORD@HOST:PORT/DATABASE";
            let what = words.split_inclusive(". ").next().unwrap_or_default();
            Failure::new(what.trim_end(), asked, cure).code(exit::SETTING)
        }
        Error::Unusable(_) => Failure::new(words, asked, ""),
        _ => Failure::new(
            words,
            asked,
            "May this user make tables there, and use them? If so, and it happens twice, please report it.",
        ),
    }
}

fn cure(url: &DatabaseUrl, words: &str) -> String {
    let ask = |question: &str, url: &str, statement: &str| {
        format!("{question} Try: psql '{url}' -c '{statement}'")
    };
    let shown = plain(url);
    match trouble(words.trim_end_matches('.')) {
        Trouble::Absent => ask("Is it running?", &shown, "select 1"),
        Trouble::Login => ask("Are user and password right?", &shown, "select 1"),
        Trouble::NoDatabase => match shown.rsplit_once('/') {
            Some((server, name)) => ask(
                "Is the name right?",
                &format!("{server}/postgres"),
                &format!("create database {name}"),
            ),
            None => ask("Is the name right?", &shown, "select 1"),
        },
        Trouble::Tls => "Does the server offer TLS, with a certificate for that name? What is asked of it is in the address: \
             sslmode=verify-full, sslrootcert=FILE"
            .to_owned(),
        Trouble::Other => ask("Is that PostgreSQL 13 or newer?", &shown, "select version()"),
    }
}

/// The address without a password, as psql takes it.
pub(super) fn plain(url: &DatabaseUrl) -> String {
    url.to_string().replacen(":***@", "@", 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_come_is_told_from_what_does_not_mend_itself() {
        let connect = "PostgreSQL at db:5432 can't be used: connect: ";
        for (why, kind) in [
            (
                "error communicating with database: Connection refused (os error 111)",
                Trouble::Absent,
            ),
            (
                "error communicating with database: failed to lookup address information",
                Trouble::Absent,
            ),
            (
                "the database system is starting up (57P03)",
                Trouble::Absent,
            ),
            ("sorry, too many clients already (53300)", Trouble::Absent),
            (
                "password authentication failed for user \"app\" (28P01)",
                Trouble::Login,
            ),
            ("no pg_hba.conf entry for host (28000)", Trouble::Login),
            (
                "database \"shop\" does not exist (3D000)",
                Trouble::NoDatabase,
            ),
            (
                "database \"TLS\" does not exist (3D000)",
                Trouble::NoDatabase,
            ),
            (
                "error occurred while attempting to establish a TLS connection: no",
                Trouble::Tls,
            ),
            (
                "error communicating with database: invalid peer certificate: UnknownIssuer",
                Trouble::Tls,
            ),
            (
                "encountered unexpected or invalid data: unknown response: 0x48",
                Trouble::Other,
            ),
            ("unsupported frontend protocol (0A000)", Trouble::Other),
        ] {
            assert_eq!(trouble(&[connect, why].concat()), kind, "{why}");
        }
        for silence in [
            "PostgreSQL at db:5432 did not answer within 5 s",
            "PostgreSQL at TLS:5432 did not answer within 5 s",
            "PostgreSQL at certificate:5432 can't be used: connect: error communicating with database: Connection refused",
            "content: no connection in time: is PostgreSQL running, can it be reached, and has it connections left?",
        ] {
            assert_eq!(trouble(silence), Trouble::Absent, "{silence}");
        }
    }
}
