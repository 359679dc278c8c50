//! Where and how connections are served.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::super::values::{address, admin, duration, number, one, size};
use super::{Section, Setting, Shown, Takes, Unset};

/// The least and the most of a time-out.
const TIMES: RangeInclusive<Duration> = Duration::from_millis(1)..=Duration::from_hours(24);

/// The same of a time that may be none.
const TIMES_OR_NONE: RangeInclusive<Duration> = Duration::ZERO..=Duration::from_hours(24);

pub(super) const ADDRESSES: Section = Section {
    title: "Addresses",
    settings: &[
        Setting {
            flag: "listen",
            variable: "ATELIER_LISTEN",
            also: Some(("PORT", "0.0.0.0:")),
            takes: Takes::One,
            value: "ADDR",
            unset: Unset::Is("127.0.0.1:3000"),
            example: "127.0.0.1:8080",
            shown: Shown::AsItIs,
            help: "Where to listen, unless a supervisor hands over a socket (`LISTEN_FDS`). A port alone is on 127.0.0.1. A platform \
                   that sets `PORT` alone is listened to on all addresses",
            set: |options, given| {
                options.listen = address(one(given))?;
                Ok(())
            },
        },
        Setting {
            flag: "admin-addr",
            variable: "ATELIER_ADMIN_ADDR",
            also: None,
            takes: Takes::One,
            value: "ADDR",
            unset: Unset::Nothing("none; 127.0.0.1:3001 with --production where the API is public"),
            example: "127.0.0.1:3001",
            shown: Shown::AsItIs,
            help: "Where `/live`, `/ready`, `/health` and `/metrics` are answered instead, so that the public port has only the API. \
                   `+10000` is the port of the API plus 10000, on 127.0.0.1: several servers on a machine can share that",
            set: |options, given| {
                options.admin = Some(admin(one(given))?);
                options.serving.probes = false;
                Ok(())
            },
        },
    ],
};

pub(super) const LIMITS: Section = Section {
    title: "Limits of a connection",
    settings: &[
        Setting {
            flag: "max-connections",
            variable: "ATELIER_MAX_CONNECTIONS",
            also: None,
            takes: Takes::One,
            value: "N",
            unset: Unset::Is("10000"),
            example: "2000",
            shown: Shown::AsItIs,
            help: "Connections at a time; more are closed at once, the old ones kept",
            set: |options, given| {
                options.serving.max_connections = number(one(given), 1..=1_000_000)?;
                Ok(())
            },
        },
        Setting {
            flag: "max-body",
            variable: "ATELIER_MAX_BODY",
            also: None,
            takes: Takes::One,
            value: "SIZE",
            unset: Unset::Is("1MiB"),
            example: "256KiB",
            shown: Shown::AsItIs,
            help: "Most bytes of the body of a POST",
            set: |options, given| {
                options.settings.max_body_bytes = size(one(given), 1 << 10..=64 << 20)?;
                Ok(())
            },
        },
        Setting {
            flag: "header-timeout",
            variable: "ATELIER_HEADER_TIMEOUT",
            also: None,
            takes: Takes::One,
            value: "TIME",
            unset: Unset::Is("10s"),
            example: "75s",
            shown: Shown::AsItIs,
            help: "How long headers may take, and how long a connection may idle: longer than a proxy in front keeps it",
            set: |options, given| {
                options.serving.header_timeout = duration(one(given), TIMES)?;
                Ok(())
            },
        },
        Setting {
            flag: "body-timeout",
            variable: "ATELIER_BODY_TIMEOUT",
            also: None,
            takes: Takes::One,
            value: "TIME",
            unset: Unset::Is("10s"),
            example: "5s",
            shown: Shown::AsItIs,
            help: "How long a body may take to arrive",
            set: |options, given| {
                options.serving.limits.body_timeout = duration(one(given), TIMES)?;
                Ok(())
            },
        },
    ],
};

pub(super) const ENDING: Section = Section {
    title: "Stopping",
    settings: &[
        Setting {
            flag: "drain-delay",
            variable: "ATELIER_DRAIN_DELAY",
            also: None,
            takes: Takes::One,
            value: "TIME",
            unset: Unset::Is("6s"),
            example: "10s",
            shown: Shown::AsItIs,
            help: "How long connections are still accepted after SIGTERM, so that no proxy meets a closed door",
            set: |options, given| {
                options.serving.drain_delay = duration(one(given), TIMES_OR_NONE)?;
                Ok(())
            },
        },
        Setting {
            flag: "shutdown-timeout",
            variable: "ATELIER_SHUTDOWN_TIMEOUT",
            also: None,
            takes: Takes::One,
            value: "TIME",
            unset: Unset::Is("20s"),
            example: "5s",
            shown: Shown::AsItIs,
            help: "How long requests under way may take after that",
            set: |options, given| {
                options.serving.shutdown_timeout = duration(one(given), TIMES_OR_NONE)?;
                Ok(())
            },
        },
    ],
};
