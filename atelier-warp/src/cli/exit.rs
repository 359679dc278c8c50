//! What `atelier` and `atelier-etl` end with. The program ends by these, and `docs/settings.md` and `--help` print them.

/// All is well.
pub(crate) const FINE: u8 = 0;
/// It can't go on: a port, a file, the system.
pub(crate) const RUNNING: u8 = 1;
/// A setting, or the command line.
pub(crate) const SETTING: u8 = 2;
/// The database can't be reached.
pub(crate) const UNREACHABLE: u8 = 3;
/// The schema of the database is another.
pub(crate) const SCHEMA: u8 = 4;
/// A load met too many bad lines.
const REJECTS: u8 = 5;
/// It was told to end before it was done.
pub(crate) const INTERRUPTED: u8 = 130;

/// Each with its meaning in a few words, and in more.
pub(crate) const ALL: [(u8, &str, &str); 7] = [
    (
        FINE,
        "fine",
        "It did what it was asked, or was told to end and did",
    ),
    (
        RUNNING,
        "it can't go on",
        "The port is taken, the file is in use, the system has no more of something; \
         of `atelier health`, that the server is not ready, whatever the reason",
    ),
    (
        SETTING,
        "a wrong setting",
        "A flag that is not known, a value that can't be used, or what `--production` refuses",
    ),
    (
        UNREACHABLE,
        "the database can't be reached",
        "PostgreSQL does not answer, lets nobody in, or can't be used as it is: user, password, rights, TLS, name, \
         encoding or limits of the database",
    ),
    (
        SCHEMA,
        "its schema is of another version",
        "The database has to be migrated, or is newer than the program; of `atelier migrate --check`, that there is \
         something to do",
    ),
    (
        REJECTS,
        "too many rejects",
        "Of `atelier-etl` alone: more lines were refused than `--max-rejects` allows",
    ),
    (
        INTERRUPTED,
        "interrupted",
        "Told to end for a second time, or a load before it was done",
    ),
];
