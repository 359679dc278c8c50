//! The programs that are measured, as processes of their own that end with the measuring.

use std::ffi::OsStr;
use std::io::Read as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Resource, getrlimit, setrlimit};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::net::TcpStream;
use tokio::process::{ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

use crate::Result;
use crate::client::Connection;
use crate::targets::get;

/// How long a program may take to start: an embedded file may have to be recovered first.
const START_TIMEOUT: Duration = Duration::from_mins(1);

/// The answer cache of `atelier`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cache {
    /// As it comes.
    Default,
    Off,
}

/// What the cache may hold by default, in MiB.
pub(crate) const CACHE_MIB: f64 = 128.0;

impl Cache {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Default => "default cache",
            Self::Off => "cache 0",
        }
    }
}

/// A process that serves. Dropping it ends it.
pub(crate) struct Child {
    pub(crate) name: String,
    pub(crate) address: SocketAddr,
    process: tokio::process::Child,
    /// Kept open: a process may end when it cannot write, and the bare server ends when its input closes.
    _open: (Option<ChildStdin>, Lines<BufReader<ChildStdout>>),
}

impl Child {
    /// Starts a program and waits until `address` finds in one of its lines where it listens.
    pub(crate) async fn start(
        mut command: Command,
        name: &str,
        address: impl Fn(&str) -> Option<SocketAddr>,
    ) -> Result<Self> {
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true);
        let mut process = command
            .spawn()
            .map_err(|error| format!("{name} can't be started: {error}"))?;
        let output = process.stdout.take().ok_or("a process without output")?;
        let mut lines = BufReader::new(output).lines();
        let find = async {
            while let Ok(Some(line)) = lines.next_line().await {
                if let Some(address) = address(line.trim()) {
                    return Some(address);
                }
            }
            None
        };
        let found = timeout(START_TIMEOUT, find).await;
        let found = found.map_err(|_| format!("{name} does not start"))?;
        let address = found.ok_or_else(|| format!("{name} ended before it listened, see above"))?;
        Ok(Self {
            name: name.to_owned(),
            address,
            _open: (process.stdin.take(), lines),
            process,
        })
    }

    /// Ends it, and waits until it is gone: the next may want its file.
    pub(crate) async fn stop(mut self) -> Result<()> {
        let stopped = self.process.kill().await;
        stopped.map_err(|error| format!("a process can't be ended: {error}"))
    }

    /// MiB of memory that it holds.
    pub(crate) fn memory(&self) -> Result<f64> {
        let id = self.process.id().ok_or("a process that has ended")?;
        let status = std::fs::read_to_string(format!("/proc/{id}/status"));
        let status = status.map_err(|error| format!("no memory of a process: {error}"))?;
        resident(&status).ok_or_else(|| "no VmRSS in the state of a process".to_owned())
    }
}

/// MiB from the text of `/proc/ID/status`.
fn resident(status: &str) -> Option<f64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: f64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kib / 1_024.0)
}

/// Ends this process when standard input ends, because the process that started it is gone then.
pub(crate) fn exit_with_parent() {
    std::thread::spawn(|| {
        let _ = std::io::stdin().read(&mut [0]);
        std::process::exit(0);
    });
}

/// Raises the limit of open files to its maximum: every client is one file here and one at the server, which inherits
/// the limit.
pub(crate) fn raise_file_limit() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // With the old limit, too many clients fail by name.
    let _ = setrlimit(Resource::Nofile, limit);
}

/// `atelier` over the database at `url`, when it is ready.
pub(crate) async fn atelier(url: &str, cache: Cache) -> Result<Child> {
    start(url, cache, Stdio::inherit()).await
}

/// The same with its log discarded: one line per request would fill the terminal.
pub(crate) async fn without_log(url: &str, cache: Cache) -> Result<Child> {
    start(url, cache, Stdio::null()).await
}

async fn start(url: &str, cache: Cache, log: Stdio) -> Result<Child> {
    let mut command = Command::new(beside("atelier")?);
    command
        .args(["--listen", "127.0.0.1:0"])
        .env("DATABASE_URL", url)
        .stderr(log);
    for name in [
        "ATELIER_CACHE_BYTES",
        "ATELIER_DEMO",
        "ATELIER_TOKEN",
        "ATELIER_LOG",
        "LISTEN_FDS",
    ] {
        command.env_remove(name);
    }
    if cache == Cache::Off {
        command.env("ATELIER_CACHE_BYTES", "0");
    }
    let child = Child::start(command, "atelier", listening).await?;
    let ready = async {
        let stream = TcpStream::connect(child.address).await?;
        let mut connection = Connection::new(stream);
        loop {
            if connection.exchange(&get("/ready")).await?.status == 200 {
                return std::io::Result::Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    match timeout(START_TIMEOUT, ready).await {
        Ok(Ok(())) => Ok(child),
        Ok(Err(error)) => Err(format!("atelier does not answer: {error}")),
        Err(_) => Err("atelier does not get ready".to_owned()),
    }
}

/// The address in `atelier`'s line about it.
fn listening(line: &str) -> Option<SocketAddr> {
    let (_, url) = line.split_once("listening")?;
    url.trim().strip_prefix("http://")?.parse().ok()
}

/// A program of the project: it lies next to this one.
pub(crate) fn beside(program: &str) -> Result<PathBuf> {
    let this = std::env::current_exe().map_err(|error| error.to_string())?;
    let path = this.with_file_name(program);
    if path.is_file() {
        Ok(path)
    } else {
        let folder = this
            .parent()
            .map_or(OsStr::new("."), |parent| parent.as_os_str());
        let folder = folder.display();
        Err(format!(
            "There is no `{program}` in {folder}: `make load` builds all it takes."
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_read_from_the_welcome() {
        let address = "127.0.0.1:34567".parse().ok();
        assert_eq!(listening("✓ listening  http://127.0.0.1:34567"), address);
        assert_eq!(
            listening("Products   http://127.0.0.1:34567/products"),
            None
        );
        assert_eq!(listening("✓ listening  http://?"), None);
    }

    #[test]
    fn memory_is_the_resident_size() {
        let status = "VmHWM:\t   99999 kB\nVmRSS:\t   20480 kB\nRssAnon:\t   10 kB\n";
        assert_eq!(resident(status), Some(20.0));
        assert_eq!(resident("VmPeak: 1 kB"), None);
    }
}
