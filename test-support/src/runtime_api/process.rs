//! The process of a Lambda function.

use std::io;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use rustix::process::{Pid, Signal};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::{Outcome, RuntimeApi, lock};

/// A process that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// How it ended.
    pub status: ExitStatus,
    /// What it wrote to standard output and standard error.
    pub log: String,
    /// The JSON that it reported instead of polling for its first event.
    pub init_error: Option<String>,
}

/// A running function: the process of a `bootstrap` and its Runtime API. Dropping it kills the process.
#[derive(Debug)]
pub struct Lambda {
    api: RuntimeApi,
    started: Instant,
    id: u32,
    log: Arc<Mutex<Vec<u8>>>,
    ended: watch::Receiver<Option<ExitStatus>>,
    _watching: JoinSet<()>,
}

impl Lambda {
    /// Starts `bootstrap` in its folder with what Lambda puts into the environment and `environment`, and nothing else.
    pub async fn start(bootstrap: &Path, environment: &[(&str, &str)]) -> io::Result<Self> {
        let api = RuntimeApi::start().await?;
        let folder = bootstrap.parent().unwrap_or(Path::new("."));
        let mut command = Command::new(bootstrap);
        command
            .env_clear()
            .envs([
                ("AWS_DEFAULT_REGION", "eu-central-1"),
                ("AWS_EXECUTION_ENV", "AWS_Lambda_provided.al2023"),
                ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512"),
                ("AWS_LAMBDA_FUNCTION_NAME", "atelier"),
                ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
                ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
                ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/atelier"),
                ("AWS_LAMBDA_LOG_STREAM_NAME", "2026/03/01/[$LATEST]0"),
                ("AWS_REGION", "eu-central-1"),
                ("LAMBDA_RUNTIME_DIR", "/var/runtime"),
                ("LANG", "en_US.UTF-8"),
                ("PATH", "/usr/local/bin:/usr/bin:/bin"),
                ("TZ", ":UTC"),
                ("_HANDLER", "bootstrap"),
            ])
            .env("AWS_LAMBDA_RUNTIME_API", api.address().to_string())
            .env("LAMBDA_TASK_ROOT", folder)
            .envs(environment.iter().copied())
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let started = Instant::now();
        let child = command.spawn()?;
        let gone = || io::Error::other("the process was gone at once");
        let id = child.id().ok_or_else(gone)?;
        let process = i32::try_from(id).ok().and_then(Pid::from_raw);
        // Set once, here.
        let _ = api.state.process.set(process.ok_or_else(gone)?);
        let log = Arc::default();
        let (ending, ended) = watch::channel(None);
        let mut watching = JoinSet::new();
        watching.spawn(watch(child, Arc::clone(&log), ending));
        Ok(Self {
            api,
            started,
            id,
            log,
            ended,
            _watching: watching,
        })
    }

    /// Delivers `event` to the process, which is resumed if it is stopped, with a deadline `timeout` after the delivery.
    pub async fn invoke(&self, event: impl Into<Bytes>, timeout: Duration) -> Outcome {
        let outcome = tokio::select! {
            outcome = self.api.invoke(event, timeout) => outcome,
            ended = self.ended() => Outcome::Exited(ended),
        };
        if outcome == Outcome::TimedOut {
            self.signal(Signal::KILL);
        }
        outcome
    }

    /// Returns when the process was started.
    pub fn started(&self) -> Instant {
        self.started
    }

    /// Waits for the first poll of the process, and returns its time.
    pub async fn first_poll(&self) -> Result<Instant, Ended> {
        self.idle().await?;
        let first = self.api.state.first_poll.get().copied();
        Ok(first.unwrap_or(self.started))
    }

    /// Waits until the process polls for an event, so that it has no request in flight.
    pub async fn idle(&self) -> Result<(), Ended> {
        tokio::select! {
            () = self.api.polled() => Ok(()),
            ended = self.ended() => Err(ended),
        }
    }

    /// Waits until the process has ended.
    pub async fn ended(&self) -> Ended {
        let mut ended = self.ended.clone();
        let status = match ended.wait_for(Option::is_some).await {
            Ok(status) => *status,
            Err(_) => None,
        };
        Ended {
            status: status.expect("it is watched as long as this value lives"),
            log: self.log(),
            init_error: lock(&self.api.state.init_error).clone(),
        }
    }

    /// Returns the process id.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// Returns its standard output and standard error so far.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&lock(&self.log)).into_owned()
    }

    /// Stops the process, as Lambda does between events. The next event wakes it.
    pub fn freeze(&self) {
        self.signal(Signal::STOP);
    }

    /// Resumes the process.
    pub fn thaw(&self) {
        self.signal(Signal::CONT);
    }

    /// Stops the process from now on whenever it polls without a queued event.
    pub fn freeze_between(&self) {
        self.api.state.stops.store(true, Ordering::Relaxed);
    }

    /// Sends SIGTERM.
    pub fn terminate(&self) {
        self.signal(Signal::TERM);
    }

    fn signal(&self, signal: Signal) {
        // The id of a process that has ended may be reused.
        if self.ended.borrow().is_none() {
            self.api.state.signal(signal);
        }
    }
}

/// Collects the output of the process until it is closed, and its status.
async fn watch(
    mut child: Child,
    log: Arc<Mutex<Vec<u8>>>,
    ending: watch::Sender<Option<ExitStatus>>,
) {
    let (output, errors) = (child.stdout.take(), child.stderr.take());
    let (status, (), ()) = tokio::join!(child.wait(), note(output, &log), note(errors, &log));
    // Without a status nothing is sent, and waiting calls fail.
    if let Ok(status) = status {
        let _ = ending.send(Some(status));
    }
}

async fn note(written: Option<impl AsyncRead + Unpin>, log: &Mutex<Vec<u8>>) {
    let Some(mut written) = written else { return };
    let mut piece = vec![0; 8_192];
    while let Ok(length @ 1..) = written.read(&mut piece).await {
        lock(log).extend_from_slice(&piece[..length]);
    }
}
