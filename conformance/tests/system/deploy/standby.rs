//! The standby of `compose.yaml`: its scripts, on the PostgreSQL of this machine.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::process::Command;

use super::shipped;

const SCRIPT: &str = include_str!("standby.sh");

fn id(arguments: &[&str]) -> Option<u32> {
    let output = Command::new("id")
        .args(arguments)
        .output()
        .expect("id is there");
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

#[test]
fn standby_script_creates_and_resumes_a_standby() {
    let programs = Command::new("sh")
        .arg(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../test-support/src/postgres/server.sh"
        ))
        .arg("find")
        .output()
        .expect("sh is there");
    let programs = String::from_utf8(programs.stdout).expect("a path");
    assert!(!programs.is_empty(), "PostgreSQL is missing: make setup");
    // Readable for the user of PostgreSQL, which is not root.
    let folder = tempfile::tempdir_in("/tmp").expect("a folder");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).expect("open to all");
    for name in ["primary.sh", "standby.sh"] {
        fs::copy(shipped("compose").join(name), folder.path().join(name)).expect("a file");
    }
    let free = [0, 0].map(|port| TcpListener::bind(("127.0.0.1", port)).expect("a free port"));
    let ports = free.map(|free| free.local_addr().expect("an address").port().to_string());
    let path = format!(
        "{}:{}",
        programs.trim(),
        std::env::var("PATH").unwrap_or_default()
    );
    let mut command = Command::new("sh");
    command
        .args(["-c", SCRIPT, "standby.sh"])
        .args(ports)
        .current_dir(folder.path())
        .env("PATH", path);
    if id(&["-u"]) == Some(0) {
        let user = ["postgres", "nobody"]
            .into_iter()
            .find(|user| id(&["-u", user]).is_some());
        let user = user.expect("a user who is not root");
        command
            .uid(id(&["-u", user]).expect("a user"))
            .gid(id(&["-g", user]).expect("a group"));
    }
    let output = command.output().expect("sh is there");
    let said = [output.stdout, output.stderr].concat();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&said)
    );
}
