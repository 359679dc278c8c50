//! Who may do what, and what is told of it.

use std::time::Duration;

use super::super::options::LogFormat;
use super::super::values::{Wrong, days, duration, levels, lines, network, number, one, switch};
use super::{Section, Setting, Shown, Takes, Unset};

pub(super) const SECTION: Section = Section {
    title: "Access",
    settings: &[
        Setting {
            flag: "token",
            variable: "ATELIER_TOKEN",
            also: None,
            takes: Takes::Several,
            value: "TOKEN",
            unset: Unset::Nothing("none: nobody needs one"),
            example: "a-long-random-text",
            shown: Shown::Masked,
            help: "A token that is accepted in `Authorization` (the bare value, no scheme). On the command line other users \
                   of the machine can see it",
            set: |options, given| {
                options.settings.tokens.extend_from_slice(given);
                Ok(())
            },
        },
        Setting {
            flag: "token-file",
            variable: "ATELIER_TOKEN_FILE",
            also: None,
            takes: Takes::One,
            value: "FILE",
            unset: Unset::Nothing("none"),
            example: "/run/secrets/atelier-tokens",
            shown: Shown::AsItIs,
            help: "A file with more tokens, one on each line; lines that begin with `#` are comments",
            set: |options, given| {
                options.settings.tokens.extend(lines(one(given))?);
                Ok(())
            },
        },
        Setting {
            flag: "trusted-proxies",
            variable: "ATELIER_TRUSTED_PROXIES",
            also: None,
            takes: Takes::Several,
            value: "NETWORK",
            unset: Unset::Nothing("none"),
            example: "10.0.0.7,10.0.1.0/24",
            shown: Shown::AsItIs,
            help: "Addresses or networks of the proxies in front: what one of them sends again, under the same \
                   `Atelier-Retry-Key`, is carried out once. Nobody else's is looked at",
            set: |options, given| {
                let networks = given.iter().map(|text| network(text));
                options.serving.trusted_proxies = networks.collect::<Result<_, _>>()?;
                Ok(())
            },
        },
        Setting {
            flag: "idempotency-ttl",
            variable: "ATELIER_IDEMPOTENCY_TTL",
            also: None,
            takes: Takes::One,
            value: "TIME",
            unset: Unset::Is("24h"),
            example: "7d",
            shown: Shown::AsItIs,
            help: "How long a post is known by its `Idempotency-Key`",
            set: |options, given| {
                let times = Duration::from_secs(1)..=Duration::from_hours(365 * 24);
                let millis = duration(one(given), times)?.as_millis();
                options.limits.idempotency_ttl = i64::try_from(millis).unwrap_or(i64::MAX);
                Ok(())
            },
        },
        Setting {
            flag: "keep-interactions",
            variable: "ATELIER_KEEP_INTERACTIONS",
            also: None,
            takes: Takes::One,
            value: "DAYS",
            unset: Unset::Is("0"),
            example: "90",
            shown: Shown::AsItIs,
            help: "Delete interactions after this many days; 0 keeps them for ever",
            set: |options, given| {
                options.limits.keep_interactions = days(one(given))?;
                Ok(())
            },
        },
        Setting {
            flag: "keep-carts",
            variable: "ATELIER_KEEP_CARTS",
            also: None,
            takes: Takes::One,
            value: "DAYS",
            unset: Unset::Is("0"),
            example: "30",
            shown: Shown::AsItIs,
            help: "Delete a line of a cart when no unit was added to it for this many days; 0 keeps it for ever",
            set: |options, given| {
                options.limits.keep_carts = days(one(given))?;
                Ok(())
            },
        },
        Setting {
            flag: "production",
            variable: "ATELIER_PRODUCTION",
            also: None,
            takes: Takes::Switch,
            value: "on|off",
            unset: Unset::Is("off"),
            example: "on",
            shown: Shown::AsItIs,
            help: "Refuse to start with what is unsafe: demo data, a database across a network without TLS that is verified, \
                   proxies that are everybody. Probes leave a public port for `--admin-addr`",
            set: |options, given| {
                options.production = switch(one(given))?;
                Ok(())
            },
        },
    ],
};

pub(super) const LOG: Section = Section {
    title: "Log",
    settings: &[
        Setting {
            flag: "log",
            variable: "ATELIER_LOG",
            also: None,
            takes: Takes::One,
            value: "LEVELS",
            unset: Unset::Is("info,sqlx=warn"),
            example: "debug",
            shown: Shown::AsItIs,
            help: "What is logged, to standard error: `error`, `warn`, `info`, `debug` or `trace`, and otherwise of a part of \
                   the program, as in `warn,sqlx=debug`",
            set: |options, given| {
                (options.log, options.log_level) = levels(one(given))?;
                Ok(())
            },
        },
        Setting {
            flag: "log-format",
            variable: "ATELIER_LOG_FORMAT",
            also: None,
            takes: Takes::OneOf(&["auto", "pretty", "json"]),
            value: "FORMAT",
            unset: Unset::Is("auto"),
            example: "json",
            shown: Shown::AsItIs,
            help: "`auto` is `pretty` on a terminal, else `json`: an object on each line",
            set: |options, given| {
                options.log_format = match one(given) {
                    "auto" => LogFormat::Auto,
                    "pretty" => LogFormat::Pretty,
                    "json" => LogFormat::Json,
                    other => {
                        return Err(Wrong {
                            value: other.to_owned(),
                            expected: "auto, pretty or json".to_owned(),
                        });
                    }
                };
                Ok(())
            },
        },
        Setting {
            flag: "log-sample",
            variable: "ATELIER_LOG_SAMPLE",
            also: None,
            takes: Takes::One,
            value: "N",
            unset: Unset::Is("1"),
            example: "100",
            shown: Shown::AsItIs,
            help: "Log one in N of the requests that went well, and every other; 0 logs no requests at all",
            set: |options, given| {
                options.log_sample = number(one(given), 0..=1_000_000)?;
                Ok(())
            },
        },
    ],
};
