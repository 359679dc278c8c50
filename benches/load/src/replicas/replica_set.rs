//! The servers.

use std::net::{SocketAddr, TcpListener};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use command_fds::{CommandFdExt, FdMapping};
use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::Result;

/// How long a server may take to start or to end.
const REQUEST_TIMEOUT: Duration = Duration::from_mins(1);

/// Servers over one database, each with a socket that stays when it goes.
pub(crate) struct ReplicaSet {
    program: PathBuf,
    database_url: String,
    drain_delay: u16,
    replicas: Vec<Replica>,
}

struct Replica {
    socket: TcpListener,
    address: SocketAddr,
    process: Child,
}

impl ReplicaSet {
    /// Three of them, ready.
    pub(crate) async fn start(
        program: &Path,
        database_url: &str,
        drain_delay: u16,
    ) -> Result<Self> {
        let mut replicas = Self {
            program: program.to_owned(),
            database_url: database_url.to_owned(),
            drain_delay,
            replicas: vec![],
        };
        for _ in 0..3 {
            let socket = TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
            let address = socket.local_addr().map_err(|error| error.to_string())?;
            let process = replicas.process(&socket)?;
            replicas.replicas.push(Replica {
                socket,
                address,
                process,
            });
            ready(address).await?;
        }
        Ok(replicas)
    }

    pub(crate) fn addresses(&self) -> Vec<SocketAddr> {
        self.replicas
            .iter()
            .map(|replica| replica.address)
            .collect()
    }

    /// A server on `socket`, which it is given as systemd would.
    fn process(&self, socket: &TcpListener) -> Result<Child> {
        let socket = socket.try_clone().map_err(|error| error.to_string())?;
        let mut command = Command::new("sh");
        command
            .args(["-c", "LISTEN_PID=$$ exec \"$0\" \"$@\""])
            .arg(&self.program)
            .args(["--trusted-proxies", "127.0.0.1", "--drain-delay"])
            .arg(self.drain_delay.to_string())
            .env("LISTEN_FDS", "1")
            .env("DATABASE_URL", &self.database_url)
            .stdout(Stdio::null());
        let mapping = FdMapping {
            parent_fd: OwnedFd::from(socket),
            child_fd: 3,
        };
        command
            .fd_mappings(vec![mapping])
            .map_err(|error| error.to_string())?;
        command.spawn().map_err(|error| error.to_string())
    }

    /// Ends one by SIGTERM, starts it again, and waits until it is ready.
    pub(crate) async fn restart(&mut self, which: usize) -> Result<()> {
        let which = which % self.replicas.len();
        self.end(which, Signal::TERM).await?;
        self.begin(which).await
    }

    /// Kills one, and starts it again: how long it took until it was ready.
    pub(crate) async fn kill(&mut self, which: usize) -> Result<Duration> {
        let which = which % self.replicas.len();
        let killed = Instant::now();
        self.end(which, Signal::KILL).await?;
        self.begin(which).await?;
        Ok(killed.elapsed())
    }

    async fn end(&mut self, which: usize, signal: Signal) -> Result<()> {
        let process = &mut self.replicas[which].process;
        let pid = Pid::from_child(process);
        kill_process(pid, signal).map_err(|error| error.to_string())?;
        let begun = Instant::now();
        loop {
            let status = process.try_wait().map_err(|error| error.to_string())?;
            match status {
                Some(status) if signal == Signal::TERM && !status.success() => {
                    return Err(format!("a server that was to end did so with {status}"));
                }
                Some(_) => return Ok(()),
                None if begun.elapsed() > REQUEST_TIMEOUT => {
                    return Err("a server does not end".to_owned());
                }
                None => tokio::time::sleep(Duration::from_millis(5)).await,
            }
        }
    }

    async fn begin(&mut self, which: usize) -> Result<()> {
        self.replicas[which].process = self.process(&self.replicas[which].socket)?;
        ready(self.replicas[which].address).await
    }
}

impl Drop for ReplicaSet {
    fn drop(&mut self) {
        for replica in &mut self.replicas {
            let _ = replica.process.kill();
            let _ = replica.process.wait();
        }
    }
}

/// Waits until a server says that it is ready. Its socket takes connections before it is there.
async fn ready(address: SocketAddr) -> Result<()> {
    let asking = async {
        while !said_200(address).await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(REQUEST_TIMEOUT, asking)
        .await
        .map_err(|_| format!("the server at {address} does not become ready"))
}

async fn said_200(address: SocketAddr) -> bool {
    let asked = async {
        let mut stream = TcpStream::connect(address).await?;
        stream
            .write_all(b"GET /ready HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            .await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        Ok::<_, std::io::Error>(answer)
    };
    asked
        .await
        .is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
}
