//! Metrics and log lines of requests, and the private data that must not be in them.

use std::fs::File;
use std::io::Write;
use std::net::TcpStream;
use std::process::Command;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use program::{Server, atelier, home, until};
use serde_json::Value;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Executor, SqliteConnection};
use tempfile::TempDir;
use tokio::runtime::Runtime;

#[path = "observe/metrics.rs"]
mod metrics;
#[allow(dead_code, reason = "other tests need more of it")]
mod program;

/// Strings that must not appear in any response, log line or metric.
const CANARIES: [&str; 4] = [
    "canary@example.org",
    "c4n4ryt0ken",
    "canarytext",
    "203.0.113.77",
];

/// Starts a server that logs to a file in `home`.
fn server(home: &TempDir, more: &[&str], environment: &[(&str, &str)]) -> Server {
    let log = File::create(home.path().join("log")).expect("a file");
    let mut command = atelier(home);
    command
        .args(["--listen", "127.0.0.1:0", "--demo", "5"])
        .args(more);
    command.envs(environment.iter().copied()).stderr(log);
    Server::start(&mut command)
}

fn read_log(home: &TempDir) -> String {
    std::fs::read_to_string(home.path().join("log")).expect("a log")
}

/// Splits a JSON log into lines of requests and events.
fn parse_log(log: &str) -> (Vec<Value>, Vec<Value>) {
    let lines = log
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    lines.partition(|line| line.get("status").is_some())
}

/// Sends requests with the canaries in every place that a client controls.
fn send_requests(server: &Server) {
    server.get("/reviews?product_id=1&canarytext=1");
    server.get("/reviews?product_id=1&canarytext=1");
    server.get("/products/canarytext");
    server.get("/canarytext");
    let private = "authorization: c4n4ryt0ken\r\nx-forwarded-for: 203.0.113.77\r\n";
    server.send("GET", "/cart", private, "");
    let question =
        r#"{"product_id":1,"body":"canarytext","name":"canarytext","email":"canary@example.org"}"#;
    for _ in 0..2 {
        let key = "content-type: application/json\r\nidempotency-key: canarytext\r\n";
        let answer = server.send("POST", "/qa/questions", key, question);
        assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    }
    let other = question.replace("name", "nickname");
    let key = "content-type: application/json\r\nidempotency-key: canarytext\r\n";
    assert!(
        server
            .send("POST", "/qa/questions", key, &other)
            .starts_with("HTTP/1.1 422")
    );
    server.get("/");
    server.get("/ready");
}

/// The samples of `/metrics`, without comments.
fn scrape(server: &Server) -> Vec<String> {
    let answer = server.get("/metrics");
    let (head, text) = answer.split_once("\r\n\r\n").expect("an answer");
    assert!(head.contains("text/plain; version=0.0.4"), "{head}");
    let lines = text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty());
    lines.map(str::to_owned).collect()
}

/// A lock on the database that blocks writes until it is dropped.
struct Lock {
    _connection: SqliteConnection,
    _runtime: Runtime,
}

fn lock(home: &TempDir) -> Lock {
    let runtime = Runtime::new().expect("a runtime");
    let connect = SqliteConnectOptions::new().filename(home.path().join("shop.db"));
    let mut connection = runtime.block_on(connect.connect()).expect("a connection");
    let lock = connection.execute("begin immediate");
    runtime.block_on(lock).expect("the lock is free");
    Lock {
        _connection: connection,
        _runtime: runtime,
    }
}

/// Sends a vote, and returns its connection once the request is in flight.
fn start_vote(server: &Server) -> TcpStream {
    let mut stream = TcpStream::connect(&server.address).expect("a connection");
    let trace = "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let head = "PUT /reviews/1/helpful HTTP/1.1\r\nhost: x\r\nx-request-id: gone";
    write!(stream, "{head}\r\n{trace}\r\n\r\n").expect("asks");
    until(|| has(server, "http_server_active_requests 1"));
    stream
}

/// Whether `/metrics` has a sample that starts with `line`.
fn has(server: &Server, line: &str) -> bool {
    scrape(server).iter().any(|sample| sample.starts_with(line))
}

#[test]
fn disconnected_client_is_recorded_with_status_499() {
    let home = home();
    let server = server(&home, &["--database-url", "sqlite:shop.db"], &[]);
    let lock = lock(&home);
    drop(start_vote(&server));
    until(|| has(&server, "http_server_active_requests 0"));
    assert!(has(
        &server,
        r#"http_server_request_duration_seconds_count{http_request_method="PUT",http_route="/reviews/{review_id}/helpful",http_response_status_code="499"} 1"#
    ));
    drop(lock);
    server.stop("INT");
    let (lines, _) = parse_log(&read_log(&home));
    let [line] = &lines[..] else {
        panic!("{lines:?}")
    };
    assert_eq!(
        (&line["status"], &line["route"], &line["request_id"]),
        (
            &499.into(),
            &"/reviews/{review_id}/helpful".into(),
            &"gone".into()
        )
    );
    assert_eq!(
        line["trace_id"], "4bf92f3577b34da6a3ce929d0e0e4736",
        "the trace of the client"
    );
}

