//! Starts a throwaway server from the programs of this machine.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

/// Runs a server until its standard input ends. A text in this binary, not a file it reads: the user it runs as may not
/// be allowed into the project's directory.
const SCRIPT: &str = include_str!("server.sh");

pub(super) const MISSING: &str = "PostgreSQL is missing: `initdb`, `pg_ctl` and `postgres` are neither on PATH, nor in \
    /usr/lib/postgresql/*/bin, nor in `pg_config --bindir`. Install it (`make test` and `make setup` do on Debian, or \
    `apt-get install postgresql`), or set TEST_DATABASE_URL to a server whose user may create databases: \
    postgres://user:password@host:port/database";

/// Starts a server on the first port of `next_port` that is free: its URL, and the process that runs it and ends it when
/// its standard input is closed. Else the reason why there is none.
pub(super) fn start(
    mut next_port: impl FnMut() -> io::Result<u16>,
) -> Result<(String, Child), String> {
    let failed = |error: io::Error| format!("PostgreSQL cannot be started: {error}");
    let mut process = script("serve")?.spawn().map_err(failed)?;
    let input = process.stdin.as_mut().expect("a pipe");
    let mut output = BufReader::new(process.stdout.take().expect("a pipe"));
    // Others can take a free port before the server has it, but hardly ten times in a row.
    for _ in 0..10 {
        let port = next_port().map_err(failed)?;
        // Nothing to do about a failure: a script that has ended told why, on its output.
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
                    "PostgreSQL did not start; its last words:\n{answer}"
                ));
            }
        }
    }
    Err("PostgreSQL cannot be started: others took ten free ports before it had them".to_owned())
}

/// A port of 127.0.0.1 that was free a moment ago.
pub(super) fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// The script, in one of its modes.
pub(super) fn script(mode: &str) -> Result<Command, String> {
    let mut command = Command::new("sh");
    command
        .args(["-c", SCRIPT, "server.sh", mode])
        .current_dir("/");
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    // A group of its own: Ctrl-C in a terminal ends the tests, and then the script cleans up.
    command.process_group(0);
    if let Some((uid, gid)) = instead_of_root()? {
        command.uid(uid).gid(gid).env_remove("TMPDIR"); // which may be root's alone
    }
    Ok(command)
}

/// The user and group to run as when this process is root, which the server refuses to be.
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

    use super::super::given;
    use super::*;

    #[tokio::test]
    async fn started_server_does_not_run_as_root_and_is_removed() {
        if given().is_some() {
            return; // nothing is started, and the machine may have nothing to start
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
        if given().is_some() {
            return;
        }
        let reason = start(|| Ok(0)).expect_err("no server has port 0");
        assert!(reason.contains("outside the valid range"), "{reason}");
    }
}
