//! What `--production` refuses.

use std::net::IpAddr;

use atelier_core::{DatabaseUrl, PostgresUrl};
use tokio::net::TcpListener;

use crate::cli::{CliError, ServeOptions, exit};

/// Fails with every unsafe setting and the flag that corrects it.
pub(super) fn check(options: &ServeOptions) -> Result<(), CliError> {
    if !options.addresses.production {
        return Ok(());
    }
    let mut problems = Vec::new();
    let database = &options.database.database_url;
    if database.is_none() {
        problems.push(problem(
            "Without --database-url a demo would be served.",
            "--database-url 'postgres://USER:PASSWORD@HOST/DATABASE?sslmode=verify-full'",
        ));
    }
    if options.pool.demo.is_some_and(|products| products > 0) {
        problems.push(problem(
            "An empty database would be filled with a demo.",
            "--demo 0",
        ));
    }
    let primary = database.iter().map(|url| (url, "--database-url"));
    let standbys = options.pool.database_read_url.iter();
    for (url, flag) in primary.chain(standbys.map(|url| (url, "--database-read-url"))) {
        if let DatabaseUrl::Postgres(postgres) = url
            && is_unverified_remote(postgres, |name| std::env::var(name).ok())
        {
            problems.push(problem(
                &format!(
                    "The connection to {url} may be unencrypted, or its server is not verified."
                ),
                &format!("{flag} '..?sslmode=verify-full'"),
            ));
        }
    }
    let proxies = &options.security.trusted_proxies;
    if let Some(network) = proxies.iter().find(|network| network.prefix_len() == 0) {
        problems.push(problem(
            &format!("--trusted-proxies contains {network}, which trusts every client."),
            "--trusted-proxies 10.0.0.7",
        ));
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(refusal(&problems.join("\n")))
    }
}

/// Fails if probes would be public on the socket of a supervisor. On an address of `--listen` they never are.
pub(super) fn check_socket(options: &ServeOptions, api: &TcpListener) -> Result<(), CliError> {
    let address = api.local_addr().ok();
    let public = address.filter(|address| !address.ip().to_canonical().is_loopback());
    match public {
        Some(address) if options.addresses.production && options.probes_on_api_port() => {
            Err(refusal(&problem(
                &format!(
                    "Probes and metrics would be public on {address}, the socket of the supervisor."
                ),
                "--admin-addr 127.0.0.1:3001, or a socket on 127.0.0.1",
            )))
        }
        _ => Ok(()),
    }
}

/// Fails if the database contains the demo.
pub(super) fn check_content(
    options: &ServeOptions,
    url: &DatabaseUrl,
    demo: bool,
) -> Result<(), CliError> {
    if options.addresses.production && demo {
        return Err(refusal(&problem(
            &format!("{url} contains the demo."),
            "another --database-url, or atelier-etl load DIR to replace the demo",
        )));
    }
    Ok(())
}

fn problem(what: &str, correction: &str) -> String {
    format!("  {what}\n    Use: {correction}")
}

fn refusal(problems: &str) -> CliError {
    CliError::new(
        "--production refuses unsafe settings:",
        problems,
        "To serve anyway, omit --production.",
    )
    .with_code(exit::SETTING)
}

/// Whether a connection to the server crosses a network without verified TLS. As in every client of PostgreSQL, the environment
/// has the defaults for what the URL omits.
fn is_unverified_remote(url: &PostgresUrl, environment: impl Fn(&str) -> Option<String>) -> bool {
    let parameter = |value: Option<&str>| value.map(str::to_owned);
    let mode = parameter(url.parameter("sslmode")).or_else(|| environment("PGSSLMODE"));
    if mode.is_some_and(|mode| mode.eq_ignore_ascii_case("verify-full")) {
        return false;
    }
    let host = parameter(url.host())
        .or_else(|| environment("PGHOSTADDR"))
        .or_else(|| environment("PGHOST"))
        .unwrap_or_else(|| "localhost".to_owned());
    let loopback = |ip: IpAddr| ip.to_canonical().is_loopback();
    !(host.starts_with('/') || host == "localhost" || host.parse().is_ok_and(loopback))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(url: &str) -> PostgresUrl {
        match DatabaseUrl::parse(url).expect(url) {
            DatabaseUrl::Postgres(url) => *url,
            other => panic!("{other}"),
        }
    }

    #[test]
    fn only_loopback_and_verified_tls_are_safe() {
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
            assert_eq!(!is_unverified_remote(&parsed(url), |_| None), safe, "{url}");
        }
    }

    #[test]
    fn environment_completes_url() {
        for (url, name, value, safe) in [
            ("postgres://db/d", "PGSSLMODE", "verify-full", true),
            (
                "postgres://db/d?sslmode=prefer",
                "PGSSLMODE",
                "verify-full",
                false,
            ),
            ("postgres:///d", "PGHOST", "db", false),
            ("postgres://localhost/d", "PGHOST", "db", true),
        ] {
            let variable = |asked: &str| (asked == name).then(|| value.to_owned());
            assert_eq!(!is_unverified_remote(&parsed(url), variable), safe, "{url}");
        }
    }
}