#[test]
fn shutdown_timeout_is_logged_with_the_number_of_connections() {
    let home = home();
    let more = [
        "--database-url",
        "sqlite:shop.db",
        "--shutdown-timeout",
        "1s",
    ];
    let server = server(&home, &more, &[]);
    let lock = lock(&home);
    let vote = start_vote(&server);
    assert_eq!(server.stop("INT").0, 0);
    let (_, events) = parse_log(&read_log(&home));
    let warning = events.iter().find(|event| event["level"] == "warn");
    let warning = warning.expect("a warning");
    let message = warning["message"].as_str().expect("a message");
    assert!(message.starts_with("shutdown timeout reached"), "{warning}");
    assert_eq!(warning["connections"], 1, "{warning}");
    drop((vote, lock));
}

#[test]
fn server_stops_while_its_output_is_not_read() {
    let home = home();
    let (reader, writer) = std::io::pipe().expect("a pipe");
    let mut command = atelier(&home);
    command.args(["--listen", "127.0.0.1:0", "--demo", "5"]);
    command.stderr(writer.try_clone().expect("an end"));
    let process = command.stdout(writer).spawn().expect("it starts");
    let mut server = Server::begun(process, Box::new(reader));
    // More log lines than fit into a pipe.
    for _ in 0..1_000 {
        server.get("/live/on");
    }
    server.signal("INT");
    let (id, (ended, end)) = (server.process.0.id().to_string(), mpsc::channel());
    thread::scope(|threads| {
        threads.spawn(|| ended.send(server.process.0.wait().expect("ends")));
        let status = end.recv_timeout(Duration::from_mins(1));
        if status.is_err() {
            let _ = Command::new("kill").args(["-9", &id]).status();
        }
        assert!(status.expect("it ends").success());
    });
}

#[test]
fn refused_request_is_counted_once_with_its_reason() {
    let home = home();
    let server = server(&home, &["--database-url", "sqlite:shop.db"], &[]);
    let lock = lock(&home);
    let refused = server.send("PUT", "/reviews/1/helpful", "", "");
    assert!(refused.starts_with("HTTP/1.1 503"), "{refused}");
    let samples = scrape(&server);
    let shed = samples
        .iter()
        .filter(|line| line.starts_with("atelier_shed_total") && !line.ends_with(" 0"));
    assert_eq!(
        shed.collect::<Vec<_>>(),
        ["atelier_shed_total{reason=\"wait\"} 1"]
    );
    drop(lock);
    let (_, words) = server.stop("INT");
    assert!(
        words.ends_with("stopped: 1 requests, 1 failed\n"),
        "{words}"
    );
    // The event with the reason and the line of the request share their fields.
    let log = read_log(&home);
    let (requests, events) = parse_log(&log);
    let reason = events
        .iter()
        .find(|line| line.get("route").is_some())
        .expect("a reason");
    assert_eq!(requests[0]["request_id"], reason["request_id"], "{log}");
    for line in [&requests[0], reason] {
        assert!(line["ts"].as_str().is_some_and(|time| time.ends_with('Z')));
        assert_eq!(line["level"], "warn", "{line}");
        assert_eq!(line["route"], "/reviews/{review_id}/helpful", "{line}");
    }
    assert_eq!(reason["message"], "answered 503");
    assert!(reason["error"].is_string(), "{reason}");
}

#[test]
fn unknown_environment_variable_is_logged() {
    let home = home();
    let platform = ("ATELIER_SERVICE_HOST", "10.0.0.1");
    let server = server(&home, &[], &[("ATELIER_TOKN", "c4n4ryt0ken"), platform]);
    server.stop("INT");
    let (_, words) = parse_log(&read_log(&home));
    let unknown = words.iter().filter_map(|line| line["variable"].as_str());
    assert_eq!(unknown.collect::<Vec<_>>(), ["ATELIER_TOKN"]);
}

