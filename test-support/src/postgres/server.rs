//! Starts a throwaway server from the PostgreSQL programs of this machine.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

/// Runs a server until its standard input is closed. Part of this executable, because its user may have no access to
/// the directory of the project.
const SCRIPT: &str = include_str!("server.sh");

pub(super) const MISSING: &str = "PostgreSQL is missing: `initdb`, `pg_ctl` and `postgres` are neither on PATH, nor in \
    /usr/lib/postgresql/*/bin, nor in `pg_config --bindir`. Run `make setup` \
    (Debian) or install PostgreSQL 13 or newer, or set TEST_DATABASE_URL to a server whose user may create databases: \
    postgres://user:password@host:port/database";

/// Starts a server on the first port of `next_port` that is free. Returns its URL, and the process that runs it and stops it
/// when its standard input is closed. The error is the reason.
pub(super) fn start(
    mut next_port: impl FnMut() -> io::Result<u16>,
) -> Result<(String, Child), String> {
    let failed = |error: io::Error| format!("PostgreSQL cannot be started: {error}");
    let mut process = script("serve")?.spawn().map_err(failed)?;
    let input = process.stdin.as_mut().expect("a pipe");
    let mut output = BufReader::new(process.stdout.take().expect("a pipe"));
    // Another process can take a free port before the server does, but hardly ten times in a row.
    for _ in 0..10 {
        let port = next_port().map_err(failed)?;
        // A failure means that the script has ended; its output says why.
        let _ = writeln!(input, "{port}");
        let mut answer = String::new();
        output.read_line(&mut answer).map_err(failed)?;
        match answer.trim_end() {
            "ready" => {
                let url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
                return Ok((url, process));
            }
            "taken" => {}
            "missing" => return Err(MISSING.to_owned()),
            _ => {
                output.read_to_string(&mut answer).map_err(failed)?;
                return Err(format!(
                    "PostgreSQL did not start; its last output:\n{answer}"
                ));
            }
        }
    }
    Err("PostgreSQL cannot be started: other processes took ten free ports first".to_owned())
}

/// Returns a port of 127.0.0.1 that was free a moment ago.
pub(super) fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// Returns the command that runs the script in one of its modes.
pub(super) fn script(mode: &str) -> Result<Command, String> {
    let mut command = Command::new("sh");
    command
        .args(["-c", SCRIPT, "server.sh", mode])
        .current_dir("/");
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    // A process group of its own: Ctrl-C in a terminal ends the tests only, and then the script cleans up.
    command.process_group(0);
    if let Some((uid, gid)) = instead_of_root()? {
        command.uid(uid).gid(gid).env_remove("TMPDIR"); // which may be root's alone
    }
    Ok(command)
}

/// Returns another user and group when this process is root, because PostgreSQL refuses to run as root.
fn instead_of_root() -> Result<Option<(u32, u32)>, String> {
    let id = |arguments: &[&str]| -> Option<u32> {
        let output = Command::new("id").args(arguments).output().ok()?;
        String::from_utf8(output.stdout).ok()?.trim().parse().ok()
    };
    if id(&["-u"]) != Some(0) {
        return Ok(None);
    }
    let of_user = |user| Some((id(&["-u", user])?, id(&["-g", user])?));
    match of_user("postgres").or_else(|| of_user("nobody")) {
        Some(ids) => Ok(Some(ids)),
        None => Err("PostgreSQL refuses to run as root, and this machine has neither a user `postgres` nor `nobody` \
                     to run it as: create one, or run the tests as another user"
            .to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpStream;
    use std::os::unix::fs::MetadataExt;
    use std::path::Path;

    use sqlx::{Connection, PgConnection};

    use super::*;

    fn has_programs() -> bool {
        let found = script("find").expect("a user to run as").status();
        let found = found.expect("sh runs").success();
        assert!(found || super::super::given().is_some(), "{MISSING}");
        found
    }

    #[tokio::test]
    async fn started_server_does_not_run_as_root_and_is_removed() {
        if !has_programs() {
            return; // TEST_DATABASE_URL makes the programs optional
        }
        let taken = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let free = free_port().expect("a port");
        let mut ports = [taken.local_addr().expect("its port").port(), free].into_iter();
        let (url, mut process) =
            start(|| Ok(ports.next().expect("two are enough"))).expect("a server");
        assert!(url.contains(&format!(":{free}/")), "{url}");

        let mut connection = PgConnection::connect(&url).await.expect("a connection");
        let data: String = sqlx::query_scalar("select current_setting('data_directory')")
            .fetch_one(&mut connection)
            .await
            .expect("its directory");
        let directory = Path::new(&data)
            .parent()
            .expect("the directory made for it");
        assert_ne!(directory.metadata().expect("a directory").uid(), 0);

        drop(process.stdin.take()); // as the kernel does when this process ends
        process.wait().expect("the script's end");
        assert!(!directory.exists(), "{} is left", directory.display());
        TcpStream::connect(("127.0.0.1", free)).expect_err("the server is gone");
    }

    #[test]
    fn failed_start_reports_the_reason() {
        if !has_programs() {
            return;
        }
        let reason = start(|| Ok(0)).expect_err("no server has port 0");
        assert!(reason.contains("outside the valid range"), "{reason}");
    }
}
