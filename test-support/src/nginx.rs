//! A real nginx with the shipped configuration, in front of the servers of a test.

use std::fs;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use tokio::time::timeout;

const SCRIPT: &str = include_str!("nginx.sh");

const MISSING: &str = "`nginx`, `openssl` and `curl` are needed on PATH. Install them: `make setup` does on Debian, or \
    `apt-get install nginx openssl curl`";

/// An nginx that listens on two free ports of 127.0.0.1. Dropping it ends it.
///
/// Its files are those of the directory `nginx/`. Addresses, directories and the user are replaced, see `site`; a text that
/// is to be replaced must exist.
#[derive(Debug)]
pub struct Nginx {
    script: Child,
    folder: Folder,
    /// Address of HTTP.
    pub address: SocketAddr,
    /// Address of HTTPS, with a self-signed certificate.
    pub tls: SocketAddr,
}

/// A configuration in a temporary directory, to which nginx writes as well.
#[derive(Debug)]
pub struct Folder(TempDir);

impl Nginx {
    /// Starts nginx in front of these servers.
    pub async fn before(replicas: &[SocketAddr]) -> Self {
        Self::edited(replicas, &[]).await
    }

    /// Starts nginx with edited files: the second text of each pair replaces the first.
    pub async fn edited(replicas: &[SocketAddr], edits: &[(&str, &str)]) -> Self {
        // Another process can take a free port before nginx does, but hardly ten times in a row.
        for _ in 0..10 {
            let [address, tls] = [free_address(), free_address()];
            let folder = Folder::with(replicas, [address, tls], edits);
            let script = folder.command("sh", &["-c", SCRIPT, "nginx.sh"]).spawn();
            let mut nginx = Self {
                script: script.expect("sh is there"),
                folder,
                address,
                tls,
            };
            let started = timeout(Duration::from_mins(1), nginx.started());
            if started.await.expect("nginx starts or says why not") {
                return nginx;
            }
        }
        panic!("other processes took ten free ports before nginx")
    }

    /// Waits until it listens; returns false when a port is taken.
    async fn started(&mut self) -> bool {
        loop {
            // nginx writes the file when all sockets are open.
            if fs::read(self.folder.path("pid")).is_ok_and(|pid| pid.ends_with(b"\n")) {
                return true;
            }
            if let Some(status) = self.script.try_wait().expect("a child") {
                let words = fs::read_to_string(self.folder.path("words")).unwrap_or_default();
                assert!(
                    words.contains("Address already in use"),
                    "{status}: {words}"
                );
                return false;
            }
            crate::pause().await;
        }
    }

    /// Returns the access log so far. nginx logs a request after its last byte is sent, so the client may be earlier.
    pub fn access_log(&self) -> String {
        fs::read_to_string(self.folder.path("log/access.log")).expect("a log")
    }

    /// Returns the error log.
    pub fn error_log(&self) -> String {
        let logged = fs::read_to_string(self.folder.path("log/error.log")).expect("a log");
        // Some machines limit open files below the configured number.
        let lines: Vec<_> = logged
            .lines()
            .filter(|line| !line.contains("RLIMIT_NOFILE"))
            .collect();
        lines.join(
            "
",
        )
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        drop(self.script.stdin.take());
        // A failure means that it has ended.
        let _ = self.script.wait();
    }
}

