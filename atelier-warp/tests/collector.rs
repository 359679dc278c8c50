//! What a collector of OpenTelemetry is sent, and what becomes of the server where it does not take it.

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
use program::{Server, atelier, ended, home, until};
use prost::Message;
use tempfile::TempDir;

#[path = "collector/environment.rs"]
mod environment;
#[allow(dead_code, reason = "other tests need more of it")]
mod program;

const SPANS: &str = "/v1/traces";
const NUMBERS: &str = "/v1/metrics";

/// What no span, number or line of the log may have.
const CANARIES: [&str; 4] = [
    "canary@example.org",
    "c4n4ryt0ken",
    "canarytext",
    "203.0.113.77",
];

/// Where a collector is, and what it is sent, path and body.
struct Collector {
    endpoint: String,
    sent: mpsc::Receiver<(String, Vec<u8>)>,
}

impl Collector {
    /// One that answers each path with a status, once it has one.
    fn new(answer: impl Fn(&str) -> u16 + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let (sender, sent) = mpsc::channel();
        let answer = Arc::new(answer);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (sender, answer) = (sender.clone(), Arc::clone(&answer));
                thread::spawn(move || {
                    let mut stream = stream.expect("a stream");
                    while let Some((path, body)) = request(&mut stream) {
                        if sender.send((path.clone(), body)).is_err() {
                            return;
                        }
                        let status = answer(&path);
                        let answer = format!("HTTP/1.1 {status} x\r\ncontent-length: 0\r\n\r\n");
                        if stream.write_all(answer.as_bytes()).is_err() {
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

    /// What comes next to this path.
    fn next(&self, path: &str) -> Vec<u8> {
        loop {
            let next = self.sent.recv_timeout(Duration::from_mins(1));
            let (to, body) = next.expect("something is sent");
            if to == path {
                return body;
            }
        }
    }

    /// The spans of the next request with some.
    fn spans(&self) -> Vec<Span> {
        let body = &*self.next(SPANS);
        let sent = ExportTraceServiceRequest::decode(body).expect("spans");
        let scopes = sent
            .resource_spans
            .into_iter()
            .flat_map(|of| of.scope_spans);
        scopes.flat_map(|scope| scope.spans).collect()
    }

    /// The numbers of the next request with some, by name.
    fn numbers(&self) -> BTreeMap<String, Data> {
        let body = &*self.next(NUMBERS);
        let sent = ExportMetricsServiceRequest::decode(body).expect("numbers");
        let scopes = sent
            .resource_metrics
            .into_iter()
            .flat_map(|of| of.scope_metrics);
        let numbers = scopes.flat_map(|scope| scope.metrics);
        numbers
            .map(|number| (number.name, number.data.expect("a value")))
            .collect()
    }
}

/// The next request of a connection.
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

/// A server whose log goes into a file.
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

fn log(home: &TempDir) -> String {
    std::fs::read_to_string(home.path().join("log")).expect("a log")
}

/// How many lines of the log have this.
fn told(home: &TempDir, part: &str) -> usize {
    log(home).lines().filter(|line| line.contains(part)).count()
}

/// A number of `/metrics` without labels.
fn number(server: &Server, name: &str) -> u64 {
    let answer = server.get("/metrics");
    let mut lines = answer.lines();
    let line = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.expect("the number").parse().expect("a count")
}

/// The values by their names.
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
fn a_collector_is_sent_spans_and_numbers_and_nothing_private() {
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
    // What is left is sent at the end.
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
    let (spans, numbers) = (of(SPANS), of(NUMBERS));
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
    assert!(log(&home).contains(&format!(r#""trace_id":"{trace}""#)));
    for part in ["/reviews", "atelier.cache_requests"] {
        assert!(holds(&numbers, part.as_bytes()), "{part}");
    }
    for canary in CANARIES {
        assert!(
            !holds(&spans, canary.as_bytes()) && !holds(&numbers, canary.as_bytes()),
            "{canary}"
        );
    }
}

#[test]
fn numbers_have_the_names_and_kinds_that_opentelemetry_gives_them() {
    let collector = Collector::new(|_| 200);
    let home = home();
    let environment = [
        ("OTEL_METRIC_EXPORT_INTERVAL", "20"),
        ("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "delta"),
    ];
    let server = server(&home, &collector.endpoint, &environment);
    let find = |name: &str| {
        let found = (0..500).find_map(|_| collector.numbers().remove(name));
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
    // Of what led nowhere there is no route.
    assert!(routes.contains(&None), "{routes:?}");
    let Data::Sum(under_way) = find("http.server.active_requests") else {
        panic!("a sum");
    };
    assert!(!under_way.is_monotonic, "it goes down again");
    let weight = find("atelier.cache_bytes");
    assert!(matches!(weight, Data::Gauge(_)), "{weight:?}");
    // What was set once is sent each time, be it that only news are asked for.
    for _ in 0..2 {
        let build = collector.numbers().remove("atelier.build_info");
        assert!(matches!(build, Some(Data::Gauge(_))), "{build:?}");
    }
    server.stop("INT");
}

#[test]
fn a_collector_that_is_away_is_told_of_once_and_counted() {
    let away = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = away.local_addr().expect("an address");
    let endpoint = format!("http://{address}/c4n4ryt0ken");
    drop(away);
    let home = home();
    let often = ("OTEL_METRIC_EXPORT_INTERVAL", "20");
    let server = server(&home, &endpoint, &[often]);
    until(|| number(&server, "atelier_collector_failures_total") >= 3);
    assert_eq!(server.stop("INT").0, 0);
    assert_eq!(told(&home, "takes no numbers"), 1, "{}", log(&home));
    assert!(!log(&home).contains("c4n4ryt0ken"), "{}", log(&home));
}

#[test]
fn a_collector_that_takes_numbers_and_no_spans_is_told_of_once() {
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
        // The second was begun when the spans had been refused.
        collector.numbers();
        collector.numbers();
    }
    server.stop("INT");
    assert_eq!(told(&home, "takes no spans"), 1, "{}", log(&home));
    assert_eq!(told(&home, "the collector"), 1, "{}", log(&home));
}

#[test]
fn spans_that_are_refused_are_counted_each() {
    let collector = Collector::new(|path| if path == SPANS { 400 } else { 200 });
    let home = home();
    let environment = [("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "3")];
    let server = server(&home, &collector.endpoint, &environment);
    assert_eq!(number(&server, "atelier_spans_lost_total"), 0);
    for _ in 0..3 {
        server.get("/products/1");
    }
    until(|| number(&server, "atelier_spans_lost_total") > 0);
    assert_eq!(number(&server, "atelier_spans_lost_total"), 3);
    server.stop("INT");
}

#[test]
fn spans_for_which_there_is_no_room_are_counted_and_told_of_once() {
    let (open, gate) = mpsc::channel::<()>();
    let gate = std::sync::Mutex::new(gate);
    let collector = Collector::new(move |path| {
        if path == SPANS {
            // Once it is open, it stays so.
            let _ = gate.lock().expect("one at a time").recv();
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
    let visit = |times: u32| {
        for _ in 0..times {
            server.get("/products/1");
        }
    };
    visit(2);
    assert_eq!(collector.spans().len(), 2);
    // These have left; of seven more, four can wait.
    visit(7);
    assert_eq!(number(&server, "atelier_spans_lost_total"), 3);
    drop(open);
    assert_eq!(collector.spans().len(), 2);
    assert_eq!(collector.spans().len(), 2);
    server.stop("INT");
    assert_eq!(told(&home, "spans are lost: "), 1, "{}", log(&home));
    let again = "there is room for spans again; 3 were lost";
    assert_eq!(told(&home, again), 1, "{}", log(&home));
}

#[test]
fn a_collector_that_never_answers_does_not_hold_up_the_end() {
    let (never, gate) = mpsc::channel::<()>();
    let gate = std::sync::Mutex::new(gate);
    let collector = Collector::new(move |_| {
        let _ = gate.lock().expect("a gate").recv();
        200
    });
    let home = home();
    let server = server(&home, &collector.endpoint, &[]);
    server.get("/products/1");
    assert_eq!(server.stop("INT").0, 0);
    // Which is what it says when it no longer waits.
    assert_eq!(told(&home, "which is lost"), 1, "{}", log(&home));
    drop(never);
}

#[test]
fn what_cannot_be_followed_is_told_once_by_its_name() {
    let collector = Collector::new(|_| 200);
    let wrong = [
        ("OTEL_SDK_DISABLED", "c4n4ryt0ken"),
        ("OTEL_TRACES_SAMPLER", "c4n4ryt0ken"),
        ("OTEL_TRACES_SAMPLER_ARG", "c4n4ryt0ken"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "1s"),
        ("OTEL_METRICS_EXPORTER", "c4n4ryt0ken"),
        ("OTEL_TRACES_EXPORTER", "zipkin"),
        ("OTEL_BSP_SCHEDULE_DELAY", "0"),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "0"),
        ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "-1"),
        (
            "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE",
            "c4n4ryt0ken",
        ),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "zstd"),
        ("OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", "c4n4ryt0ken"),
    ];
    let home = home();
    server(&home, &collector.endpoint, &wrong).stop("INT");
    for (name, _) in wrong {
        assert_eq!(told(&home, &format!("{name} is not ")), 1, "{}", log(&home));
    }
    for value in ["c4n4ryt0ken", "zipkin"] {
        assert!(!log(&home).contains(value), "{}", log(&home));
    }
    let right = [
        ("OTEL_SDK_DISABLED", "FALSE"),
        ("OTEL_TRACES_SAMPLER", "parentbased_traceidratio"),
        ("OTEL_TRACES_SAMPLER_ARG", "0.01"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "1000"),
        ("OTEL_METRICS_EXPORTER", "otlp"),
        ("OTEL_TRACES_EXPORTER", "none"),
        ("OTEL_BSP_MAX_QUEUE_SIZE", ""),
        ("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "Delta"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "GZip"),
        ("OTEL_EXPORTER_OTLP_METRICS_COMPRESSION", "none"),
    ];
    server(&home, &collector.endpoint, &right).stop("INT");
    assert_eq!(told(&home, "OTEL_"), 0, "{}", log(&home));
}

#[test]
fn a_port_that_cannot_be_is_refused() {
    let home = home();
    let mut command = atelier(&home);
    let endpoint = "http://c4n4ryt0ken.example:70000";
    command.env("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint);
    // It would end without a store, too.
    command.args([
        "--listen",
        "127.0.0.1:0",
        "--database-url",
        "sqlite:none/shop.db",
    ]);
    let (code, _, words) = ended(&mut command);
    assert_eq!(code, 2, "{words}");
    assert!(words.contains("OTEL_EXPORTER_OTLP_ENDPOINT"), "{words}");
    assert!(!words.contains("c4n4ryt0ken"), "{words}");
}
