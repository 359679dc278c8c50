//! What `--production` refuses.

use std::net::IpAddr;

use atelier_core::{DatabaseUrl, PostgresUrl};
use tokio::net::TcpListener;

use crate::cli::{Failure, Options, exit};

/// That nothing unsafe is set. Otherwise all of it, each with the flag that cures it.
pub(super) fn check(options: &Options) -> Result<(), Failure> {
    if !options.production {
        return Ok(());
    }
    let mut unsafe_settings = Vec::new();
    if options.database.is_none() {
        unsafe_settings.push((
            "No database is named, so a demo would be served.".to_owned(),
            "--database-url 'postgres://USER:PASSWORD@HOST/DATABASE?sslmode=verify-full'",
        ));
    }
    if options.demo.is_some_and(|products| products > 0) {
        let what = "An empty database would be filled with a demo.".to_owned();
        unsafe_settings.push((what, "--demo 0"));
    }
    let named = options
        .database
        .iter()
        .map(|url| (url, "--database-url '..?sslmode=verify-full'"));
    let readers = options.store.readers.iter();
    let readers = readers.map(|url| (url, "--database-read-url '..?sslmode=verify-full'"));
    for (url, cure) in named.chain(readers) {
        if let DatabaseUrl::Postgres(postgres) = url
            && open_to_the_network(postgres, |name| std::env::var(name).ok())
        {
            let what = format!("The way to {url} is not encrypted for certain, or to whom is not.");
            unsafe_settings.push((what, cure));
        }
    }
    let everybody = |network: &&ipnet::IpNet| network.prefix_len() == 0;
    if let Some(network) = options.serving.trusted_proxies.iter().find(everybody) {
        let what = format!("Everybody is a trusted proxy: {network}.");
        unsafe_settings.push((what, "--trusted-proxies 10.0.0.7"));
    }
    if unsafe_settings.is_empty() {
        return Ok(());
    }
    let list = unsafe_settings
        .iter()
        .map(|(what, cure)| format!("  {what}\n    Cure: {cure}"));
    Err(refusal(&list.collect::<Vec<_>>().join("\n")))
}

/// That probes are not answered on a public port which a supervisor has handed over; where `--listen` names one they never are.
pub(super) fn check_socket(options: &Options, listener: &TcpListener) -> Result<(), Failure> {
    let address = listener.local_addr().ok();
    let public = address.filter(|address| !address.ip().to_canonical().is_loopback());
    match public {
        Some(address) if options.production && options.serving.probes => Err(refusal(&format!(
            "  Probes and numbers would be answered on {address}, which the supervisor has opened to others.\n    Cure: --admin-addr 127.0.0.1:3001, or a socket on 127.0.0.1"
        ))),
        _ => Ok(()),
    }
}

/// That the products are no demo.
pub(super) fn check_content(
    options: &Options,
    url: &DatabaseUrl,
    demo: bool,
) -> Result<(), Failure> {
    if options.production && demo {
        return Err(refusal(&format!(
            "  {url} holds the demo.\n    Cure: --database-url of another, or your own data in its place: atelier-etl load DIR"
        )));
    }
    Ok(())
}

fn refusal(list: &str) -> Failure {
    Failure::new(
        "--production refuses what is unsafe:",
        list,
        "To serve it nevertheless, leave --production out.",
    )
    .code(exit::SETTING)
}

/// Whether the way to a PostgreSQL server crosses a network, and it is not certain to be encrypted and to lead to that
/// server. What the URL leaves open is in the environment, as for every program that knows PostgreSQL.
fn open_to_the_network(url: &PostgresUrl, environment: impl Fn(&str) -> Option<String>) -> bool {
    let given = |value: Option<&str>| value.map(str::to_owned);
    let mode = given(url.parameter("sslmode")).or_else(|| environment("PGSSLMODE"));
    if mode.is_some_and(|mode| mode.eq_ignore_ascii_case("verify-full")) {
        return false;
    }
    let host = given(url.host())
        .or_else(|| environment("PGHOSTADDR"))
        .or_else(|| environment("PGHOST"))
        .unwrap_or_else(|| "localhost".to_owned());
    let loopback = |ip: IpAddr| ip.to_canonical().is_loopback();
    !(host.starts_with('/') || host == "localhost" || host.parse().is_ok_and(loopback))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_that_others_reach_answers_no_probes() {
        let runtime = tokio::runtime::Runtime::new().expect("threads");
        let _in = runtime.enter();
        let on = |address: &str| {
            let listener = std::net::TcpListener::bind(address).expect("a port");
            listener.set_nonblocking(true).expect("a socket");
            TcpListener::from_std(listener).expect("a listener")
        };
        let mut options = Options {
            production: true,
            ..Options::default()
        };
        assert!(check_socket(&options, &on("127.0.0.1:0")).is_ok());
        let refused = check_socket(&options, &on("0.0.0.0:0")).expect_err("public");
        assert_eq!(refused.code, exit::SETTING);
        options.serving.probes = false;
        assert!(check_socket(&options, &on("0.0.0.0:0")).is_ok());
    }

    fn parsed(url: &str) -> PostgresUrl {
        match DatabaseUrl::parse(url).expect(url) {
            DatabaseUrl::Postgres(url) => *url,
            other => panic!("{other}"),
        }
    }

    #[test]
    fn only_this_machine_and_verified_tls_are_safe() {
        for (url, safe) in [
            ("postgres://a@localhost/d", true),
            ("postgres://a:b@127.0.0.1:5432/d", true),
            ("postgres://a@127.8.9.1/d", true),
            ("postgres://a@[::1]:5432/d", true),
            ("postgresql:///d", true),
            ("postgres://a@%2Frun%2Fpostgresql/d", true),
            ("postgres://db/d?host=/run/postgresql", true),
            ("postgres://a@db/d", false),
            ("postgres://a:p@ss@db:5432/d", false),
            ("postgres://localhost:x@db/d", false),
            ("postgres://a@db:1/d?sslmode=VERIFY-FULL", true),
            ("postgres://localhost/d?host=db", false),
            ("postgres://a@10.0.0.1/d?sslmode=require", false),
            ("postgres://a@db/d?sslmode=verify-ca", false),
            ("postgres://a@db/d?sslmode=verify-full", true),
            ("postgres://a@db/d?x=y&ssl-mode=verify-full&z=", true),
            (
                "postgres://a@db/d?sslmode=verify-full&sslmode=disable",
                false,
            ),
            ("postgres://a@localhost.example/d", false),
        ] {
            assert_eq!(!open_to_the_network(&parsed(url), |_| None), safe, "{url}");
        }
    }

    #[test]
    fn what_the_address_leaves_open_is_in_the_environment() {
        let with = |url: &str, name: &str, value: &str| {
            open_to_the_network(&parsed(url), |asked| {
                (asked == name).then(|| value.to_owned())
            })
        };
        assert!(!with("postgres://db/d", "PGSSLMODE", "verify-full"));
        assert!(with(
            "postgres://db/d?sslmode=prefer",
            "PGSSLMODE",
            "verify-full"
        ));
        assert!(with("postgres:///d", "PGHOST", "db"));
        assert!(!with("postgres://localhost/d", "PGHOST", "db"));
    }
}
