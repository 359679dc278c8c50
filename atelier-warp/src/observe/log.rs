//! The log: a line for each request, and the program's `tracing` events, in the same format. The line of a request contains
//! no body, no query, no token, and of the client's address only the network; its path is that of the endpoint.

use std::cell::RefCell;
use std::io::{self, Write};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use http::StatusCode;
use tracing::Level;
use tracing_subscriber::filter::{LevelFilter, ParseError, Targets, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};
use tracing_subscriber::{fmt, registry};

use super::json_events::{JsonEvents, level, millis};
use super::names::known_method;
use super::non_blocking::NonBlockingWriter;
use super::otel;
use super::record::RequestRecord;

/// The format of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Text for people.
    Pretty,
    /// One JSON object on each line.
    Json,
}

/// The log. Writing to it does not block: a thread writes to the output.
#[derive(Debug, Clone)]
pub struct Log {
    format: Format,
    writer: Arc<NonBlockingWriter>,
}

impl Log {
    /// Starts a log to `out`. Fails if the writing thread can't be started.
    pub fn new(out: impl Write + Send + 'static, format: Format) -> io::Result<Self> {
        let writer = Arc::new(NonBlockingWriter::new(out)?);
        Ok(Self { format, writer })
    }

    /// Installs the global `tracing` subscriber, which writes the events that `levels` enables. Fails if there is one already.
    pub fn install_subscriber(&self, levels: Targets, ansi: bool) -> Result<(), TryInitError> {
        let log = self.clone();
        let events = fmt::layer()
            .with_writer(move || LineWriter(log.clone()))
            .with_ansi(ansi)
            // The writer never fails.
            .log_internal_errors(false);
        let enabled = registry().with(levels).with(filter_fn(otel::is_logged));
        match self.format {
            Format::Pretty => enabled.with(events).try_init(),
            Format::Json => enabled.with(events.event_format(JsonEvents)).try_init(),
        }
    }

    /// Returns a log of requests of at least this level, with one line for each `sample` successful requests, and for every
    /// failed one.
    pub fn requests(&self, level: LevelFilter, sample: u64) -> RequestLog {
        RequestLog {
            log: self.clone(),
            level,
            sample,
            successful: AtomicU64::new(0),
        }
    }

    /// Whether the format is JSON: programs that read the log do not read standard output.
    pub fn is_json(&self) -> bool {
        self.format == Format::Json
    }

    /// Number of lines that were dropped because the buffer was full.
    pub(super) fn dropped(&self) -> u64 {
        self.writer.dropped()
    }

    /// Waits until all lines are written, for at most one second. Later lines are ignored.
    pub fn close(&self) {
        self.writer.close();
    }
}

/// Parses levels such as `info,sqlx=debug`. Without `EnvFilter`, a build compiles no regular expressions, and is 10 % shorter.
pub fn parse_levels(text: &str) -> Result<Targets, ParseError> {
    // An empty directive would set the level to `error`.
    let directives = text.split(',').filter(|directive| !directive.is_empty());
    directives.collect::<Vec<_>>().join(",").parse()
}

/// Adapts the log to [`io::Write`]. `tracing-subscriber` writes each line in one call.
struct LineWriter(Log);

