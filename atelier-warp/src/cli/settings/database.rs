//! Where the data is.

use std::time::Duration;

use atelier_core::PoolSize;

use super::super::values::{Wrong, database, duration, number, one};
use super::{Section, Setting, Shown, Takes, Unset};

pub(super) const SECTION: Section = Section {
    title: "Database",
    settings: &[
        Setting {
            flag: "database-url",
            variable: "DATABASE_URL",
            also: None,
            takes: Takes::One,
            value: "URL",
            unset: Unset::Nothing("the embedded file"),
            example: "postgres://app:secret@db.example/atelier?sslmode=verify-full",
            shown: Shown::WithoutPassword,
            help: "`sqlite:PATH` (with `?mode=ro` behind it to read only, side by side with others) or `postgres://..`. \
                   The embedded file is `atelier/demo.db` in `$XDG_DATA_HOME` or `~/.local/share`",
            set: |options, given| {
                options.database = Some(database(one(given))?);
                Ok(())
            },
        },
        Setting {
            flag: "database-read-url",
            variable: "DATABASE_READ_URL",
            also: None,
            takes: Takes::Several,
            value: "URL",
            unset: Unset::Nothing("none"),
            example: "postgres://app:secret@standby.example/atelier?sslmode=verify-full",
            shown: Shown::WithoutPassword,
            help: "A hot standby of the PostgreSQL database, which answers reads as long as it is less than a second behind, \
                   and gets the writes when it is promoted. The address of one server, not of a group",
            set: |options, given| {
                options.store.readers = given
                    .iter()
                    .map(|url| database(url))
                    .collect::<Result<_, _>>()?;
                Ok(())
            },
        },
        Setting {
            flag: "pool-size",
            variable: "ATELIER_POOL_SIZE",
            also: None,
            takes: Takes::One,
            value: "N",
            unset: Unset::Nothing("by the cores: 12 on two, 32 at most"),
            example: "8",
            shown: Shown::AsItIs,
            help: "Most connections to the PostgreSQL server, and to each standby; there one more watches each of the servers. \
                   All replicas together have to stay below its `max_connections`",
            set: |options, given| {
                let range = PoolSize::MIN.into()..=PoolSize::MAX.into();
                // What is in the range is a size.
                let size = PoolSize::new(number(one(given), range)?);
                options.store.pool_size = size.unwrap_or_default();
                Ok(())
            },
        },
        Setting {
            flag: "queue-timeout",
            variable: "ATELIER_QUEUE_TIMEOUT",
            also: None,
            takes: Takes::One,
            value: "TIME",
            unset: Unset::Is("2s"),
            example: "500ms",
            shown: Shown::AsItIs,
            help: "How long a request waits for a connection to PostgreSQL before it is refused with 503. A request that would \
                   have to wait longer, by the measured service rate, is refused at once",
            set: |options, given| {
                // With a statement's 3 s it has to fit into the 5 s of a request.
                let times = Duration::from_millis(10)..=Duration::from_secs(2);
                options.store.queue_timeout = duration(one(given), times)?;
                Ok(())
            },
        },
        Setting {
            flag: "wait-for-database",
            variable: "ATELIER_WAIT_FOR_DATABASE",
            also: None,
            takes: Takes::One,
            value: "TIME",
            unset: Unset::Is("forever"),
            example: "30s",
            shown: Shown::AsItIs,
            help: "How long to wait at the start for a PostgreSQL server that is not there yet; meanwhile `/live` answers. \
                   What does not mend itself, such as a wrong password, ends the server at once; with 0 everything does",
            set: |options, given| {
                let times = Duration::ZERO..=Duration::from_hours(24);
                options.wait = match one(given) {
                    "forever" => None,
                    time => Some(duration(time, times).map_err(|wrong| Wrong {
                        expected: wrong.expected + ", or forever",
                        ..wrong
                    })?),
                };
                Ok(())
            },
        },
        Setting {
            flag: "demo",
            variable: "ATELIER_DEMO",
            also: None,
            takes: Takes::One,
            value: "N",
            unset: Unset::Nothing("1000 for the embedded file, else 0"),
            example: "200",
            shown: Shown::AsItIs,
            help: "Fill an empty database with a demo of this many products",
            set: |options, given| {
                options.demo = Some(number(one(given), 0..=100_000)?);
                Ok(())
            },
        },
    ],
};