#[test]
fn request_line_contains_no_private_data() {
    let home = home();
    let server = server(&home, &["--trusted-proxies", "127.0.0.1"], &[]);
    send_requests(&server);
    let samples = scrape(&server).join("\n");
    let (_, output) = server.stop("INT");
    let log = read_log(&home);
    for canary in CANARIES {
        assert!(!log.contains(canary), "{canary} is in the log: {log}");
        assert!(
            !samples.contains(canary) && !output.contains(canary),
            "{canary}"
        );
    }
    let (lines, events) = parse_log(&log);
    let messages: Vec<_> = events.iter().map(|line| &line["message"]).collect();
    assert_eq!(messages, ["serving", "stopped"]);
    let logged: Vec<_> = lines
        .iter()
        .map(|line| format!("{} {} {}", line["method"], line["route"], line["status"]))
        .collect();
    assert_eq!(
        logged,
        [
            r#""GET" "/reviews" 200"#,
            r#""GET" "/reviews" 200"#,
            r#""GET" "/products/{product_id}" 404"#,
            r#""GET" "" 404"#,
            r#""GET" "/cart" 200"#,
            r#""POST" "/qa/questions" 201"#,
            r#""POST" "/qa/questions" 201"#,
            r#""POST" "/qa/questions" 422"#,
            r#""GET" "/" 200"#,
        ],
    );
    let cart = lines
        .iter()
        .find(|line| line["route"] == "/cart")
        .expect("a cart");
    assert_eq!(
        cart["client"], "203.0.113.0",
        "the peer of the trusted proxy"
    );
    assert_eq!(lines[0]["client"], "127.0.0.0");
    assert_eq!(
        (&lines[0]["cache"], &lines[1]["cache"]),
        (&"miss".into(), &"hit".into())
    );
    assert!(cart.get("cache").is_none(), "carts are not cached");
    let used_store = |line: &Value| line["db_ms"].as_f64().is_some_and(|millis| millis > 0.0);
    assert!(used_store(cart) && used_store(&lines[0]));
    assert!(lines[1].get("db_ms").is_none(), "cache hit");
    assert!(
        lines
            .iter()
            .all(|line| line["request_id"].as_str().is_some_and(|id| !id.is_empty()))
    );
}

#[test]
fn malformed_request_is_logged_and_counted() {
    let home = home();
    let server = server(&home, &[], &[]);
    let answer = program::ask(
        &server.address,
        "GET /canarytext< HTTP/1.1\r\nhost: x\r\n\r\n",
    );
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    let answer = program::ask(
        &server.address,
        "PUT / HTTP/1.1\r\nx-request-id: r1\r\n\r\n",
    );
    assert!(answer.contains("x-request-id: r1\r\n"), "{answer}");
    assert!(has(
        &server,
        r#"http_server_request_duration_seconds_count{http_request_method="_OTHER",http_route="",http_response_status_code="400"} 1"#
    ));
    let (_, output) = server.stop("INT");
    assert!(
        output.ends_with("stopped: 2 requests, 0 failed\n"),
        "{output}"
    );
    let log = read_log(&home);
    assert!(!log.contains("canarytext"), "{log}");
    let (lines, _) = parse_log(&log);
    let logged: Vec<_> = lines
        .iter()
        .map(|line| format!("{} {} {}", line["method"], line["route"], line["status"]))
        .collect();
    assert_eq!(logged, [r#""_OTHER" "" 400"#, r#""PUT" "" 400"#]);
    assert_eq!(lines[1]["request_id"], "r1");
    assert_eq!(lines[0]["client"], "127.0.0.0");
}

#[test]
fn invalid_fields_are_logged_by_name() {
    let home = home();
    let server = server(&home, &[], &[]);
    let review = r#"{"product_id":1,"rating":"canarytext","body":"b","recommend":true,"name":"n","email":"canary@example.org x"}"#;
    let answer = server.send("POST", "/reviews", "x-request-id: r1\r\n", review);
    assert!(answer.starts_with("HTTP/1.1 422"), "{answer}");
    server.stop("INT");
    let log = read_log(&home);
    for canary in CANARIES {
        assert!(!log.contains(canary), "{log}");
    }
    let (_, events) = parse_log(&log);
    let event = events.iter().find(|line| line.get("fields").is_some());
    let event = event.expect("an event");
    assert_eq!(event["fields"], "rating,email");
    assert_eq!(
        (&event["request_id"], &event["route"], &event["level"]),
        (&"r1".into(), &"/reviews".into(), &"info".into())
    );
}

#[test]
fn log_settings_reduce_the_number_of_lines() {
    let home = home();
    for (more, expected) in [
        (&["--log", "warn"][..], 0),
        (&["--log", "warn,sqlx=info"], 0),
        (&["--log-sample", "0"], 2),
        (&["--log-sample", "3"], 7),
        (&["--log-format", "pretty"], 9),
    ] {
        let server = server(&home, more, &[]);
        send_requests(&server);
        server.stop("INT");
        // With a sample of 3: two of six successful requests, three failed ones, and the events of start and stop.
        assert_eq!(
            read_log(&home).lines().count(),
            expected,
            "{more:?}: {}",
            read_log(&home)
        );
    }
    assert!(
        read_log(&home).starts_with("GET /reviews 200 "),
        "{}",
        read_log(&home)
    );
}
