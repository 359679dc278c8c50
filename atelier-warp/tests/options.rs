//! Effects of options on a running server, and the smaller commands.

use std::net::TcpListener;

use program::{Server, ask, atelier, ended, get, home};

#[allow(dead_code, reason = "other tests need more of it")]
mod program;

/// An address that was free a moment ago.
fn free() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").to_string()
}

#[test]
fn admin_address_has_the_probes_and_the_api_has_none() {
    let home = home();
    let admin = free();
    let mut command = atelier(&home);
    command.args(["--listen", "127.0.0.1:0", "--demo", "1", "--admin-addr"]);
    let server = Server::start(command.arg(&admin));
    for (probe, said) in [
        ("/live", "live"),
        ("/ready", "ready"),
        ("/health", "healthy"),
    ] {
        let answer = get(&admin, probe);
        assert!(
            answer.starts_with("HTTP/1.1 200") && answer.ends_with(said),
            "{answer}"
        );
        let answer = server.get(probe);
        assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
    }
    assert!(get(&admin, "/products").starts_with("HTTP/1.1 404"));
    let health = |arguments: &[&str]| ended(atelier(&home).arg("health").args(arguments));
    let yes = format!("The server at {admin} is ready.\n");
    assert_eq!(health(&["--admin-addr", &admin]), (0, yes, String::new()));
    let no = format!(
        "The server at {} has no /ready: pass the --admin-addr that it was started with.\n",
        server.address
    );
    assert_eq!(
        health(&["--listen", &server.address]),
        (1, no, String::new())
    );
    server.stop("INT");
    let (code, said, _) = health(&["--admin-addr", &admin]);
    assert_eq!(code, 1);
    assert!(
        said.starts_with(&format!("No server answers at {admin}: ")),
        "{said}"
    );
}

/// Two ports that were free a moment ago, as the ports 1,000 above were; below the range of ephemeral ports.
fn free_pairs() -> [u16; 2] {
    let start = 20_000 + u16::try_from(std::process::id() % 5_000).expect("small");
    let free = |port: u16| TcpListener::bind(("127.0.0.1", port)).is_ok();
    let mut ports = (start..30_000).filter(|port| free(*port) && free(port + 1_000));
    [(); 2].map(|()| ports.next().expect("a port"))
}

#[test]
fn port_offset_gives_each_server_its_own_admin_port() {
    let home = home();
    let shared = [("ATELIER_ADMIN_ADDR", "+1000"), ("ATELIER_DEMO", "1")];
    let ports = free_pairs();
    let servers = ports.map(|port| {
        let url = format!("sqlite:{port}.db");
        let listen = format!("127.0.0.1:{port}");
        let mut command = atelier(&home);
        command
            .args(["--database-url", &url, "--listen", &listen])
            .envs(shared);
        Server::start(&mut command)
    });
    for port in ports {
        let admin = format!("127.0.0.1:{}", port + 1_000);
        assert!(get(&admin, "/ready").starts_with("HTTP/1.1 200"), "{admin}");
        let mut health = atelier(&home);
        health
            .args(["health", "-p", &port.to_string()])
            .envs(shared);
        let yes = format!("The server at {admin} is ready.\n");
        assert_eq!(ended(&mut health), (0, yes, String::new()));
    }
    for server in servers {
        server.stop("INT");
    }
    let mut beyond = atelier(&home);
    beyond.args(["--listen", "127.0.0.1:0", "--admin-addr", "+65535"]);
    let (code, _, words) = ended(&mut beyond);
    assert_eq!(code, 2);
    assert!(
        words.starts_with("The port of --admin-addr exceeds 65535.\n"),
        "{words}"
    );
}

