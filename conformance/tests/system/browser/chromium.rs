//! Runs a Chromium without a window.

use std::io::Read;
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStderr, Command, Stdio};

use tempfile::TempDir;
use tokio::task::JoinHandle;

const SCRIPT: &str = include_str!("chromium.sh");

/// Starts Chromium in a process group of its own, with its files in `profile`.
pub(crate) fn command(how: &str, profile: &TempDir) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", SCRIPT, "chromium.sh", how]);
    command.args([
        "--headless",
        "--no-sandbox", // root cannot have one, nor can most containers; the page is ours
        "--disable-gpu",
        "--disable-dev-shm-usage", // which is too small in a container
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
    ]);
    command.arg(format!("--user-data-dir={}", profile.path().display()));
    command.env("XDG_CONFIG_HOME", profile.path()); // where reports of crashes go
    command.env("TMPDIR", profile.path()); // where the folder of its socket stays when it is killed
    command.process_group(0);
    command
}

/// A Chromium with a page. Dropping it ends all of its processes.
pub(crate) struct Chromium {
    script: Child,
    log: JoinHandle<String>,
    _profile: TempDir,
}

impl Chromium {
    /// Opens `url`, with a new profile.
    pub(crate) fn open(url: &str) -> Self {
        let profile = tempfile::tempdir().expect("a folder");
        let mut command = command("open", &profile);
        command.arg("--enable-logging=stderr"); // with what scripts would see in their console
        command.arg(url);
        command.stdin(Stdio::piped()).stdout(Stdio::null());
        command.stderr(Stdio::piped());
        let mut script = command.spawn().expect("sh is there");
        let log = script.stderr.take().expect("a pipe");
        Self {
            script,
            log: tokio::task::spawn_blocking(|| read(log)),
            _profile: profile,
        }
    }

    /// Reads its log after its last process has ended.
    pub(crate) async fn ended(&mut self) -> String {
        (&mut self.log).await.expect("the log is read")
    }

    /// Ends it, and returns its log.
    pub(crate) async fn close(mut self) -> String {
        self.end();
        self.ended().await
    }

    fn end(&mut self) {
        drop(self.script.stdin.take());
        // A failure means that it was never started, or has ended.
        let _ = self.script.wait();
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        self.end();
    }
}

fn read(mut log: ChildStderr) -> String {
    let mut bytes = Vec::new();
    log.read_to_end(&mut bytes).expect("the log can be read");
    String::from_utf8_lossy(&bytes).into_owned()
}
