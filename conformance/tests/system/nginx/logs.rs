//! The access log and the error log of nginx.

use atelier_conformance::matrix::RUNTIME;
use atelier_test_support::nginx::Nginx;
use atelier_test_support::until;
use http::Method;
use serde_json::Value;

use super::upstream::{Does, Upstream, response};
use super::{ask, get};

/// One worker logs in the order of the requests.
const ONE: (&str, &str) = ("worker_processes auto;", "worker_processes 1;");

/// Waits for `count` lines of the access log, and returns them.
async fn lines(nginx: &Nginx, count: usize) -> Vec<Value> {
    until("nginx has written its lines", async || {
        nginx.access_log().lines().count() >= count
    })
    .await;
    let log = nginx.access_log();
    let lines: Vec<_> = log
        .lines()
        .map(|line| serde_json::from_str(line).expect(line))
        .collect();
    assert_eq!(lines.len(), count, "{log}");
    lines
}

#[test]
fn logs_contain_no_personal_data() {
    const CANARY: &str = "canary@example.org";
    RUNTIME.block_on(async {
        // Every second attempt fails, so that errors are logged.
        let upstream = Upstream::doing(|place, _| match place % 2 {
            0 => Does::Closes,
            _ => response("200 OK", "", "x"),
        })
        .await;
        let nginx = Nginx::edited(&[upstream.address; 3], &[ONE]).await;
        let headers = [
            ("authorization", CANARY),
            ("cookie", CANARY),
            ("user-agent", CANARY),
            ("referer", CANARY),
            ("x-request-id", CANARY),
        ];
        let targets = [
            "/cart",
            "/reviews?email=canary@example.org",
            "/products/canary@example.org",
            "/products/canary%40example.org?a",
        ];
        for target in targets {
            ask(
                nginx.address,
                &Method::POST,
                target,
                &headers,
                CANARY.as_bytes(),
            )
            .await;
        }
        let lines = lines(&nginx, targets.len()).await;
        let logged = nginx.access_log() + &nginx.error_log();
        for told in ["canary", "127.0.0.1\",\"method"] {
            assert!(!logged.contains(told), "{logged}");
        }
        assert_eq!(lines[0]["path"], "/cart");
        assert_eq!(lines[0]["replica_status"], "502, 200");
        assert_eq!(lines[1]["path"], "/reviews");
        for line in &lines[2..] {
            assert_eq!(line["path"], "", "anybody may put anything there");
        }
    });
}

#[test]
fn client_address_is_logged_as_network() {
    RUNTIME.block_on(async {
        let upstream = Upstream::doing(|_, _| response("200 OK", "", "x")).await;
        let real = (
            "server_name _; # yours",
            "server_name _; set_real_ip_from 127.0.0.1; real_ip_header x-test-address;",
        );
        let nginx = Nginx::edited(&[upstream.address], &[real, ONE]).await;
        let addresses = [
            ("192.0.2.77", "192.0.2.0"),
            ("2001:db8:85a3:8d3:1319:8a2e:370:7348", "2001:db8:85a3::"),
            ("2001:db8:85a3::7348", "2001:db8:85a3::"),
            ("2001:db8::7348", "2001:db8::"),
            ("2001::7348", "2001::"),
            ("::1", "::"),
            ("fe80::1:2:3:4", "fe80::"),
            ("::ffff:192.0.2.77", "192.0.2.0"),
        ];
        for (address, _) in addresses {
            get(nginx.address, "/cart", &[("x-test-address", address)]).await;
        }
        let lines = lines(&nginx, addresses.len()).await;
        for (line, (address, network)) in lines.iter().zip(addresses) {
            assert_eq!(line["network"], network, "{address}");
        }
    });
}

#[test]
fn access_log_line_describes_the_request() {
    RUNTIME.block_on(async {
        let kept = "x-accel-expires: 60\r\n";
        let upstream = Upstream::doing(move |_, _| response("200 OK", kept, "four")).await;
        let nginx = Nginx::edited(&[upstream.address], &[ONE]).await;
        for _ in 0..2 {
            get(
                nginx.address,
                "/products/7?count=2",
                &[("x-request-id", "mine")],
            )
            .await;
        }
        for (line, cache) in lines(&nginx, 2).await.iter().zip(["MISS", "HIT"]) {
            for (key, value) in [
                ("id", "mine"),
                ("network", "127.0.0.0"),
                ("method", "GET"),
                ("path", "/products/7"),
                ("cache", cache),
            ] {
                assert_eq!(line[key], value, "{line}");
            }
            assert_eq!(
                (&line["status"], &line["bytes"]),
                (&200.into(), &4.into()),
                "{line}"
            );
            assert!(
                line["seconds"].is_f64() && line["time"].is_string(),
                "{line}"
            );
            let replica = if cache == "HIT" {
                String::new()
            } else {
                upstream.address.to_string()
            };
            assert_eq!(line["replica"], replica, "{line}");
        }
    });
}
