//! The program `atelier`, as a process.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Pause between two polls: without one, the test takes the core of the server under test.
const POLL_INTERVAL: Duration = Duration::from_millis(10);

/// The program with `home` as its home and working directory, and an otherwise empty environment.
pub(crate) fn atelier(home: &TempDir) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_atelier"));
    command
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("HOME", home.path())
        .current_dir(home.path());
    command
}

pub(crate) fn home() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

/// Runs a command to its end, and returns its exit code, standard output and standard error.
pub(crate) fn ended(command: &mut Command) -> (i32, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().expect("a process");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    let code = status.code().expect("an exit code");
    (code, text(stdout), text(stderr))
}

/// Polls until the condition holds, for a minute at most.
pub(crate) fn until(condition: impl Fn() -> bool) {
    let begun = Instant::now();
    while !condition() {
        assert!(begun.elapsed() < Duration::from_mins(1), "timed out");
        sleep(POLL_INTERVAL);
    }
}

/// Returns the response to a GET request; empty if nothing listens on `address`.
pub(crate) fn get(address: &str, target: &str) -> String {
    ask(
        address,
        &format!("GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
    )
}

/// Returns the response to these bytes; empty if nothing listens on `address`.
pub(crate) fn ask(address: &str, request: &str) -> String {
    let mut answer = String::new();
    let asked = TcpStream::connect(address).and_then(|mut stream| {
        stream.write_all(request.as_bytes())?;
        stream.read_to_string(&mut answer)
    });
    match asked {
        Ok(_) => answer,
        Err(_) => String::new(),
    }
}

/// A process that is killed when it is dropped.
pub(crate) struct Running(pub(crate) Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A running server.
pub(crate) struct Server {
    pub(crate) process: Running,
    pub(crate) address: String,
    output: BufReader<Box<dyn Read>>,
    /// Its standard output, first up to the line with the address.
    pub(crate) words: String,
}

impl Server {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut process = command.stdout(Stdio::piped()).spawn().expect("a process");
        let output = process.stdout.take().expect("its output");
        Self::begun(process, Box::new(output))
    }

    /// Waits until a started process prints its address.
    pub(crate) fn begun(process: Child, output: Box<dyn Read>) -> Self {
        let mut output = BufReader::new(output);
        let mut words = String::new();
        let address = loop {
            let mut line = String::new();
            assert_ne!(
                output.read_line(&mut line).expect("a line"),
                0,
                "the output ended before the address"
            );
            words.push_str(&line);
            if let Some((_, address)) = line.split_once("listening  http://") {
                break address.trim().to_owned();
            }
        };
        Self {
            process: Running(process),
            address,
            output,
            words,
        }
    }

    pub(crate) fn get(&self, target: &str) -> String {
        get(&self.address, target)
    }

    /// Returns the response to a request with these headers, each with its line end.
    pub(crate) fn send(&self, method: &str, target: &str, headers: &str, body: &str) -> String {
        let length = body.len();
        ask(
            &self.address,
            &format!(
                "{method} {target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
            ),
        )
    }

    pub(crate) fn signal(&self, name: &str) {
        signal(&self.process.0, name);
    }

    /// Sends a signal, waits for the end, and returns the exit code and the standard output.
    pub(crate) fn stop(mut self, signal: &str) -> (i32, String) {
        self.signal(signal);
        self.output
            .read_to_string(&mut self.words)
            .expect("its output");
        let status = self.process.0.wait().expect("ends");
        (status.code().expect("an exit code"), self.words)
    }
}

pub(crate) fn signal(process: &Child, name: &str) {
    let done = Command::new("kill")
        .args(["-s", name, &process.id().to_string()])
        .status();
    assert!(done.expect("kill runs").success());
}
