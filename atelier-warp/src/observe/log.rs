//! The log: a line for each request, and what the program has to say otherwise, in one form. No body, no query, no token and
//! no whole address is in a request's line, and no path but that of the endpoint.

use std::cell::RefCell;
use std::io::Write;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use atelier_core::Millis;
use http::StatusCode;
use tracing::Level;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::util::TryInitError;

use super::Answered;
use super::events::Events;
use super::lines::Lines;
use super::metrics::known;

/// How a line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Pretty,
    /// For programs: one JSON object.
    Json,
}

/// Where lines go. Nobody waits for that: a thread of its own writes them.
#[derive(Debug, Clone)]
pub struct Log {
    format: Format,
    lines: Arc<Lines>,
}

impl Log {
    /// Writes to `out`. The failure is that of a thread.
    pub fn to(out: impl Write + Send + 'static, format: Format) -> std::io::Result<Self> {
        let lines = Arc::new(Lines::to(out)?);
        Ok(Self { format, lines })
    }

    /// Takes what all parts of the program say from now on, as far as `levels` wants it, on a terminal perhaps in colours.
    /// Once.
    pub fn take_events(&self, levels: EnvFilter, colours: bool) -> Result<(), TryInitError> {
        Events::to(&self.lines, self.format, levels, colours)
    }

    /// Takes the lines of requests, as far as `level` wants them: of those that went well one in `sample`, and all others.
    pub fn requests(&self, level: LevelFilter, sample: u64) -> RequestLog {
        RequestLog {
            log: self.clone(),
            level,
            sample,
            count: AtomicU64::new(0),
        }
    }

    /// Whether it is for programs, which don't read what else is said.
    pub fn is_json(&self) -> bool {
        self.format == Format::Json
    }

    /// How many lines nobody took in time.
    pub(super) fn dropped(&self) -> u64 {
        self.lines.dropped()
    }

    /// Waits until the last line is written, for a second at most.
    pub fn end(&self) {
        self.lines.end();
    }
}

/// Writes a line for each request.
#[derive(Debug)]
pub struct RequestLog {
    log: Log,
    level: LevelFilter,
    /// Of how many requests that went well one is told; all others always are.
    sample: u64,
    count: AtomicU64,
}

impl RequestLog {
    pub(super) fn line(&self, answered: &Answered<'_>, trace: Option<&str>) {
        let status = answered.status;
        if level(status) > self.level {
            return;
        }
        let well = !status.is_client_error() && !status.is_server_error();
        let first = || {
            self.count
                .fetch_add(1, Ordering::Relaxed)
                .is_multiple_of(self.sample)
        };
        if well && !first() {
            return;
        }
        thread_local! {
            static TEXT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
        }
        TEXT.with_borrow_mut(|text| {
            text.clear();
            match self.log.format {
                Format::Pretty => pretty(answered, text),
                Format::Json => json(answered, trace, text),
            }
            text.push(b'\n');
            self.log.lines.add(text);
        });
    }
}

/// How much a request with this answer is of interest.
fn level(status: StatusCode) -> Level {
    match status.as_u16() {
        503 => Level::WARN,
        500.. => Level::ERROR,
        _ => Level::INFO,
    }
}

/// A time of this clock as all times are written.
pub(super) fn millis(time: SystemTime) -> Millis {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    Millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// Put together by hand, as there is one for each request, and of these parts none has a letter that JSON escapes.
fn json(answered: &Answered<'_>, trace: Option<&str>, text: &mut Vec<u8>) {
    let level = match level(answered.status) {
        Level::ERROR => "error",
        Level::WARN => "warn",
        _ => "info",
    };
    let mut digits = itoa::Buffer::new();
    put(text, &["{\"ts\":\""]);
    let _ = write!(text, "{}", millis(answered.started));
    put(text, &["\",\"level\":\"", level]);
    put(text, &["\",\"request_id\":\"", answered.request_id]);
    if let Some(trace) = trace {
        put(text, &["\",\"trace_id\":\"", trace]);
    }
    put(text, &["\",\"method\":\"", known(answered.method)]);
    put(text, &["\",\"route\":\"", answered.route]);
    put(text, &["\",\"status\":", answered.status.as_str()]);
    put(text, &[",\"dur_ms\":"]);
    put_millis(text, answered.took);
    put(text, &[",\"bytes\":", digits.format(answered.bytes)]);
    if let Some(cache) = answered.cache {
        put(text, &[",\"cache\":\"", cache, "\""]);
    }
    if let Some(store) = answered.store {
        put(text, &[",\"db_ms\":"]);
        put_millis(text, store);
    }
    put(text, &[",\"client\":\""]);
    match network(answered.client) {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            for part in [a, b, c] {
                put(text, &[digits.format(part), "."]);
            }
            put(text, &["0"]);
        }
        IpAddr::V6(address) => {
            let _ = write!(text, "{address}");
        }
    }
    put(text, &["\"}"]);
}

