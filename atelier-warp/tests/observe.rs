//! What an operator sees of requests: numbers, lines, spans; and what nobody sees.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use program::{Server, atelier, home, until};
use serde_json::Value;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Executor, SqliteConnection};
use tempfile::TempDir;
use tokio::runtime::Runtime;

#[allow(dead_code, reason = "other tests need more of it")]
mod program;

/// What no answer, log, metric or span may have.
const CANARIES: [&str; 4] = [
    "canary@example.org",
    "c4n4ryt0ken",
    "canarytext",
    "203.0.113.77",
];

/// A server whose log goes into a file.
fn server(home: &TempDir, more: &[&str], environment: &[(&str, &str)]) -> Server {
    let log = File::create(home.path().join("log")).expect("a file");
    let mut command = atelier(home);
    command
        .args(["--listen", "127.0.0.1:0", "--demo", "5"])
        .args(more);
    command.envs(environment.iter().copied()).stderr(log);
    Server::start(&mut command)
}

fn log(home: &TempDir) -> String {
    std::fs::read_to_string(home.path().join("log")).expect("a log")
}

/// The lines of requests, and what else the program says.
fn parsed(log: &str) -> (Vec<Value>, Vec<Value>) {
    let lines = log
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    lines.partition(|line| line.get("status").is_some())
}

/// Requests of all kinds, with what must not be seen wherever a client may put it.
fn visit(server: &Server) {
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

/// The numbers: those lines that are no words.
fn numbers(server: &Server) -> Vec<String> {
    let answer = server.get("/metrics");
    let (head, text) = answer.split_once("\r\n\r\n").expect("an answer");
    assert!(head.contains("text/plain; version=0.0.4"), "{head}");
    let lines = text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty());
    lines.map(str::to_owned).collect()
}

#[test]
fn requests_are_counted_by_route_and_status() {
    let home = home();
    let server = server(&home, &[], &[]);
    visit(&server);
    let numbers = numbers(&server);
    let has = |line: &str| {
        assert!(
            numbers.iter().any(|number| number == line),
            "{line} is not among {numbers:#?}"
        );
    };
    let requests = |method: &str, route: &str, status: u16, count: u32| {
        has(&format!(
            "http_server_request_duration_seconds_count{{http_request_method=\"{method}\",http_route=\"{route}\",http_response_status_code=\"{status}\"}} {count}"
        ));
    };
    requests("GET", "/reviews", 200, 2);
    requests("GET", "/products/{product_id}", 404, 1);
    requests("GET", "", 404, 1);
    requests("GET", "/", 200, 1);
    requests("POST", "/qa/questions", 201, 2);
    has("atelier_cache_requests_total{result=\"hit\"} 1");
    has("atelier_idempotency_total{result=\"replayed\"} 1");
    has("atelier_idempotency_total{result=\"refused\"} 1");
    has("http_server_active_requests 0");
    // There before the first of them: an alert sees a number grow, not appear.
    has("atelier_bugs_total{kind=\"panic\"} 0");
    has("atelier_shed_total{reason=\"overload\"} 0");
    let version = env!("CARGO_PKG_VERSION");
    has(&format!("atelier_build_info{{version=\"{version}\"}} 1"));
    for begun in [
        "atelier_cache_bytes ",
        "atelier_batch_size_count{of=\"changes\"} ",
    ] {
        let there = numbers.iter().any(|line| line.starts_with(begun));
        assert!(there, "{begun} is not among {numbers:#?}");
    }
    server.stop("INT");
}

