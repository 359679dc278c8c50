//! The shipped configuration files, and TLS.

use std::net::SocketAddr;
use std::process::Command;

use atelier_conformance::matrix::RUNTIME;
use atelier_test_support::nginx::{Folder, Nginx};

use super::upstream::{Upstream, response};

#[test]
fn shipped_configuration_loads_without_warnings() {
    let servers: Vec<SocketAddr> = [3001, 3002, 3003]
        .map(|port| ([127, 0, 0, 1], port).into())
        .to_vec();
    let listen = [18_080, 18_443].map(|port| ([127, 0, 0, 1], port).into());
    let folder = Folder::with(&servers, listen, &[]);
    let (success, said) = folder.check();
    assert!(success, "{said}");
    assert_eq!(said.lines().count(), 2, "{said}");
}

/// Returns the output of curl for the HTTPS address, and whether it succeeded.
fn curl(nginx: &Nginx, arguments: &[&str]) -> (bool, String) {
    let output = Command::new("curl")
        .args([
            "--silent",
            "--show-error",
            "--insecure",
            "--noproxy",
            "*",
            "--write-out",
            " %{http_version} %{http_code}",
        ])
        .args(arguments)
        .arg(format!("https://{}/products", nginx.tls))
        .output()
        .expect("curl is there");
    let said = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&said).into_owned(),
    )
}

#[test]
fn tls_1_2_or_newer_and_http_2_are_enabled() {
    RUNTIME.block_on(async {
        let upstream = Upstream::doing(|_, _| response("200 OK", "", "x")).await;
        let nginx = Nginx::before(&[upstream.address]).await;
        for (arguments, said) in [
            (&["--http2"][..], "x 2 200"),
            (&["--http1.1"], "x 1.1 200"),
            (&["--tls-max", "1.2", "--http2"], "x 2 200"),
            (&["--tlsv1.3"], "x 2 200"),
        ] {
            assert_eq!(
                curl(&nginx, arguments),
                (true, said.to_owned()),
                "{arguments:?}"
            );
        }
        let old = ["--tls-max", "1.1", "--ciphers", "DEFAULT@SECLEVEL=0"];
        let (answered, said) = curl(&nginx, &old);
        assert!(
            !answered && said.contains("alert protocol version"),
            "{said}"
        );
    });
}

#[test]
fn configuration_loads_without_tls() {
    let address = SocketAddr::from(([127, 0, 0, 1], 18_080));
    let folder = Folder::with(&[address], [address; 2], &[]);
    folder.without_tls();
    let (success, said) = folder.check();
    assert!(success, "{said}");
}
