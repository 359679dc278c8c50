//! Lambda's side of a function.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::Value;

/// A runtime API for one process: hands out these events, and tells what came back of each.
pub(crate) struct Runtime {
    /// Where it is.
    pub(crate) address: String,
    came: Receiver<(String, Value)>,
}

impl Runtime {
    pub(crate) fn with(events: impl IntoIterator<Item = String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address").to_string();
        let events = Arc::new(Mutex::new(events.into_iter().enumerate().collect()));
        let (tell, came) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (events, tell) = (Arc::clone(&events), tell.clone());
                // A process that ends breaks its connection off.
                std::thread::spawn(move || serve(stream, &events, &tell));
            }
        });
        Self { address, came }
    }

    /// What came back next: to `response` or to `error`, and what.
    pub(crate) fn next(&self) -> (String, Value) {
        self.came
            .recv_timeout(Duration::from_mins(1))
            .expect("something comes back")
    }
}

fn serve(
    mut stream: TcpStream,
    events: &Mutex<VecDeque<(usize, String)>>,
    tell: &Sender<(String, Value)>,
) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    loop {
        let mut head = vec![];
        while !head.ends_with(&["\r\n".to_owned()]) {
            let mut line = String::new();
            (reader.read_line(&mut line).ok()? > 0).then_some(())?;
            head.push(line);
        }
        let length = head.iter().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length")
                .then(|| value.trim().parse().ok())?
        });
        let mut body = vec![0; length.unwrap_or(0)];
        reader.read_exact(&mut body).ok()?;
        let path = head[0].split(' ').nth(1)?.to_owned();
        let reply = if path.ends_with("/next") {
            let next = events.lock().ok()?.pop_front();
            let Some((at, event)) = next else {
                // Nothing more: Lambda lets a function wait.
                let _ = reader.read_line(&mut String::new());
                return None;
            };
            let now = SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .ok()?
                .as_millis();
            format!(
                "HTTP/1.1 200 OK\r\nlambda-runtime-aws-request-id: {at}\r\nlambda-runtime-deadline-ms: {}\r\n\
                 lambda-runtime-invoked-function-arn: arn:aws:lambda:x\r\ncontent-length: {}\r\n\r\n{event}",
                now + 30_000,
                event.len()
            )
        } else {
            let kind = path.rsplit('/').next()?.to_owned();
            tell.send((kind, serde_json::from_slice(&body).ok()?))
                .ok()?;
            "HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n".to_owned()
        };
        stream.write_all(reply.as_bytes()).ok()?;
    }
}
