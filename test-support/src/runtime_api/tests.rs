use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::*;

/// A function's side of the protocol, byte by byte.
struct Function(TcpStream);

impl Function {
    async fn connect(api: &RuntimeApi) -> Self {
        let stream = TcpStream::connect(api.address()).await;
        Self(stream.expect("it listens"))
    }

    async fn ask(&mut self, method: &str, path: &str, body: &str) -> String {
        let length = body.len();
        let request = format!(
            "{method} /2018-06-01/runtime/{path} HTTP/1.1\r\nhost: x\r\ncontent-length: {length}\r\n\r\n{body}"
        );
        self.0.write_all(request.as_bytes()).await.expect("sends");
        self.answer().await
    }

    async fn answer(&mut self) -> String {
        let mut answer = Vec::new();
        loop {
            assert_ne!(self.0.read_buf(&mut answer).await.expect("reads"), 0);
            let text = String::from_utf8_lossy(&answer);
            let Some((head, body)) = text.split_once("\r\n\r\n") else {
                continue;
            };
            let length: usize = value(head, "content-length").parse().expect("a number");
            if body.len() == length {
                return text.into_owned();
            }
        }
    }
}

/// A header of an answer.
fn value<'a>(answer: &'a str, name: &str) -> &'a str {
    let line = answer
        .lines()
        .find(|line| line.starts_with(&format!("{name}: ")));
    line.and_then(|line| line.split_once(": "))
        .unwrap_or_else(|| panic!("no {name}: {answer}"))
        .1
}

const MINUTE: Duration = Duration::from_mins(1);

#[tokio::test]
async fn event_has_deadline_and_answer_returns() {
    let api = RuntimeApi::start().await.expect("a free port");
    let function = async {
        let mut function = Function::connect(&api).await;
        let before = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .expect("it is after 1970");
        let event = function.ask("GET", "invocation/next", "").await;
        assert!(
            event.starts_with("HTTP/1.1 200") && event.ends_with("\r\n\r\n{\"a\":1}"),
            "{event}"
        );
        let deadline: u128 = value(&event, "lambda-runtime-deadline-ms")
            .parse()
            .expect("a number");
        let left = deadline - before.as_millis();
        assert!((60_000..90_000).contains(&left), "{left} ms are left");
        for header in ["invoked-function-arn", "trace-id"] {
            assert_ne!(value(&event, &format!("lambda-runtime-{header}")), "");
        }
        let id = value(&event, "lambda-runtime-aws-request-id").to_owned();
        let said = function
            .ask("POST", &format!("invocation/{id}/response"), "\"b\"")
            .await;
        assert!(said.starts_with("HTTP/1.1 202"), "{said}");
        let again = function
            .ask("POST", &format!("invocation/{id}/response"), "\"c\"")
            .await;
        assert!(again.starts_with("HTTP/1.1 400"), "{again}");
    };
    let (outcome, ()) = tokio::join!(api.invoke("{\"a\":1}", MINUTE), function);
    assert_eq!(outcome, Outcome::Answer(Bytes::from("\"b\"")));
}

#[tokio::test]
async fn events_queue_and_errors_are_reported() {
    let api = RuntimeApi::start().await.expect("a free port");
    let function = async {
        let mut function = Function::connect(&api).await;
        for number in 1..=2 {
            let event = function.ask("GET", "invocation/next", "").await;
            assert!(event.ends_with(&format!("\r\n\r\n{number}")), "{event}");
            let id = value(&event, "lambda-runtime-aws-request-id").to_owned();
            let said = function
                .ask(
                    "POST",
                    &format!("invocation/{id}/error"),
                    &event[event.len() - 1..],
                )
                .await;
            assert!(said.starts_with("HTTP/1.1 202"), "{said}");
        }
    };
    let (first, second, ()) =
        tokio::join!(api.invoke("1", MINUTE), api.invoke("2", MINUTE), function);
    assert_eq!(first, Outcome::Error("1".to_owned()));
    assert_eq!(second, Outcome::Error("2".to_owned()));
}

#[tokio::test]
async fn late_or_too_large_answers_are_refused() {
    let api = RuntimeApi::start().await.expect("a free port");
    let mut function = Function::connect(&api).await;
    let (late, event) = tokio::join!(
        api.invoke("1", Duration::from_millis(1)),
        function.ask("GET", "invocation/next", "")
    );
    assert_eq!(late, Outcome::TimedOut);
    let id = value(&event, "lambda-runtime-aws-request-id").to_owned();
    function
        .ask("POST", &format!("invocation/{id}/response"), "1")
        .await;

    let long = async {
        let event = function.ask("GET", "invocation/next", "").await;
        let id = value(&event, "lambda-runtime-aws-request-id").to_owned();
        let body = "x".repeat(MAX_RESPONSE + 1);
        let said = function
            .ask("POST", &format!("invocation/{id}/response"), &body)
            .await;
        assert!(said.starts_with("HTTP/1.1 413"), "{said}");
    };
    let (outcome, ()) = tokio::join!(api.invoke("1", MINUTE), long);
    let Outcome::Error(json) = outcome else {
        panic!("{outcome:?}")
    };
    assert!(json.contains("Function.ResponseSizeTooLarge"), "{json}");
    for (method, path) in [
        ("GET", "x"),
        ("POST", "invocation/next"),
        ("GET", "init/error"),
    ] {
        let said = function.ask(method, path, "").await;
        assert!(said.starts_with("HTTP/1.1 404"), "{method} {path}: {said}");
    }
}

#[tokio::test]
async fn process_has_only_the_environment_of_a_function() {
    let environment = [("DATABASE_URL", "sqlite:x"), ("TZ", "CET")];
    let lambda = Lambda::start(Path::new("/usr/bin/env"), &environment)
        .await
        .expect("it starts");
    let outcome = lambda.invoke("{}", MINUTE).await;
    let Outcome::Exited(ended) = outcome else {
        panic!("{outcome:?}")
    };
    assert!(
        ended.status.success() && ended.init_error.is_none(),
        "{ended:?}"
    );
    let lines: Vec<_> = ended.log.lines().collect();
    for line in [
        "DATABASE_URL=sqlite:x",
        "TZ=CET",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=512",
    ] {
        assert!(lines.contains(&line), "{line} is not in {lines:?}");
    }
    assert!(
        ended.log.contains("AWS_LAMBDA_RUNTIME_API=127.0.0.1:"),
        "{lines:?}"
    );
    assert!(!ended.log.contains("CARGO"), "{lines:?}");
    assert_eq!(lambda.first_poll().await, Err(ended));
}