#[test]
fn connections_above_the_limit_are_counted_and_logged() {
    let home = home();
    let server = server(&home, &["--max-connections", "1"], &[]);
    let mut kept = TcpStream::connect(&server.address).expect("a connection");
    kept.write_all(b"GET /live HTTP/1.1\r\nhost: x\r\n\r\n")
        .expect("asks");
    kept.read_exact(&mut [0]).expect("is answered");
    assert_eq!(server.get("/live"), "");
    assert_eq!(server.get("/live"), "");
    kept.write_all(b"GET /metrics HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        .expect("asks");
    let mut text = String::new();
    kept.read_to_string(&mut text).expect("is answered");
    assert!(
        text.contains("\natelier_connections_closed_total 2\n"),
        "{text}"
    );
    server.stop("INT");
    let log = log(&home);
    let line = "connection limit reached, new connections are closed: raise --max-connections";
    assert!(log.contains(line), "{log}");
}

#[test]
fn process_metrics_tell_cpu_memory_files_and_start() {
    let home = home();
    let server = server(&home, &[], &[]);
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.expect("a clock").as_secs_f64();
    let numbers = numbers(&server);
    let value = |name: &str| -> f64 {
        let found = numbers.iter().find_map(|line| line.strip_prefix(name));
        let found = found.unwrap_or_else(|| panic!("no {name} in {numbers:#?}"));
        found.trim().parse().expect("a number")
    };
    let cpu = value("process_cpu_seconds_total ");
    assert!((0.001..600.0).contains(&cpu), "{cpu}");
    let memory = value("process_resident_memory_bytes ");
    assert!((4e6..4e9).contains(&memory), "{memory}");
    let (open, most) = (value("process_open_fds "), value("process_max_fds "));
    assert!(
        (8.0..1e4).contains(&open) && open < most,
        "{open} of {most}"
    );
    let started = value("process_start_time_seconds ");
    assert!((now - 600.0..=now + 1.0).contains(&started), "{started}");
}

/// Somebody who keeps all others from writing to the store.
struct Lock {
    _connection: SqliteConnection,
    _runtime: Runtime,
}

fn lock(home: &TempDir) -> Lock {
    let runtime = Runtime::new().expect("a runtime");
    let connect = SqliteConnectOptions::new().filename(home.path().join("shop.db"));
    let mut connection = runtime.block_on(connect.connect()).expect("a connection");
    let lock = connection.execute("begin immediate");
    runtime.block_on(lock).expect("nobody else writes now");
    Lock {
        _connection: connection,
        _runtime: runtime,
    }
}

/// A vote that is under way, and stays so while there is a lock.
fn vote(server: &Server) -> TcpStream {
    let mut stream = TcpStream::connect(&server.address).expect("a connection");
    let trace = "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let head = "PUT /reviews/1/helpful HTTP/1.1\r\nhost: x\r\nx-request-id: gone";
    write!(stream, "{head}\r\n{trace}\r\n\r\n").expect("asks");
    until(|| has(server, "http_server_active_requests 1"));
    stream
}

/// Whether there is such a line in the numbers.
fn has(server: &Server, line: &str) -> bool {
    numbers(server)
        .iter()
        .any(|number| number.starts_with(line))
}

#[test]
fn a_client_that_waits_no_longer_is_told_of() {
    let home = home();
    let server = server(&home, &["--database-url", "sqlite:shop.db"], &[]);
    let lock = lock(&home);
    drop(vote(&server));
    until(|| has(&server, "http_server_active_requests 0"));
    assert!(has(
        &server,
        r#"http_server_request_duration_seconds_count{http_request_method="PUT",http_route="/reviews/{review_id}/helpful",http_response_status_code="499"} 1"#
    ));
    drop(lock);
    server.stop("INT");
    let (lines, _) = parsed(&log(&home));
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
        "which the client began"
    );
}

#[test]
fn what_the_end_does_not_wait_for_is_told() {
    let home = home();
    let more = [
        "--database-url",
        "sqlite:shop.db",
        "--shutdown-timeout",
        "1s",
    ];
    let server = server(&home, &more, &[]);
    let lock = lock(&home);
    let under_way = vote(&server);
    assert_eq!(server.stop("INT").0, 0);
    let log = log(&home);
    assert!(
        log.contains("--shutdown-timeout: 1 with requests under way"),
        "{log}"
    );
    drop((under_way, lock));
}

