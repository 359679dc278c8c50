//! Export to an OpenTelemetry collector, and its failures.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::trace::v1::Span;
use program::{Server, atelier, home, until};
use prost::Message;
use tempfile::TempDir;

#[path = "collector/environment.rs"]
mod environment;
#[allow(dead_code, reason = "other tests need more of it")]
mod program;

const SPANS: &str = "/v1/traces";
const METRICS: &str = "/v1/metrics";

/// Strings that must not appear in any span, metric or log line.
const CANARIES: [&str; 4] = [
    "canary@example.org",
    "c4n4ryt0ken",
    "canarytext",
    "203.0.113.77",
];

/// A collector that records the path and the body of each request.
struct Collector {
    endpoint: String,
    sent: mpsc::Receiver<(String, Vec<u8>)>,
}

impl Collector {
    /// Starts a collector that responds with the status that `status` returns for the path.
    fn new(status: impl Fn(&str) -> u16 + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let (sender, sent) = mpsc::channel();
        let status = Arc::new(status);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (sender, status) = (sender.clone(), Arc::clone(&status));
                thread::spawn(move || {
                    let mut stream = stream.expect("a stream");
                    while let Some((path, body)) = request(&mut stream) {
                        if sender.send((path.clone(), body)).is_err() {
                            return;
                        }
                        let status = status(&path);
                        let response = format!("HTTP/1.1 {status} x\r\ncontent-length: 0\r\n\r\n");
                        if stream.write_all(response.as_bytes()).is_err() {
                            return;
                        }
                    }
                });
            }
        });
        Self {
            endpoint: format!("http://{address}"),
            sent,
        }
    }

    /// The next body that is sent to this path.
    fn next(&self, path: &str) -> Vec<u8> {
        loop {
            let next = self.sent.recv_timeout(Duration::from_mins(1));
            let (to, body) = next.expect("something is sent");
            if to == path {
                return body;
            }
        }
    }

    /// The spans of the next request.
    fn spans(&self) -> Vec<Span> {
        let body = &*self.next(SPANS);
        let sent = ExportTraceServiceRequest::decode(body).expect("spans");
        let scopes = sent
            .resource_spans
            .into_iter()
            .flat_map(|of| of.scope_spans);
        scopes.flat_map(|scope| scope.spans).collect()
    }

    /// The metrics of the next request, by name.
    fn metrics(&self) -> BTreeMap<String, Data> {
        let body = &*self.next(METRICS);
        let sent = ExportMetricsServiceRequest::decode(body).expect("metrics");
        let scopes = sent
            .resource_metrics
            .into_iter()
            .flat_map(|of| of.scope_metrics);
        let metrics = scopes.flat_map(|scope| scope.metrics);
        metrics
            .map(|metric| (metric.name, metric.data.expect("a value")))
            .collect()
    }
}

/// Reads the next request of a connection: its path and body.
fn request(stream: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).ok()?;
        head.extend(byte);
    }
    let head = String::from_utf8(head)
        .expect("a head")
        .to_ascii_lowercase();
    let length = head.split_once("content-length: ").expect("a length").1;
    let length = length.lines().next().expect("a length");
    let mut body = vec![0; length.parse().expect("a number")];
    stream.read_exact(&mut body).ok()?;
    let path = head.split(' ').nth(1).expect("a path").to_owned();
    Some((path, body))
}

/// Starts a server that exports to `endpoint` and logs to a file in `home`.
fn server(home: &TempDir, endpoint: &str, environment: &[(&str, &str)]) -> Server {
    let log = File::create(home.path().join("log")).expect("a file");
    let mut command = atelier(home);
    command
        .args(["--listen", "127.0.0.1:0", "--demo", "5"])
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
        .envs(environment.iter().copied())
        .stderr(log);
    Server::start(&mut command)
}

fn read_log(home: &TempDir) -> String {
    std::fs::read_to_string(home.path().join("log")).expect("a log")
}

/// Counts the log lines that contain `part`.
fn count_lines(home: &TempDir, part: &str) -> usize {
    read_log(home)
        .lines()
        .filter(|line| line.contains(part))
        .count()
}

/// The value of a counter without labels.
fn counter(server: &Server, name: &str) -> u64 {
    let answer = server.get("/metrics");
    let mut lines = answer.lines();
    let line = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.expect("a sample").parse().expect("a count")
}