impl Write for LineWriter {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.writer.add(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes a line for each request.
#[derive(Debug)]
pub struct RequestLog {
    log: Log,
    level: LevelFilter,
    /// Of how many successful requests one is logged.
    sample: u64,
    successful: AtomicU64,
}

impl RequestLog {
    pub(super) fn write(&self, record: &RequestRecord<'_>, trace_id: Option<&str>) {
        let status = record.status;
        if level_of(status) > self.level {
            return;
        }
        let failed = status.is_client_error() || status.is_server_error();
        let sampled = || {
            self.successful
                .fetch_add(1, Ordering::Relaxed)
                .is_multiple_of(self.sample)
        };
        if !failed && !sampled() {
            return;
        }
        thread_local! {
            static LINE: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
        }
        LINE.with_borrow_mut(|line| {
            line.clear();
            match self.log.format {
                Format::Pretty => pretty(record, line),
                Format::Json => json(record, trace_id, line),
            }
            line.push(b'\n');
            self.log.writer.add(line);
        });
    }
}

/// The level of a request's line.
fn level_of(status: StatusCode) -> Level {
    match status.as_u16() {
        503 => Level::WARN,
        500.. => Level::ERROR,
        _ => Level::INFO,
    }
}

/// Writes JSON by hand: through `tracing` and its JSON formatter a line takes 2.8 µs instead of 0.1 µs. No value contains a
/// character that JSON escapes.
fn json(record: &RequestRecord<'_>, trace_id: Option<&str>, line: &mut Vec<u8>) {
    let mut digits = itoa::Buffer::new();
    put(line, &["{\"ts\":\""]);
    let _ = write!(line, "{}", millis(record.started));
    put(line, &["\",\"level\":\"", level(level_of(record.status))]);
    put(line, &["\",\"request_id\":\"", record.request_id]);
    if let Some(trace_id) = trace_id {
        put(line, &["\",\"trace_id\":\"", trace_id]);
    }
    put(line, &["\",\"method\":\"", known_method(record.method)]);
    put(line, &["\",\"route\":\"", record.route]);
    put(line, &["\",\"status\":", record.status.as_str()]);
    put(line, &[",\"dur_ms\":"]);
    put_millis(line, record.duration);
    put(line, &[",\"bytes\":", digits.format(record.bytes)]);
    if let Some(cache) = record.cache {
        put(line, &[",\"cache\":\"", cache, "\""]);
    }
    if let Some(store) = record.store {
        put(line, &[",\"db_ms\":"]);
        put_millis(line, store);
    }
    put(line, &[",\"client\":\""]);
    match network(record.client) {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            for part in [a, b, c] {
                put(line, &[digits.format(part), "."]);
            }
            put(line, &["0"]);
        }
        IpAddr::V6(address) => {
            let _ = write!(line, "{address}");
        }
    }
    put(line, &["\"}"]);
}

fn put(line: &mut Vec<u8>, parts: &[&str]) {
    for part in parts {
        line.extend_from_slice(part.as_bytes());
    }
}

/// Appends milliseconds with three decimals.
fn put_millis(line: &mut Vec<u8>, duration: Duration) {
    let mut digits = itoa::Buffer::new();
    let micros = duration.as_micros();
    put(line, &[digits.format(micros / 1_000)]);
    // The last three digits of 1007 are 007.
    put(line, &[".", &digits.format(1_000 + micros % 1_000)[1..]]);
}

fn pretty(record: &RequestRecord<'_>, line: &mut Vec<u8>) {
    let route = match record.route {
        "" => "(no route)",
        route => route,
    };
    let bytes = match record.bytes {
        bytes @ ..1_000 => format!("{bytes} B"),
        bytes => format!("{}.{} kB", bytes / 1_000, bytes % 1_000 / 100),
    };
    let (method, status) = (known_method(record.method), record.status.as_u16());
    let millis = record.duration.as_secs_f64() * 1e3;
    let (cache, id) = (record.cache.unwrap_or("-"), record.request_id);
    let _ = write!(
        line,
        "{method} {route} {status} {millis:.1} ms {bytes} {cache} {id}"
    );
}

/// Truncates an address to its network, so that it identifies no person: `/24`, or `/48` of IPv6.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            [a, b, c, 0].into()
        }
        IpAddr::V6(address) => {
            let [a, b, c, ..] = address.segments();
            [a, b, c, 0, 0, 0, 0, 0].into()
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{SystemTime, UNIX_EPOCH};

    use http::{HeaderMap, Method};

    use super::*;

    fn record(headers: &HeaderMap, status: StatusCode) -> RequestRecord<'_> {
        RequestRecord {
            method: &Method::GET,
            route: "/reviews",
            status,
            duration: Duration::from_nanos(812_400),
            started: UNIX_EPOCH + Duration::from_millis(1_600_000_000_123),
            bytes: 1_234,
            cache: Some("stale"),
            store: Some(Duration::from_micros(500_007)),
            client: IpAddr::from([203, 0, 113, 9]),
            request_id: "r1",
            trace_headers: headers,
        }
    }

    #[test]
    fn request_is_formatted_as_text_or_json() {
        let headers = HeaderMap::new();
        let mut request = record(&headers, StatusCode::OK);
        let text = |write: &dyn Fn(&mut Vec<u8>)| {
            let mut text = vec![];
            write(&mut text);
            String::from_utf8(text).expect("text")
        };
        assert_eq!(
            text(&|text| pretty(&request, text)),
            "GET /reviews 200 0.8 ms 1.2 kB stale r1"
        );
        assert_eq!(
            text(&|text| json(&request, Some("t1"), text)),
            r#"{"ts":"2020-09-13T12:26:40.123Z","level":"info","request_id":"r1","trace_id":"t1","method":"GET","route":"/reviews","status":200,"dur_ms":0.812,"bytes":1234,"cache":"stale","db_ms":500.007,"client":"203.0.113.0"}"#
        );
        let method = Method::from_bytes(b"EVIL").expect("a method");
        (request.method, request.route, request.bytes) = (&method, "", 43);
        (request.cache, request.store) = (None, None);
        request.client = "2001:db8:1:2::3".parse().expect("an address");
        request.started = SystemTime::UNIX_EPOCH;
        assert_eq!(
            text(&|text| pretty(&request, text)),
            "_OTHER (no route) 200 0.8 ms 43 B - r1"
        );
        assert!(text(&|text| json(&request, None, text)).ends_with(r#""client":"2001:db8:1::"}"#));
    }

    #[test]
    fn sampling_never_drops_failed_requests() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let log = Log::new(file.reopen().expect("the file"), Format::Pretty).expect("a thread");
        let requests = log.requests(LevelFilter::INFO, 10);
        let headers = HeaderMap::new();
        for _ in 0..20 {
            requests.write(&record(&headers, StatusCode::OK), None);
            requests.write(&record(&headers, StatusCode::NOT_FOUND), None);
        }
        log.close();
        let text = std::fs::read_to_string(file.path()).expect("lines");
        assert_eq!(text.matches(" 200 ").count(), 2);
        assert_eq!(text.matches(" 404 ").count(), 20);
    }
}
