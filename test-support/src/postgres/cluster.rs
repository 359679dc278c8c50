//! A primary and its hot standbys, by streaming replication, which a test can stop and promote.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout};

use sqlx::{Connection, PgConnection};

use super::server;

/// A primary and its standbys. Dropping the value stops and removes them. They are started from the programs of this machine
/// even when `TEST_DATABASE_URL` is set.
///
/// The methods block until PostgreSQL is done, and panic with its output when it fails.
pub struct Cluster {
    process: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

/// One server of a [`Cluster`].
#[derive(Debug, Clone)]
pub struct Server {
    name: String,
    port: u16,
    log: PathBuf,
}

/// Mode of a stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Standbys receive everything before it ends.
    Fast,
    /// Like a crash.
    Immediate,
}

impl Cluster {
    /// Creates a cluster without servers.
    pub fn open() -> Self {
        let script = server::script("cluster").unwrap_or_else(|reason| panic!("{reason}"));
        let mut process = { script }.spawn().expect("a shell");
        Self {
            input: process.stdin.take(),
            output: BufReader::new(process.stdout.take().expect("a pipe")),
            process,
        }
    }

    /// Starts a primary with an empty database.
    pub fn primary(&mut self, name: &str) -> Server {
        self.place(name, |port| format!("primary {name} {port}"))
    }

    /// Starts a standby of `of`.
    pub fn standby(&mut self, name: &str, of: &Server) -> Server {
        self.place(name, |port| format!("standby {name} {port} {}", of.port))
    }

    /// Starts a stopped server at its port.
    pub fn start(&mut self, server: &Server) {
        self.run(&format!("start {} {}", server.name, server.port));
    }

    /// Stops a server.
    pub fn stop(&mut self, server: &Server, end: End) {
        let end = match end {
            End::Fast => "fast",
            End::Immediate => "immediate",
        };
        self.run(&format!("stop {} {end}", server.name));
    }

    /// Promotes a standby.
    pub fn promote(&mut self, server: &Server) {
        self.run(&format!("promote {}", server.name));
    }

    /// Configures a stopped server as a standby of `of`.
    pub fn follow(&mut self, server: &Server, of: &Server) {
        self.run(&format!("follow {} {}", server.name, of.port));
    }

    /// Creates a server at a free port.
    fn place(&mut self, name: &str, command: impl Fn(u16) -> String) -> Server {
        for _ in 0..10 {
            let port = server::free_port().expect("a port");
            match self.ask(&command(port)).as_str() {
                "ready" => {
                    let place = self.line("where");
                    return Server {
                        name: name.to_owned(),
                        port,
                        log: Path::new(place.trim_end()).join(format!("log.{name}")),
                    };
                }
                "taken" => {}
                other => panic!("{other}"),
            }
        }
        panic!("other processes took ten free ports");
    }

    fn run(&mut self, command: &str) {
        let answer = self.ask(command);
        assert_eq!(answer, "ready", "{command}");
    }

    /// Sends a command, and returns the line that the script answers.
    fn line(&mut self, command: &str) -> String {
        let input = self.input.as_mut().expect("a pipe");
        // A failure means that the script has ended; its output says why.
        let _ = writeln!(input, "{command}");
        let mut answer = String::new();
        self.output.read_line(&mut answer).expect("an answer");
        answer
    }

    /// Sends a command, and returns the answer: a word, or the output of a failure.
    fn ask(&mut self, command: &str) -> String {
        let mut answer = self.line(command);
        match answer.trim_end() {
            word @ ("ready" | "taken") => word.to_owned(),
            "missing" => server::MISSING.to_owned(),
            _ => {
                self.output.read_to_string(&mut answer).expect("words");
                answer
            }
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // The script ends with its input. The test is over, so its status does not matter.
        drop(self.input.take());
        let _ = self.process.wait();
    }
}

impl Server {
    /// Returns the URL of its database.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// Connects past the API.
    pub async fn connect(&self) -> PgConnection {
        PgConnection::connect(&self.url()).await.expect("connects")
    }

    /// Runs statements past the API.
    pub async fn execute(&self, statements: &'static str) {
        let mut connection = self.connect().await;
        let done = sqlx::raw_sql(statements).execute(&mut connection).await;
        done.expect(statements);
        connection.close().await.expect("closes");
    }

    /// Returns the one value of a query.
    pub async fn value(&self, query: &'static str) -> String {
        let mut connection = self.connect().await;
        let value = sqlx::query_scalar(query).fetch_one(&mut connection).await;
        connection.close().await.expect("closes");
        value.expect(query)
    }

    /// Counts the logged statements that contain `words`.
    pub fn asked(&self, words: &str) -> usize {
        let log = std::fs::read(&self.log).expect("the server's log");
        let log = String::from_utf8_lossy(&log);
        log.lines().filter(|line| line.contains(words)).count()
    }
}
