//! `rolling-restart` restarts servers one by one, and none while another is down.

use std::fs;
use std::path::Path;

use atelier_conformance::matrix::RUNTIME;
use std::process::Command;
use tempfile::TempDir;

use super::shipped;
use crate::nginx::upstream::{Does, Upstream, response};

/// Starts servers whose `/ready` depends on files in `folder`. A server is down while a file `PORT` exists: each request
/// removes a letter from it, and the last one the file.
async fn servers(folder: &Path, count: usize) -> Vec<Upstream> {
    let mut servers = vec![];
    for _ in 0..count {
        let folder = folder.to_owned();
        servers.push(
            Upstream::doing(move |_, request| {
                assert!(request.starts_with("GET /ready HTTP/1.1\r\n"), "{request}");
                let port = request
                    .lines()
                    .find_map(|line| line.strip_prefix("Host: 127.0.0.1:"));
                let away = folder.join(port.expect("a port"));
                match fs::read_to_string(&away).as_deref() {
                    Err(_) => response("200 OK", "", "ready"),
                    Ok("closed") => Does::Closes,
                    Ok("") => {
                        fs::remove_file(&away).expect("a file");
                        response("503 x", "", "not ready")
                    }
                    Ok(letters) => {
                        fs::write(&away, &letters[1..]).expect("a file");
                        response("503 x", "", "not ready")
                    }
                }
            })
            .await,
        );
    }
    servers
}

/// Runs the script, and returns its exit code and output.
fn restart(arguments: &[&str]) -> (i32, String) {
    let mut script = Command::new("sh");
    script.arg(shipped("rolling-restart")).args(arguments);
    // The servers run in this process.
    let output = tokio::task::block_in_place(|| script.output()).expect("sh is there");
    let said = [output.stdout, output.stderr].concat();
    (
        output.status.code().expect("a code"),
        String::from_utf8_lossy(&said).into_owned(),
    )
}

/// Returns a restart command that logs its port and the servers that are down, and keeps its server down for some requests.
fn command(folder: &Path) -> String {
    let folder = folder.display();
    format!(
        "cd {folder} && echo \"$PORT away: $(ls | grep -v -e order -e \"$PORT\" | tr '\\n' ' ')\" >>order && printf aa >$PORT"
    )
}

fn ports(servers: &[Upstream]) -> Vec<String> {
    servers
        .iter()
        .map(|server| server.address.port().to_string())
        .collect()
}

#[test]
fn rolling_restart_waits_for_readiness_before_the_next() {
    RUNTIME.block_on(async {
        let folder = TempDir::new().expect("a folder");
        let servers = servers(folder.path(), 3).await;
        let ports = ports(&servers);
        // One is not ready at first: it is restarted first.
        fs::write(folder.path().join(&ports[1]), "aaaa").expect("a file");
        let command = command(folder.path());
        let (code, said) = restart(&["-c", &command, &ports[0], &ports[1], &ports[2]]);
        assert_eq!(code, 0, "{said}");
        assert!(
            said.ends_with("rolling-restart: 3 restarted, all ready\n"),
            "{said}"
        );
        let order = fs::read_to_string(folder.path().join("order")).expect("a file");
        let expected = [&ports[1], &ports[0], &ports[2]].map(|port| format!("{port} away: \n"));
        assert_eq!(order, expected.concat());
        for server in &servers {
            assert!(server.asked().len() >= 4, "asked until it was ready");
        }
    });
}

#[test]
fn readiness_is_checked_at_the_admin_port() {
    RUNTIME.block_on(async {
        let folder = TempDir::new().expect("a folder");
        let servers = servers(folder.path(), 2).await;
        let ports = ports(&servers);
        let below = |port: &String| (port.parse::<u16>().expect("a port") - 1_000).to_string();
        let [first, second] = [below(&ports[0]), below(&ports[1])];
        for offset in ["1000", "+1000"] {
            let (code, said) = restart(&["-a", offset, "-c", "true", &first, &second]);
            assert_eq!(code, 0, "{said}");
        }
        // The port of the API has no `/ready`.
        let api = Upstream::doing(|_, _| response("404 x", "", "Error: unknown route")).await;
        let port = api.address.port().to_string();
        let (code, said) = restart(&["-c", "true", &port]);
        assert_eq!(code, 1, "{said}");
        assert!(said.contains("rolling-restart -a 10000"), "{said}");
    });
}

#[test]
fn rolling_restart_stops_at_a_server_that_stays_down() {
    RUNTIME.block_on(async {
        let folder = TempDir::new().expect("a folder");
        let servers = servers(folder.path(), 3).await;
        let ports = ports(&servers);
        let stays = format!(
            "echo $PORT >>{0}/order; [ $PORT != {1} ] || printf closed >{0}/$PORT",
            folder.path().display(),
            ports[1]
        );
        let (code, said) = restart(&["-t", "1", "-c", &stays, &ports[0], &ports[1], &ports[2]]);
        assert_eq!(code, 1, "{said}");
        assert!(
            said.contains(&format!(
                "rolling-restart: {}: not ready after 1 s (/ready: 000)",
                ports[1]
            )),
            "{said}"
        );
        let order = fs::read_to_string(folder.path().join("order")).expect("a file");
        assert_eq!(order.lines().collect::<Vec<_>>(), ports[..2]);

        let (code, said) = restart(&["-c", "exit 7", &ports[0], &ports[2]]);
        assert_eq!(code, 1);
        assert!(
            said.ends_with(&format!(
                "rolling-restart: {}: the command failed: exit 7\n",
                ports[0]
            )),
            "{said}"
        );
    });
}

#[test]
fn wrong_arguments_print_usage() {
    RUNTIME.block_on(async {
        for arguments in [
            &[][..],
            &["-x", "3001"],
            &["3001", "server"],
            &["-t", "soon", "3001"],
            &["-a", "many", "3001"],
            &["-c", "true"],
        ] {
            let (code, said) = restart(arguments);
            assert_eq!(code, 2, "{arguments:?}");
            assert!(
                said.ends_with(
                    "usage: rolling-restart [-a OFFSET] [-c COMMAND] [-h HOST] [-t SECONDS] PORT..\n"
                ),
                "{said}"
            );
        }
    });
}