/// Attribute values by key.
fn values(attributes: &[KeyValue]) -> BTreeMap<&str, &Value> {
    attributes
        .iter()
        .map(|attribute| {
            let value = attribute.value.as_ref();
            let value = value.and_then(|value| value.value.as_ref());
            (&*attribute.key, value.expect("a value"))
        })
        .collect()
}

#[test]
fn spans_and_metrics_are_exported_without_private_data() {
    let collector = Collector::new(|_| 200);
    let home = home();
    let server = server(&home, &collector.endpoint, &[]);
    let trace = "0af7651916cd43dd8448eb211c80319c";
    let parent = format!("traceparent: 00-{trace}-b7ad6b7169203331-01\r\n");
    server.send("GET", "/reviews?product_id=2", &parent, "");
    for target in [
        "/reviews?product_id=1&canarytext=1",
        "/products/canarytext",
        "/canarytext",
    ] {
        server.get(target);
    }
    let private = "authorization: c4n4ryt0ken\r\nx-forwarded-for: 203.0.113.77\r\n";
    server.send("GET", "/cart", private, "");
    let question =
        r#"{"product_id":1,"body":"canarytext","name":"canarytext","email":"canary@example.org"}"#;
    let key = "content-type: application/json\r\nidempotency-key: canarytext\r\n";
    let answer = server.send("POST", "/qa/questions", key, question);
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    // The rest is exported at shutdown.
    assert_eq!(server.stop("INT").0, 0);
    let sent: Vec<_> = collector.sent.try_iter().collect();
    let of = |path: &str| {
        let bodies = sent
            .iter()
            .filter(|(sent, _)| sent == path)
            .map(|(_, body)| &body[..]);
        let all = bodies.collect::<Vec<_>>().concat();
        assert!(!all.is_empty(), "nothing came to {path}");
        all
    };
    let holds = |body: &[u8], part: &[u8]| body.windows(part.len()).any(|window| window == part);
    let (spans, metrics) = (of(SPANS), of(METRICS));
    for part in [
        "GET /reviews",
        "POST /qa/questions",
        "http.route",
        "atelier",
    ] {
        assert!(holds(&spans, part.as_bytes()), "{part}");
    }
    let id = u128::from_str_radix(trace, 16)
        .expect("hexadecimal")
        .to_be_bytes();
    assert!(holds(&spans, &id), "the trace of the client");
    assert!(read_log(&home).contains(&format!(r#""trace_id":"{trace}""#)));
    for part in ["/reviews", "atelier.cache_requests"] {
        assert!(holds(&metrics, part.as_bytes()), "{part}");
    }
    for canary in CANARIES {
        assert!(
            !holds(&spans, canary.as_bytes()) && !holds(&metrics, canary.as_bytes()),
            "{canary}"
        );
    }
}

#[test]
fn metrics_have_opentelemetry_names_and_kinds() {
    let collector = Collector::new(|_| 200);
    let home = home();
    let environment = [
        ("OTEL_METRIC_EXPORT_INTERVAL", "20"),
        ("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "delta"),
    ];
    let server = server(&home, &collector.endpoint, &environment);
    let find = |name: &str| {
        let found = (0..500).find_map(|_| collector.metrics().remove(name));
        found.expect(name)
    };
    server.get("/products/none");
    server.get("/nowhere");
    let mut routes = BTreeSet::new();
    while routes.len() < 2 {
        let Data::Histogram(took) = find("http.server.request.duration") else {
            panic!("a histogram");
        };
        for point in &took.data_points {
            let mut values = values(&point.attributes);
            let route = values.remove("http.route").cloned();
            routes.insert(route.map(|route| format!("{route:?}")));
            let get = Value::StringValue("GET".to_owned());
            let expected = [
                ("http.request.method", &get),
                ("http.response.status_code", &Value::IntValue(404)),
            ];
            assert_eq!(values, BTreeMap::from(expected));
        }
    }
    // A request without a route has no route attribute.
    assert!(routes.contains(&None), "{routes:?}");
    let Data::Sum(active) = find("http.server.active_requests") else {
        panic!("a sum");
    };
    assert!(!active.is_monotonic);
    let bytes = find("atelier.cache_bytes");
    assert!(matches!(bytes, Data::Gauge(_)), "{bytes:?}");
    // A gauge that was set once is in every export, with delta temporality too.
    for _ in 0..2 {
        let build = collector.metrics().remove("atelier.build_info");
        assert!(matches!(build, Some(Data::Gauge(_))), "{build:?}");
    }
    server.stop("INT");
}

#[test]
fn unreachable_collector_is_logged_once_and_failures_are_counted() {
    let unused = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = unused.local_addr().expect("an address");
    let endpoint = format!("http://{address}/c4n4ryt0ken");
    drop(unused);
    let home = home();
    let often = ("OTEL_METRIC_EXPORT_INTERVAL", "20");
    let server = server(&home, &endpoint, &[often]);
    until(|| counter(&server, "atelier_collector_failures_total") >= 3);
    assert_eq!(server.stop("INT").0, 0);
    assert_eq!(count_lines(&home, "export"), 1, "{}", read_log(&home));
    assert_eq!(
        count_lines(&home, r#""signal":"metrics""#),
        1,
        "{}",
        read_log(&home)
    );
    assert!(
        !read_log(&home).contains("c4n4ryt0ken"),
        "{}",
        read_log(&home)
    );
}

#[test]
fn rejected_spans_are_logged_once_while_metrics_are_accepted() {
    let collector = Collector::new(|path| if path == SPANS { 400 } else { 200 });
    let home = home();
    let environment = [
        ("OTEL_METRIC_EXPORT_INTERVAL", "20"),
        ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "1"),
    ];
    let server = server(&home, &collector.endpoint, &environment);
    for _ in 0..3 {
        server.get("/products/1");
        collector.spans();
        // The second export of metrics begins after the spans were rejected.
        collector.metrics();
        collector.metrics();
    }
    server.stop("INT");
    assert_eq!(count_lines(&home, "export"), 1, "{}", read_log(&home));
    assert_eq!(
        count_lines(&home, r#""signal":"spans""#),
        1,
        "{}",
        read_log(&home)
    );
}

#[test]
fn spans_of_rejected_exports_are_counted() {
    let collector = Collector::new(|path| if path == SPANS { 400 } else { 200 });
    let home = home();
    let environment = [("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "3")];
    let server = server(&home, &collector.endpoint, &environment);
    assert_eq!(counter(&server, "atelier_spans_lost_total"), 0);
    for _ in 0..3 {
        server.get("/products/1");
    }
    until(|| counter(&server, "atelier_spans_lost_total") > 0);
    assert_eq!(counter(&server, "atelier_spans_lost_total"), 3);
    server.stop("INT");
}

#[test]
fn spans_that_exceed_the_queue_are_dropped_and_reported() {
    let (release, blocked) = mpsc::channel::<()>();
    let blocked = std::sync::Mutex::new(blocked);
    let collector = Collector::new(move |path| {
        if path == SPANS {
            // Returns at once after the sender is dropped.
            let _ = blocked.lock().expect("a lock").recv();
        }
        200
    });
    let home = home();
    let environment = [
        ("OTEL_BSP_MAX_QUEUE_SIZE", "4"),
        ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "2"),
        ("OTEL_BSP_SCHEDULE_DELAY", "600000"),
    ];
    let server = server(&home, &collector.endpoint, &environment);
    let send_requests = |times: u32| {
        for _ in 0..times {
            server.get("/products/1");
        }
    };
    send_requests(2);
    assert_eq!(collector.spans().len(), 2);
    // These are being exported; four of seven more fit into the queue.
    send_requests(7);
    drop(release);
    assert_eq!(collector.spans().len(), 2);
    assert_eq!(collector.spans().len(), 2);
    server.stop("INT");
    for event in [
        "BatchSpanProcessor.SpanDroppingStarted",
        r#""dropped_span_count":3,"#,
    ] {
        assert_eq!(count_lines(&home, event), 1, "{}", read_log(&home));
    }
}

#[test]
fn shutdown_does_not_wait_for_an_unresponsive_collector() {
    let (release, blocked) = mpsc::channel::<()>();
    let blocked = std::sync::Mutex::new(blocked);
    let collector = Collector::new(move |_| {
        let _ = blocked.lock().expect("a lock").recv();
        200
    });
    let home = home();
    let server = server(&home, &collector.endpoint, &[]);
    server.get("/products/1");
    assert_eq!(server.stop("INT").0, 0);
    let warning = "did not accept the last export in time";
    assert_eq!(count_lines(&home, warning), 1, "{}", read_log(&home));
    drop(release);
}
