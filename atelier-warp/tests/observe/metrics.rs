//! Metrics at `/metrics`, and the dashboard and alerts that use them.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;

use super::program::{Server, home};
use super::{parse_log, read_log, scrape, send_requests, server};

#[test]
fn requests_are_counted_by_route_and_status() {
    let home = home();
    let server = server(&home, &[], &[]);
    send_requests(&server);
    let samples = scrape(&server);
    let has = |line: &str| {
        assert!(
            samples.iter().any(|sample| sample == line),
            "{line} is not among {samples:#?}"
        );
    };
    let count_is = |method: &str, route: &str, status: u16, count: u32| {
        has(&format!(
            "http_server_request_duration_seconds_count{{http_request_method=\"{method}\",http_route=\"{route}\",http_response_status_code=\"{status}\"}} {count}"
        ));
    };
    count_is("GET", "/reviews", 200, 2);
    count_is("GET", "/products/{product_id}", 404, 1);
    count_is("GET", "", 404, 1);
    count_is("GET", "/", 200, 1);
    count_is("POST", "/qa/questions", 201, 2);
    has("atelier_cache_requests_total{result=\"hit\"} 1");
    has("atelier_idempotency_total{result=\"replayed\"} 1");
    has("atelier_idempotency_total{result=\"refused\"} 1");
    has("http_server_active_requests 0");
    // Counters exist before their first increment, so that alerts see it.
    has("atelier_bugs_total{kind=\"panic\"} 0");
    has("atelier_shed_total{reason=\"overload\"} 0");
    let version = env!("CARGO_PKG_VERSION");
    has(&format!("atelier_build_info{{version=\"{version}\"}} 1"));
    for name in [
        "atelier_cache_bytes ",
        "atelier_batch_size_count{of=\"changes\"} ",
    ] {
        let exists = samples.iter().any(|line| line.starts_with(name));
        assert!(exists, "{name} is not among {samples:#?}");
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
    let log = read_log(&home);
    let line = "connection limit reached, new connections are closed: raise --max-connections";
    assert!(log.contains(line), "{log}");
}

#[test]
fn process_metrics_are_exported() {
    let home = home();
    let server = server(&home, &[], &[]);
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.expect("a clock").as_secs_f64();
    let samples = scrape(&server);
    let value = |name: &str| -> f64 {
        let found = samples.iter().find_map(|line| line.strip_prefix(name));
        let found = found.unwrap_or_else(|| panic!("no {name} in {samples:#?}"));
        found.trim().parse().expect("a number")
    };
    let cpu = value("process_cpu_seconds_total ");
    assert!((0.001..600.0).contains(&cpu), "{cpu}");
    let memory = value("process_resident_memory_bytes ");
    assert!((4e6..4e9).contains(&memory), "{memory}");
    let (open, limit) = (value("process_open_fds "), value("process_max_fds "));
    assert!(
        (8.0..1e4).contains(&open) && open < limit,
        "{open} of {limit}"
    );
    let started = value("process_start_time_seconds ");
    assert!((now - 600.0..=now + 1.0).contains(&started), "{started}");
}

#[test]
fn read_only_server_does_not_count_refused_writes_as_failed() {
    let home = home();
    let server = server(&home, &["--read-only"], &[]);
    let refused = server.send("PUT", "/reviews/1/helpful", "", "");
    assert!(refused.starts_with("HTTP/1.1 403"), "{refused}");
    let shed = scrape(&server).into_iter();
    let shed = shed.filter(|line| line.starts_with("atelier_shed_total"));
    assert!(shed.clone().all(|line| line.ends_with(" 0")));
    let (_, words) = server.stop("INT");
    assert!(
        words.ends_with("stopped: 1 requests, 0 failed\n"),
        "{words}"
    );
}

#[test]
fn clients_cannot_create_series() {
    let home = home();
    let server = server(&home, &["--log-sample", "0"], &[]);
    let series = |server: &Server| {
        let lines = scrape(server);
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
    assert!(
        parse_log(&read_log(&home)).0.is_empty(),
        "--log-sample 0 disables request lines"
    );
    server.stop("INT");
}

#[test]
fn truncated_answers_are_counted() {
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
    let truncated = || {
        let samples = scrape(&server);
        let count = samples
            .iter()
            .find_map(|line| line.strip_prefix("atelier_answers_cut_total "));
        count.expect("a sample").parse::<u64>().expect("a number")
    };
    let before = truncated();
    let count = all["results"].as_array().map_or(0, Vec::len);
    server.get(&format!("/qa/questions?product_id=1&count=1&page={count}"));
    assert_eq!(truncated(), before + 1);
    server.stop("INT");
}

/// The names in a file that look like metrics.
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
fn dashboard_and_alerts_use_existing_metrics() {
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
            let exists =
                known.contains(&*name) || family.is_some_and(|family| known.contains(family));
            assert!(exists, "{path}: there is no {name}");
        }
    }
    // The dashboard shows every metric.
    let shown = names("deploy/grafana/atelier.json");
    for name in known {
        assert!(
            shown.iter().any(|shown| shown.starts_with(name)),
            "{name} is missing in the dashboard"
        );
    }
}
