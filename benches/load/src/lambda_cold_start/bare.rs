//! A function that gives every event back: what the protocol itself takes, with as little work as it takes.

use std::io::{self, Read, Write};
use std::net::TcpStream;

/// Answers the Runtime API at `api` until that is gone.
pub(crate) fn run(api: &str) -> io::Result<()> {
    let mut stream = TcpStream::connect(api)?;
    stream.set_nodelay(true)?;
    let mut received = Vec::new();
    loop {
        let next = "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nhost: runtime\r\n\r\n";
        stream.write_all(next.as_bytes())?;
        let body = answer(&mut stream, &mut received)?;
        let head = String::from_utf8_lossy(&received[..body]);
        let id = value(&head, "lambda-runtime-aws-request-id").unwrap_or_default();
        let event = &received[body..];
        let head = format!(
            "POST /2018-06-01/runtime/invocation/{id}/response HTTP/1.1\r\nhost: runtime\r\ncontent-length: {}\r\n\r\n",
            event.len()
        );
        let response = [head.as_bytes(), event].concat();
        stream.write_all(&response)?;
        answer(&mut stream, &mut received)?;
    }
}

/// Reads an answer into `received`: where its body begins.
fn answer(stream: &mut TcpStream, received: &mut Vec<u8>) -> io::Result<usize> {
    received.clear();
    let mut piece = [0; 16_384];
    loop {
        let length = stream.read(&mut piece)?;
        if length == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        received.extend_from_slice(&piece[..length]);
        if let Some(end) = received.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            let body = end + 4;
            let head = String::from_utf8_lossy(&received[..body]);
            let length: Option<usize> =
                value(&head, "content-length").and_then(|value| value.parse().ok());
            if received.len() >= body + length.unwrap_or(0) {
                return Ok(body);
            }
        }
    }
}

/// A header of an answer, by its name in small letters.
fn value<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}
