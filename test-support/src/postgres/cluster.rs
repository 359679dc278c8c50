//! A primary and hot standbys of it, by streaming replication: servers of a test's own, to stop and promote.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout};

use sqlx::{Connection, PgConnection};

use super::server;

/// Servers with one set of rows, which end and go with the value. They are started from the programs of this machine, also
/// where `TEST_DATABASE_URL` names a server.
///
/// Its methods block, for as long as PostgreSQL takes, and panic when it refuses, with its last words.
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

/// How a server is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Its standbys have all that it has.
    Fast,
    /// At once, as if it had crashed.
    Immediate,
}

impl Cluster {
    /// No server yet.
    pub fn open() -> Self {
        let script = server::script("cluster").unwrap_or_else(|reason| panic!("{reason}"));
        let mut process = { script }.spawn().expect("a shell");
        Self {
            input: process.stdin.take(),
            output: BufReader::new(process.stdout.take().expect("a pipe")),
            process,
        }
    }

    /// A primary with an empty database.
    pub fn primary(&mut self, name: &str) -> Server {
        self.place(name, |port| format!("primary {name} {port}"))
    }

    /// A standby that replays what `of` writes.
    pub fn standby(&mut self, name: &str, of: &Server) -> Server {
        self.place(name, |port| format!("standby {name} {port} {}", of.port))
    }

    /// Starts a server that was stopped, where it was.
    pub fn start(&mut self, server: &Server) {
        self.do_it(&format!("start {} {}", server.name, server.port));
    }

    /// Stops a server.
    pub fn stop(&mut self, server: &Server, end: End) {
        let end = match end {
            End::Fast => "fast",
            End::Immediate => "immediate",
        };
        self.do_it(&format!("stop {} {end}", server.name));
    }

    /// Makes a standby a primary.
    pub fn promote(&mut self, server: &Server) {
        self.do_it(&format!("promote {}", server.name));
    }

    /// Makes a server that was stopped a standby of `of`, once it is started.
    pub fn follow(&mut self, server: &Server, of: &Server) {
        self.do_it(&format!("follow {} {}", server.name, of.port));
    }

    /// A server at a port that is free.
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
        panic!("others took ten free ports");
    }

    fn do_it(&mut self, command: &str) {
        let answer = self.ask(command);
        assert_eq!(answer, "ready", "{command}");
    }

    /// The line that the script answers.
    fn line(&mut self, command: &str) -> String {
        let input = self.input.as_mut().expect("a pipe");
        // A script that has ended told why, on its output.
        let _ = writeln!(input, "{command}");
        let mut answer = String::new();
        self.output.read_line(&mut answer).expect("an answer");
        answer
    }

    /// What the script answers: a word, or all of its last words.
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
        // Its end is what the script waits for; what it makes of that is of no use to a test that is over.
        drop(self.input.take());
        let _ = self.process.wait();
    }
}

impl Server {
    /// Returns the URL of its database.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// A connection past the API.
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

    /// The one value of a query.
    pub async fn value(&self, query: &'static str) -> String {
        let mut connection = self.connect().await;
        let value = sqlx::query_scalar(query).fetch_one(&mut connection).await;
        connection.close().await.expect("closes");
        value.expect(query)
    }

    /// How many statements it has been asked whose text holds these words.
    pub fn asked(&self, words: &str) -> usize {
        let log = std::fs::read(&self.log).expect("the server's log");
        let log = String::from_utf8_lossy(&log);
        log.lines().filter(|line| line.contains(words)).count()
    }
}
