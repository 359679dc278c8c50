//! The program `bootstrap` as Lambda meets it: a runtime API that hands out events and takes the answers.

use std::io::Read;
use std::process::{Child, Command, Output, Stdio};
use std::thread::JoinHandle;

use atelier_conformance::matrix::{StoreKind, Transport, run};
use serde_json::{Value, json};

mod runtime;

use runtime::Runtime;

const CANARY: &str = "canary@example.org";

fn bootstrap(variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bootstrap"));
    command.env_clear().envs(variables.iter().copied());
    command
}

/// What Lambda sets.
fn by_lambda(api: &str) -> Vec<(&str, &str)> {
    vec![
        ("AWS_LAMBDA_RUNTIME_API", api),
        ("AWS_LAMBDA_FUNCTION_NAME", "shop"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
    ]
}

/// What the program says and ends with, when it ends by itself.
fn ended(variables: &[(&str, &str)]) -> (Option<i32>, String) {
    let Output { status, stderr, .. } = bootstrap(variables).output().expect("it starts");
    (status.code(), String::from_utf8(stderr).expect("text"))
}

#[test]
fn who_starts_it_by_hand_is_told_what_it_is() {
    for missing in [
        "AWS_LAMBDA_RUNTIME_API",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    ] {
        let mut variables = by_lambda("127.0.0.1:1");
        for set in [None, Some("")] {
            variables.retain(|(name, _)| *name != missing);
            variables.extend(set.map(|value| (missing, value)));
            let (code, words) = ended(&variables);
            assert_eq!(code, Some(2), "{words}");
            assert!(
                words.contains(missing) && words.contains("cargo run"),
                "{words}"
            );
            assert_eq!(words.lines().count(), 1, "{words}");
        }
    }
}

#[test]
fn a_database_must_be_named() {
    for url in [None, Some("")] {
        let mut variables = by_lambda("127.0.0.1:1");
        variables.extend(url.map(|url| ("DATABASE_URL", url)));
        let (code, words) = ended(&variables);
        assert_eq!(code, Some(2), "{words}");
        assert!(
            words.contains("DATABASE_URL") && words.contains("postgres://"),
            "{words}"
        );
    }
    let mut variables = by_lambda("127.0.0.1:1");
    variables.push(("DATABASE_URL", "mysql://app:secret@db/shop"));
    let (code, words) = ended(&variables);
    assert_eq!(code, Some(2), "{words}");
    assert!(
        words.contains("postgres://") && !words.contains("secret"),
        "{words}"
    );
}

#[test]
fn a_runtime_that_is_not_there_ends_it() {
    run(StoreKind::Postgres, Transport::Core, async |shop| {
        let url = postgres(&shop.url);
        let mut variables = by_lambda("127.0.0.1:1");
        variables.push(("DATABASE_URL", &url));
        let (code, words) = ended(&variables);
        assert_eq!(code, Some(1), "{words}");
        assert!(
            words.contains("runtime API") && !words.contains("panicked"),
            "{words}"
        );
    });
}

fn postgres(url: &atelier_core::DatabaseUrl) -> String {
    match url {
        atelier_core::DatabaseUrl::Postgres(url) => url.expose().to_owned(),
        _ => panic!("a server is meant"),
    }
}

/// A process that ends with this.
struct Started {
    process: Child,
    /// What it says. It is read all the while: a process that is not listened to waits.
    words: Option<JoinHandle<String>>,
}

impl Started {
    fn start(command: &mut Command) -> Self {
        let mut process = command.stderr(Stdio::piped()).spawn().expect("it starts");
        let mut said = process.stderr.take().expect("its words");
        let words = std::thread::spawn(move || {
            let mut words = String::new();
            said.read_to_string(&mut words).expect("text");
            words
        });
        Self {
            process,
            words: Some(words),
        }
    }

    /// Ends it: all that it has said.
    fn ended(mut self) -> String {
        self.process.kill().expect("it is running");
        let words = self.words.take().expect("it was started");
        words.join().expect("its words")
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn events_are_answered_one_after_the_other_whatever_comes_between() {
    let get = |path: &str| {
        json!({"rawPath": path, "requestContext": {"http": {"method": "GET"}}}).to_string()
    };
    let review = json!({"product_id": 503, "rating": 4, "summary": "s", "body": "b", "recommend": true, "name": "n", "email": CANARY});
    let post = |body: Value, base64: bool| {
        let event = json!({
            "httpMethod": "POST", "path": "/reviews", "body": body, "isBase64Encoded": base64,
            "headers": {"authorization": CANARY},
        });
        event.to_string()
    };
    let events = [
        get("/products/501"),
        json!({"Records": [{"body": CANARY}]}).to_string(),
        format!("{{\"body\": \"{CANARY}\""),
        post(json!("===="), true),
        post(json!(review.to_string()), false),
        json!({"httpMethod": "POST", "headers": CANARY}).to_string(),
        post(json!("x".repeat(6_000_000)), false),
        get(&format!("/products/{CANARY}")),
        get("/reviews?product_id=503").replace(
            "?product_id=503\"",
            "\",\"rawQueryString\":\"product_id=503\"",
        ),
    ];
    run(StoreKind::Postgres, Transport::Core, async |shop| {
        let url = postgres(&shop.url);
        let runtime = Runtime::with(events);
        let mut variables = by_lambda(&runtime.address);
        // Everything is told but what the events hold.
        variables.extend([
            ("DATABASE_URL", &*url),
            ("ATELIER_LOG", "trace"),
            ("ATELIER_TOKEN", ""),
        ]);
        let process = Started::start(&mut bootstrap(&variables));
        let status = |(kind, answer): (String, Value)| {
            assert_eq!(kind, "response", "{answer}");
            answer["statusCode"].clone()
        };
        let error = |(kind, answer): (String, Value)| {
            assert_eq!(kind, "error", "{answer}");
            assert!(!answer.to_string().contains("canary"), "{answer}");
        };
        assert_eq!(status(runtime.next()), 200);
        error(runtime.next());
        error(runtime.next());
        assert_eq!(status(runtime.next()), 400);
        assert_eq!(status(runtime.next()), 201);
        error(runtime.next());
        assert_eq!(status(runtime.next()), 413);
        assert_eq!(status(runtime.next()), 404);
        let (_, list) = runtime.next();
        assert!(
            list["body"]
                .as_str()
                .expect("a body")
                .contains("\"summary\":\"s\""),
            "{list}"
        );
        let words = process.ended();
        assert!(
            !words.contains("canary") && !words.contains("panicked"),
            "{words}"
        );
        assert!(
            words.contains("looks like it"),
            "the operator is told of events that are none: {words}"
        );
    });
}