impl Folder {
    /// Writes the shipped files for these servers and addresses; the second address is that of TLS.
    pub fn with(replicas: &[SocketAddr], listen: [SocketAddr; 2], edits: &[(&str, &str)]) -> Self {
        let folder = Self(tempfile::tempdir().expect("a folder"));
        for own in ["log", "lib", "tls"] {
            fs::create_dir(folder.path(own)).expect("a folder");
        }
        certificate(&folder.path("tls"));
        let site = site(&folder.0.path().display().to_string(), listen);
        let site = site.iter().map(|(shipped, here)| (*shipped, &**here));
        let mut left: Vec<_> = site
            .chain(edits.iter().copied())
            .map(|edit| (edit, true))
            .collect();
        for (name, shipped) in shipped() {
            let mut text = shipped;
            if name == "atelier/replicas.conf" {
                text = of_replicas(&text, replicas);
            }
            for ((shipped, here), left) in &mut left {
                *left &= !text.contains(*shipped);
                text = text.replace(*shipped, here);
            }
            let path = folder.path(&name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, text).expect("a file");
        }
        for ((shipped, _), left) in left {
            assert!(!left, "no file of nginx/ contains: {shipped}");
        }
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Removes TLS, as an operator without a certificate does.
    pub fn without_tls(&self) {
        fs::remove_file(self.path("atelier/tls.conf")).expect("a file");
        fs::remove_dir_all(self.path("tls")).expect("a folder");
    }

    /// Returns whether `nginx -t` succeeds, and its output.
    pub fn check(&self) -> (bool, String) {
        let status = self.command("nginx", &["-t"]).status().expect(MISSING);
        let words = fs::read_to_string(self.path("words")).expect("its words");
        (status.success(), words)
    }

    fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        let pid = format!("daemon off; pid {};", self.path("pid").display());
        command.args(arguments).args(["-g", &pid, "-c"]);
        command
            .arg(self.path("nginx.conf"))
            .arg("-p")
            .arg(self.0.path());
        // /usr/sbin, where Debian installs it, is not on every PATH.
        let path = std::env::var("PATH").unwrap_or_default();
        command.env("PATH", format!("{path}:/usr/sbin"));
        let words = fs::File::create(self.path("words")).expect("a file");
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(words);
        command.process_group(0);
        command
    }
}

/// Returns the texts of the shipped files that depend on the machine, and their replacements.
fn site(folder: &str, [plain, tls]: [SocketAddr; 2]) -> Vec<(&'static str, String)> {
    // When root starts nginx, its workers run as another user, without access to this directory.
    let root = fs::metadata(folder).is_ok_and(|of| std::os::unix::fs::MetadataExt::uid(&of) == 0);
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|of| format!("{of}_temp_path {folder}/lib/{of};"))
        .concat();
    vec![
        (
            "user www-data;",
            if root { "user root;" } else { "" }.to_owned(),
        ),
        (
            "include atelier.conf;",
            format!("{temporary}include atelier.conf;"),
        ),
        ("listen 80;", format!("listen {plain};")),
        ("listen [::]:80;", String::new()),
        ("listen 443 ", format!("listen {tls} ")),
        ("listen [::]:443 ssl http2;", String::new()),
        ("/etc/nginx/tls/", format!("{folder}/tls/")),
        ("/var/log/nginx/", format!("{folder}/log/")),
        ("/var/lib/nginx/", format!("{folder}/lib/")),
    ]
}

/// Returns names and contents of the files in the directory `nginx/`.
fn shipped() -> Vec<(String, String)> {
    let nginx = Path::new(env!("CARGO_MANIFEST_DIR")).join("../nginx");
    let mut files = vec![];
    for below in ["", "atelier/"] {
        for entry in fs::read_dir(nginx.join(below)).expect("the folder nginx/") {
            let entry = entry.expect("an entry");
            if entry.file_type().expect("a type").is_file() {
                let name = format!("{below}{}", entry.file_name().display());
                files.push((name, fs::read_to_string(entry.path()).expect("a text")));
            }
        }
    }
    files
}

/// Returns the shipped list of servers with other addresses.
fn of_replicas(shipped: &str, replicas: &[SocketAddr]) -> String {
    let line = shipped
        .lines()
        .find_map(|line| line.strip_prefix("server 127.0.0.1:3001"));
    let line = line.expect("the first server");
    let lines = replicas
        .iter()
        .map(|replica| format!("server {replica}{line}\n"));
    lines.collect()
}

fn certificate(folder: &Path) {
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
        ])
        .args(["-days", "2", "-subj", "/CN=shop.example", "-keyout"])
        .arg(folder.join("privkey.pem"))
        .arg("-out")
        .arg(folder.join("fullchain.pem"))
        .output()
        .expect(MISSING);
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
}

/// Returns an address of 127.0.0.1 that was free a moment ago.
fn free_address() -> SocketAddr {
    let free = || -> io::Result<_> { TcpListener::bind(("127.0.0.1", 0))?.local_addr() };
    free().expect("a free port")
}