#[test]
fn it_ends_though_nobody_reads_what_it_says() {
    let home = home();
    let (reader, writer) = std::io::pipe().expect("a pipe");
    let mut command = atelier(&home);
    command.args(["--listen", "127.0.0.1:0", "--demo", "5"]);
    command.stderr(writer.try_clone().expect("an end"));
    let process = command.stdout(writer).spawn().expect("it starts");
    let mut server = Server::begun(process, Box::new(reader));
    // More than a pipe holds.
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
fn what_is_refused_is_counted_once_with_why() {
    let home = home();
    let server = server(&home, &["--database-url", "sqlite:shop.db"], &[]);
    let lock = lock(&home);
    let refused = server.send("PUT", "/reviews/1/helpful", "", "");
    assert!(refused.starts_with("HTTP/1.1 503"), "{refused}");
    let numbers = numbers(&server);
    let shed = numbers
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
    // What the program says and what became of the request are lines of one form.
    let log = log(&home);
    let (requests, words) = parsed(&log);
    let reason = words
        .iter()
        .find(|line| line.get("route").is_some())
        .expect("a reason");
    assert_eq!(requests[0]["request_id"], reason["request_id"], "{log}");
    for line in [&requests[0], reason] {
        assert!(line["ts"].as_str().is_some_and(|time| time.ends_with('Z')));
        assert_eq!(line["level"], "warn", "{line}");
        assert_eq!(line["route"], "/reviews/{review_id}/helpful", "{line}");
    }
    let why = reason["message"].as_str().expect("words");
    assert!(why.starts_with("answered 503: "), "{why}");
}

#[test]
fn a_variable_that_is_no_setting_is_told_of() {
    let home = home();
    let platform = ("ATELIER_SERVICE_HOST", "10.0.0.1");
    let server = server(&home, &[], &[("ATELIER_TOKN", "c4n4ryt0ken"), platform]);
    server.stop("INT");
    let (_, words) = parsed(&log(&home));
    let told = words.iter().filter_map(|line| line["message"].as_str());
    let told: Vec<_> = told.filter(|words| words.contains("ATELIER_")).collect();
    let words = "ATELIER_TOKN is no setting, and nothing looks at it; atelier --help has them all";
    assert_eq!(told, [words]);
}

#[test]
fn what_is_read_only_refuses_without_failing() {
    let home = home();
    let server = server(&home, &["--read-only"], &[]);
    let refused = server.send("PUT", "/reviews/1/helpful", "", "");
    assert!(refused.starts_with("HTTP/1.1 403"), "{refused}");
    let shed = numbers(&server).into_iter();
    let shed = shed.filter(|line| line.starts_with("atelier_shed_total"));
    assert!(shed.clone().all(|line| line.ends_with(" 0")));
    let (_, words) = server.stop("INT");
    assert!(
        words.ends_with("stopped: 1 requests, 0 failed\n"),
        "{words}"
    );
}

#[test]
fn no_client_makes_a_series_of_its_own() {
    let home = home();
    let server = server(&home, &["--log-sample", "0"], &[]);
    let series = |server: &Server| {
        let lines = numbers(server);
        lines
            .iter()
            .filter_map(|line| Some(line.rsplit_once(' ')?.0.to_owned()))
            .collect::<BTreeSet<_>>()
    };
    for method in ["GET", "MADEUP"] {
        server.send(method, "/made-up", "", "");
        server.send(method, "/products/made-up", "", "");
    }
    let before = series(&server);
    for made_up in 0..200 {
        server.send("GET", &format!("/made-up-{made_up}"), "", "");
        server.send("GET", &format!("/products/x{made_up}?{made_up}"), "", "");
        server.send(&format!("MADEUP{made_up}"), "/made-up", "", "");
        server.send(&format!("MADEUP{made_up}"), "/products/made-up", "", "");
    }
    assert_eq!(series(&server), before);
    let (methods, endpoints) = (
        ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"],
        atelier_core::http::ENDPOINTS,
    );
    for (method, endpoint) in methods
        .iter()
        .flat_map(|m| endpoints.iter().map(move |e| (m, e)))
    {
        let path = endpoint
            .path
            .split('/')
            .map(|part| if part.starts_with('{') { "1" } else { part });
        server.send(method, &path.collect::<Vec<_>>().join("/"), "", "");
    }
    let after = series(&server).into_iter();
    let requests = after
        .filter(|line| line.contains("_duration_seconds_count"))
        .count();
    assert!(requests < 150, "{requests} series");
    assert!(parsed(&log(&home)).0.is_empty(), "0 logs none");
    server.stop("INT");
}

#[test]
fn a_request_leaves_a_line_and_nothing_of_what_is_private() {
    let home = home();
    let server = server(&home, &["--trusted-proxies", "127.0.0.1"], &[]);
    visit(&server);
    let seen = numbers(&server).join("\n");
    let (_, words) = server.stop("INT");
    let log = log(&home);
    for canary in CANARIES {
        assert!(!log.contains(canary), "{canary} is in the log: {log}");
        assert!(
            !seen.contains(canary) && !words.contains(canary),
            "{canary}"
        );
    }
    let (lines, words) = parsed(&log);
    let words: Vec<_> = words.iter().map(|line| &line["message"]).collect();
    assert_eq!(words, ["serving", "stopped"]);
    let told: Vec<_> = lines
        .iter()
        .map(|line| format!("{} {} {}", line["method"], line["route"], line["status"]))
        .collect();
    assert_eq!(
        told,
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
        "of whom the proxy had it from"
    );
    assert_eq!(lines[0]["client"], "127.0.0.0");
    assert_eq!(
        (&lines[0]["cache"], &lines[1]["cache"]),
        (&"miss".into(), &"hit".into())
    );
    assert!(cart.get("cache").is_none(), "nobody keeps a cart");
    let asked = |line: &Value| line["db_ms"].as_f64().is_some_and(|millis| millis > 0.0);
    assert!(asked(cart) && asked(&lines[0]));
    assert!(lines[1].get("db_ms").is_none(), "memory had it");
    assert!(
        lines
            .iter()
            .all(|line| line["request_id"].as_str().is_some_and(|id| !id.is_empty()))
    );
}

#[test]
fn answers_left_out_of_a_question_are_counted_as_cut() {
    let home = home();
    let server = server(&home, &["--max-answer-bytes", "64KiB"], &[]);
    let json = "content-type: application/json\r\n";
    let question = r#"{"product_id":1,"body":"b","name":"n","email":"e@example.org"}"#;
    assert!(
        server
            .send("POST", "/qa/questions", json, question)
            .contains("Created")
    );
    let list = server.get("/qa/questions?product_id=1&count=100");
    let body = list.split_once("\r\n\r\n").expect("an answer").1;
    let all: Value = serde_json::from_str(body).expect("JSON");
    let id = &all["results"]
        .as_array()
        .expect("a list")
        .last()
        .expect("a question")["question_id"];
    let photo = "x".repeat(60_000);
    let answer =
        format!(r#"{{"body":"b","name":"n","email":"e@example.org","photos":["data:{photo}"]}}"#);
    let path = format!("/qa/questions/{id}/answers");
    for _ in 0..2 {
        assert!(
            server
                .send("POST", &path, json, &answer)
                .contains("Created")
        );
    }
    let cut = || {
        let numbers = numbers(&server);
        let line = numbers
            .iter()
            .find_map(|line| line.strip_prefix("atelier_answers_cut_total "));
        line.expect("a number").parse::<u64>().expect("a number")
    };
    let before = cut();
    let count = all["results"].as_array().map_or(0, Vec::len);
    server.get(&format!("/qa/questions?product_id=1&count=1&page={count}"));
    assert_eq!(cut(), before + 1);
    server.stop("INT");
}

#[test]
fn what_is_no_request_leaves_a_line_and_is_counted() {
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
    let (_, words) = server.stop("INT");
    assert!(
        words.ends_with("stopped: 2 requests, 0 failed\n"),
        "{words}"
    );
    let log = log(&home);
    assert!(!log.contains("canarytext"), "{log}");
    let (lines, _) = parsed(&log);
    let told: Vec<_> = lines
        .iter()
        .map(|line| format!("{} {} {}", line["method"], line["route"], line["status"]))
        .collect();
    assert_eq!(told, [r#""_OTHER" "" 400"#, r#""PUT" "" 400"#]);
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
    let log = log(&home);
    for canary in CANARIES {
        assert!(!log.contains(canary), "{log}");
    }
    let (_, words) = parsed(&log);
    let told = words.iter().find(|line| line.get("fields").is_some());
    let told = told.expect("a line");
    assert_eq!(told["fields"], "rating,email");
    assert_eq!(
        (&told["request_id"], &told["route"], &told["level"]),
        (&"r1".into(), &"/reviews".into(), &"info".into())
    );
}

#[test]
fn less_is_logged_where_less_is_wanted() {
    let home = home();
    for (more, expected) in [
        (&["--log", "warn"][..], 0),
        (&["--log", "warn,sqlx=info"], 0),
        (&["--log-sample", "0"], 2),
        (&["--log-sample", "3"], 7),
        (&["--log-format", "pretty"], 9),
    ] {
        let server = server(&home, more, &[]);
        visit(&server);
        server.stop("INT");
        // Of six that went well two, the three that did not, and the first and the last word.
        assert_eq!(
            log(&home).lines().count(),
            expected,
            "{more:?}: {}",
            log(&home)
        );
    }
    assert!(
        log(&home).starts_with("GET /reviews 200 "),
        "{}",
        log(&home)
    );
}

/// The names in a file that look like those of numbers.
fn names(path: &str) -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let text = std::fs::read_to_string(root.join(path)).expect("a file");
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    let name = |word: &&str| {
        ["atelier_", "http_server_", "db_client_", "process_"]
            .iter()
            .any(|start| word.starts_with(start))
    };
    words.filter(name).map(str::to_owned).collect()
}

#[test]
fn dashboard_and_alerts_are_about_numbers_that_there_are() {
    let all = atelier_core::metrics::ALL.map(|metric| metric.name);
    let known: BTreeSet<_> = all
        .into_iter()
        .chain(atelier_warp::observe::metrics::NAMES)
        .chain(atelier_warp::observe::process::NAMES)
        .collect();
    for path in [
        "deploy/prometheus/atelier.rules.yml",
        "deploy/grafana/atelier.json",
    ] {
        let names = names(path);
        assert!(names.len() > 4, "{names:?}");
        for name in names {
            let family = ["_bucket", "_sum", "_count"]
                .iter()
                .find_map(|end| name.strip_suffix(end));
            let there =
                known.contains(&*name) || family.is_some_and(|family| known.contains(family));
            assert!(there, "{path}: there is no {name}");
        }
    }
    // And each is shown.
    let shown = names("deploy/grafana/atelier.json");
    for name in known {
        assert!(
            shown.iter().any(|shown| shown.starts_with(name)),
            "{name} is shown nowhere"
        );
    }
}
