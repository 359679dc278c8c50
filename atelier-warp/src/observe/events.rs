//! What the program has to say beside requests, on its way to the log: as `tracing` gives it, in the form of the log.

use std::fmt;
use std::io::Write;
use std::sync::Arc;
use std::time::SystemTime;

use atelier_core::Millis;
use serde::Serialize;
use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};

use super::lines::Lines;
use super::log::{Format, millis};

/// An event as a JSON object, with the names that the line of a request has.
pub(super) struct Events;

impl Events {
    /// Sends what all parts of the program say to `lines`.
    pub(super) fn to(
        lines: &Arc<Lines>,
        format: Format,
        levels: EnvFilter,
        colours: bool,
    ) -> Result<(), TryInitError> {
        let lines = Arc::clone(lines);
        let events = tracing_subscriber::fmt()
            .with_env_filter(levels)
            .with_writer(move || Whole(Arc::clone(&lines)))
            .with_ansi(colours)
            // Nobody is waited for, so none can fail.
            .log_internal_errors(false);
        match format {
            Format::Pretty => events.finish().try_init(),
            Format::Json => events.event_format(Self).finish().try_init(),
        }
    }
}

/// Takes whole lines.
struct Whole(Arc<Lines>);

impl Write for Whole {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        self.0.add(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[derive(Serialize)]
struct Line<'a> {
    ts: Millis,
    level: &'static str,
    target: &'a str,
    #[serde(flatten)]
    fields: &'a Map<String, Value>,
}

impl<S, N> FormatEvent<S, N> for Events
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut line: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let text = serde_json::to_string(&Line {
            ts: millis(SystemTime::now()),
            level: match *event.metadata().level() {
                Level::ERROR => "error",
                Level::WARN => "warn",
                Level::INFO => "info",
                Level::DEBUG => "debug",
                Level::TRACE => "trace",
            },
            target: event.metadata().target(),
            fields: &fields.0,
        });
        writeln!(line, "{}", text.map_err(|_| fmt::Error)?)
    }
}

/// What an event says, its `message` among it.
#[derive(Default)]
struct Fields(Map<String, Value>);

impl Fields {
    fn put(&mut self, field: &Field, value: impl Into<Value>) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value);
    }
}