fn put(text: &mut Vec<u8>, parts: &[&str]) {
    for part in parts {
        text.extend_from_slice(part.as_bytes());
    }
}

/// With three decimals.
fn put_millis(text: &mut Vec<u8>, time: Duration) {
    let mut digits = itoa::Buffer::new();
    let micros = time.as_micros();
    put(text, &[digits.format(micros / 1_000)]);
    // Of 1007 the last three.
    put(text, &[".", &digits.format(1_000 + micros % 1_000)[1..]]);
}

fn pretty(answered: &Answered<'_>, text: &mut Vec<u8>) {
    let route = match answered.route {
        "" => "(no route)",
        route => route,
    };
    let bytes = match answered.bytes {
        bytes @ ..1_000 => format!("{bytes} B"),
        bytes => format!("{}.{} kB", bytes / 1_000, bytes % 1_000 / 100),
    };
    let (method, status) = (known(answered.method), answered.status.as_u16());
    let millis = answered.took.as_secs_f64() * 1e3;
    let (cache, id) = (answered.cache.unwrap_or("-"), answered.request_id);
    let _ = write!(
        text,
        "{method} {route} {status} {millis:.1} ms {bytes} {cache} {id}"
    );
}

/// The network that an address is in, so that nobody is known by it: `/24`, or `/48` of IPv6.
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
    use http::{HeaderMap, Method};

    use super::*;

    fn answered(headers: &HeaderMap, status: StatusCode) -> Answered<'_> {
        Answered {
            method: &Method::GET,
            route: "/reviews",
            status,
            took: Duration::from_nanos(812_400),
            started: UNIX_EPOCH + Duration::from_millis(1_600_000_000_123),
            bytes: 1_234,
            cache: Some("stale"),
            store: Some(Duration::from_micros(500_007)),
            client: IpAddr::from([203, 0, 113, 9]),
            request_id: "r1",
            headers,
        }
    }

    #[test]
    fn a_line_is_for_people_or_for_programs() {
        let headers = HeaderMap::new();
        let mut good = answered(&headers, StatusCode::OK);
        let text = |write: &dyn Fn(&mut Vec<u8>)| {
            let mut text = vec![];
            write(&mut text);
            String::from_utf8(text).expect("text")
        };
        assert_eq!(
            text(&|text| pretty(&good, text)),
            "GET /reviews 200 0.8 ms 1.2 kB stale r1"
        );
        assert_eq!(
            text(&|text| json(&good, Some("t1"), text)),
            r#"{"ts":"2020-09-13T12:26:40.123Z","level":"info","request_id":"r1","trace_id":"t1","method":"GET","route":"/reviews","status":200,"dur_ms":0.812,"bytes":1234,"cache":"stale","db_ms":500.007,"client":"203.0.113.0"}"#
        );
        let method = Method::from_bytes(b"EVIL").expect("a method");
        (good.method, good.route, good.bytes) = (&method, "", 43);
        (good.cache, good.store) = (None, None);
        good.client = "2001:db8:1:2::3".parse().expect("an address");
        good.started = SystemTime::UNIX_EPOCH;
        assert_eq!(
            text(&|text| pretty(&good, text)),
            "_OTHER (no route) 200 0.8 ms 43 B - r1"
        );
        assert!(text(&|text| json(&good, None, text)).ends_with(r#""client":"2001:db8:1::"}"#));
    }

    #[test]
    fn what_did_not_go_well_is_always_told() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let whole = Log::to(file.reopen().expect("the file"), Format::Pretty).expect("a thread");
        let log = whole.requests(LevelFilter::INFO, 10);
        let headers = HeaderMap::new();
        for _ in 0..20 {
            log.line(&answered(&headers, StatusCode::OK), None);
            log.line(&answered(&headers, StatusCode::NOT_FOUND), None);
        }
        whole.end();
        let text = std::fs::read_to_string(file.path()).expect("lines");
        assert_eq!(text.matches(" 200 ").count(), 2);
        assert_eq!(text.matches(" 404 ").count(), 20);
    }
}