#[test]
fn read_only_server_refuses_every_change() {
    let home = home();
    let mut command = atelier(&home);
    let server =
        Server::start(command.args(["--listen", "127.0.0.1:0", "--demo", "1", "--read-only"]));
    let before = server.get("/reviews/meta?product_id=1");
    let visit = r#"{"element":"a","widget":"b","time":"c"}"#;
    for (request, body) in [
        ("POST /interactions", visit),
        ("PUT /reviews/1/helpful", ""),
        ("PUT /reviews/1/report", ""),
    ] {
        let length = body.len();
        let answer = ask(
            &server.address,
            &format!(
                "{request} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
            ),
        );
        assert!(answer.starts_with("HTTP/1.1 403"), "{request}: {answer}");
        assert!(
            answer.ends_with("Error: this service is read-only"),
            "{request}: {answer}"
        );
    }
    let body = |answer: &str| answer.rsplit("\r\n").next().map(str::to_owned);
    assert_eq!(
        body(&server.get("/reviews/meta?product_id=1")),
        body(&before)
    );
    server.stop("INT");
}

#[test]
fn reset_restores_the_demo() {
    let home = home();
    let start = || Server::start(atelier(&home).args(["--listen", "127.0.0.1:0", "--demo", "2"]));
    let server = start();
    let reviews = |server: &Server| {
        let answer = server.get("/reviews?product_id=1&count=100");
        answer.rsplit("\r\n").next().map(str::to_owned)
    };
    let before = reviews(&server);
    let vote = "PUT /reviews/1/helpful HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    assert!(ask(&server.address, vote).starts_with("HTTP/1.1 204"));
    assert_ne!(reviews(&server), before);
    server.stop("INT");
    let (code, said, words) = ended(atelier(&home).args(["demo", "reset", "--demo", "2"]));
    assert_eq!((code, &*words), (0, ""));
    assert!(said.contains("demo.db: demo data  2 products · "), "{said}");
    let server = start();
    assert_eq!(reviews(&server), before);
    server.stop("INT");
}

#[test]
fn load_test_token_is_served() {
    let home = home();
    let mut command = atelier(&home);
    command.args([
        "--listen",
        "127.0.0.1:0",
        "--demo",
        "1",
        "--load-test-token",
    ]);
    let server = Server::start(command.arg("loaderio-abc123"));
    for end in ["/", ".txt", ".html"] {
        let answer = server.get(&format!("/loaderio-abc123{end}"));
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(answer.ends_with("\r\n\r\nloaderio-abc123"), "{answer}");
    }
    for other in ["/loaderio-abc12/", "/loaderio-abc123.json", "/.txt", "//"] {
        let answer = server.get(other);
        assert!(answer.starts_with("HTTP/1.1 404"), "{other}: {answer}");
    }
    server.stop("INT");
}

#[test]
fn only_tokens_of_file_and_flag_are_accepted() {
    let home = home();
    std::fs::write(home.path().join("tokens"), "one\n\n  two  \n").expect("a file");
    let mut command = atelier(&home);
    command.args([
        "--listen",
        "127.0.0.1:0",
        "--demo",
        "1",
        "--token-file",
        "tokens",
    ]);
    let server = Server::start(command.args(["--token", "three"]));
    for (token, status) in [
        ("one", 200),
        ("two", 200),
        ("three", 200),
        ("four", 401),
        ("", 401),
    ] {
        let request = format!(
            "GET /products HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: {token}\r\n\r\n"
        );
        let answer = ask(&server.address, &request);
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{token}: {answer}"
        );
    }
    server.stop("INT");
}

#[test]
fn completion_scripts_have_commands_and_options() {
    for (shell, begins) in [
        ("bash", "_atelier()"),
        ("zsh", "#compdef atelier"),
        ("fish", "#"),
    ] {
        let (code, script, words) = ended(atelier(&home()).args(["completions", shell]));
        assert_eq!((code, &*words), (0, ""));
        assert!(script.starts_with(begins), "{shell}: {script}");
        for known in ["max-rows", "migrate", "reset"] {
            assert!(script.contains(known), "{shell}: {known}");
        }
    }
}
