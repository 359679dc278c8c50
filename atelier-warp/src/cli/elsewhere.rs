//! The variables that are read beside the settings: standards that other programs know as well.

use super::settings;

/// Warns of variables that are named as settings are, and are none: one is mistyped. What container platforms set for a
/// service of the name `atelier` is left out.
pub(crate) fn warn_of_strangers() {
    let known: Vec<_> = settings::all()
        .flat_map(settings::Setting::variables)
        .map(|(name, _)| name)
        .collect();
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        let platforms = ["ATELIER_PORT", "ATELIER_SERVICE_"].map(|start| name.starts_with(start));
        if name.starts_with("ATELIER_") && !known.contains(&&*name) && platforms == [false; 2] {
            tracing::warn!(
                "{name} is no setting, and nothing looks at it; atelier --help has them all"
            );
        }
    }
}

/// Variables that belong together.
pub(crate) struct Others {
    pub(crate) names: &'static [&'static str],
    pub(crate) help: &'static str,
}

/// All of them.
pub(crate) const OTHERS: &[Others] = &[
    Others {
        names: &[
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
            "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
        ],
        help: "The collector to which spans and numbers are sent, over HTTP; without one nothing is",
    },
    Others {
        names: &[
            "OTEL_SDK_DISABLED",
            "OTEL_TRACES_EXPORTER",
            "OTEL_METRICS_EXPORTER",
        ],
        help: "`true` sends nothing; `none` sends no spans, or no numbers",
    },
    Others {
        names: &[
            "OTEL_EXPORTER_OTLP_PROTOCOL",
            "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
            "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL",
        ],
        help: "`http/protobuf` is spoken, and nothing else",
    },
    Others {
        names: &[
            "OTEL_EXPORTER_OTLP_HEADERS",
            "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
            "OTEL_EXPORTER_OTLP_METRICS_HEADERS",
            "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE",
            "OTEL_EXPORTER_OTLP_COMPRESSION",
            "OTEL_EXPORTER_OTLP_TRACES_COMPRESSION",
            "OTEL_EXPORTER_OTLP_METRICS_COMPRESSION",
            "OTEL_EXPORTER_OTLP_TIMEOUT",
            "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT",
            "OTEL_EXPORTER_OTLP_METRICS_TIMEOUT",
            "OTEL_SERVICE_NAME",
            "OTEL_RESOURCE_ATTRIBUTES",
            "OTEL_TRACES_SAMPLER",
            "OTEL_TRACES_SAMPLER_ARG",
            "OTEL_BSP_SCHEDULE_DELAY",
            "OTEL_BSP_MAX_QUEUE_SIZE",
            "OTEL_BSP_MAX_EXPORT_BATCH_SIZE",
            "OTEL_METRIC_EXPORT_INTERVAL",
        ],
        help: "What is sent, as whom and how often, as OpenTelemetry defines them; the name is `atelier` where none is set",
    },
    Others {
        names: &["ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY"],
        help: "The way to the collector",
    },
    Others {
        names: &["LISTEN_FDS", "LISTEN_PID"],
        help: "The socket of a supervisor, which goes before `--listen`",
    },
    Others {
        names: &["XDG_DATA_HOME", "HOME"],
        help: "Where the embedded file is",
    },
    Others {
        names: &[
            "PGHOST",
            "PGHOSTADDR",
            "PGPORT",
            "PGUSER",
            "PGPASSWORD",
            "PGPASSFILE",
            "PGDATABASE",
            "PGOPTIONS",
            "PGSSLMODE",
            "PGSSLROOTCERT",
            "PGSSLCERT",
            "PGSSLKEY",
        ],
        help: "Hold where the address of a PostgreSQL database says nothing",
    },
    Others {
        names: &["NO_COLOR"],
        help: "Set to anything, the log has no colours",
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::settings;

    fn known(name: &str) -> bool {
        OTHERS.iter().any(|others| others.names.contains(&name))
    }

    #[test]
    fn every_variable_of_opentelemetry_that_is_read_here_is_told() {
        let sources = [
            include_str!("../observe/otel.rs"),
            include_str!("../observe/otel/client.rs"),
            include_str!("../observe/otel/resource.rs"),
            include_str!("../observe/otel/environment.rs"),
        ];
        // What stands between quotes.
        let names = sources
            .iter()
            .flat_map(|source| source.split('"').skip(1).step_by(2));
        let is_name = |name: &&str| {
            let rest = name.strip_prefix("OTEL_");
            rest.is_some_and(|rest| rest.bytes().all(|c| c.is_ascii_uppercase() || c == b'_'))
        };
        let names: Vec<_> = names.filter(is_name).collect();
        assert!(names.len() > 10, "{names:?}");
        for name in names {
            assert!(known(name), "{name}");
        }
    }

    #[test]
    fn no_variable_is_told_twice() {
        let others = OTHERS
            .iter()
            .flat_map(|others| others.names.iter().copied());
        let ours = settings::all().flat_map(|setting| setting.variables().map(|(name, _)| name));
        let mut names = std::collections::BTreeSet::new();
        for name in others.chain(ours) {
            assert!(names.insert(name), "{name}");
        }
    }
}
