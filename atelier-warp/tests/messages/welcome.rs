//! What it says when all is well.

use std::path::Path;

use crate::program::Server;
use crate::{atelier, ended, home, program_in};

/// The words of a start, with the port and the seconds taken out.
fn words(server: Server) -> String {
    let address = server.address.clone();
    let (code, words) = server.stop("INT");
    assert_eq!(code, 0);
    let words = words.replace(&address, "ADDRESS");
    match words.split_once("(seed 42, ") {
        Some((before, after)) => {
            let after = after.split_once(" s)").expect("seconds").1;
            format!("{before}(seed 42, SECONDS s){after}")
        }
        None => words,
    }
}

const OPEN_NEXT: &str = "\n    \
    Storefront   http://ADDRESS/\n    \
    API docs     http://ADDRESS/docs      OpenAPI  /openapi.json\n    \
    Health       http://ADDRESS/ready      Metrics  /metrics\n    \
    Try          curl 'http://ADDRESS/reviews?product_id=1&count=2'\n";

#[test]
fn the_first_start_and_the_second() {
    let home = home();
    let first = Server::start(&mut program_in(&home, &["--demo", "10"]));
    let title = format!(
        "  Atelier {}: products, reviews, questions, cart and interactions over HTTP\n",
        env!("CARGO_PKG_VERSION")
    );
    let last = "\n  Demo data is yours to break: atelier demo reset      Your own database: --database-url      Stop: Ctrl-C\n\
                stopped: 0 requests, 0 failed\n";
    assert_eq!(
        words(first),
        format!(
            "{title}  \
             ✓ database   sqlite  ~/.local/share/atelier/demo.db   (created)\n  \
             ✓ demo data  10 products · 365 reviews · 66 questions   (seed 42, SECONDS s)\n  \
             ✓ listening  http://ADDRESS\n{OPEN_NEXT}{last}"
        )
    );
    let second = Server::start(&mut program_in(&home, &["--read-only"]));
    assert_eq!(
        words(second),
        format!(
            "{title}  \
             ✓ database   sqlite  ~/.local/share/atelier/demo.db\n  \
             ✓ demo data  10 products   (changes are refused)\n  \
             ✓ listening  http://ADDRESS\n{OPEN_NEXT}\n  Stop: Ctrl-C\nstopped: 0 requests, 0 failed\n"
        )
    );
}

#[test]
fn a_file_that_was_not_there_is_told_to_be_new_and_empty() {
    let home = home();
    let start = || Server::start(&mut program_in(&home, &["--database-url", "sqlite:new.db"]));
    let empty = "✓ data       0 products. Load some, under the same --database-url: atelier-etl load ./csv\n";
    let first = words(start());
    // The whole path: it may have been mistyped.
    let path = home.path().join("new.db");
    let created = format!("✓ database   sqlite  {}   (created)\n", path.display());
    assert!(first.contains(&format!("  {created}  {empty}")), "{first}");
    let second = words(start());
    assert!(
        second.contains(&format!("  ✓ database   sqlite  new.db\n  {empty}")),
        "{second}"
    );
}

#[test]
fn the_settings_are_printed_with_where_they_come_from_and_without_secrets() {
    let home = home();
    let mut command = atelier(&home);
    command
        .args([
            "--print-config",
            "--max-rows",
            "7",
            "--production",
            "--read-only",
        ])
        .args([
            "--database-read-url",
            "postgres://a:hunter2@one/d,postgres://a:hunter2@two/d",
        ])
        .env(
            "DATABASE_URL",
            "postgres://app:hunter2@db/shop?password=hunter2",
        )
        .env("PORT", "8080")
        .env("ATELIER_TOKEN", "hunter2,hunter3")
        .env("ATELIER_CAMPUS", "");
    let (code, said, complaints) = ended(&mut command);
    assert_eq!((code, &*complaints), (0, ""));
    assert_eq!(said, include_str!("print-config.txt"));
}

/// The names of the settings in a text: what begins with two dashes, where a line of the text does.
fn flags(lines: impl Iterator<Item = &'static str>) -> Vec<&'static str> {
    let name = |line: &'static str| {
        let rest = line
            .trim_start_matches(['|', ' ', '`'])
            .strip_prefix("--")?;
        let mut names = rest.split(|c: char| !c.is_ascii_lowercase() && c != '-');
        // The line below a table's head has dashes alone.
        names.next().filter(|name| !name.starts_with('-'))
    };
    let mut flags: Vec<_> = lines.filter_map(name).collect();
    flags.sort_unstable();
    flags
}

fn leaked(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

#[test]
fn help_and_the_page_about_settings_and_what_is_printed_have_the_same_settings() {
    let said = |arguments: &[&str]| {
        let (code, said, _) = ended(atelier(&home()).args(arguments));
        assert_eq!(code, 0);
        leaked(said)
    };
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/settings.md");
    let page = std::fs::read_to_string(path).expect("docs/settings.md");
    assert!(
        page == said(&["settings"]),
        "docs/settings.md is not the table's: cargo run -p atelier-warp -- settings > docs/settings.md"
    );
    let page = flags(leaked(page).lines());
    assert!(page.len() > 20, "{page:?}");
    let printed: Vec<_> = said(&["--print-config"]).lines().collect();
    let mut printed: Vec<_> = printed
        .iter()
        .filter_map(|line| line.split(' ').next())
        .collect();
    printed.sort_unstable();
    assert_eq!(printed, page);
    let mut help = flags(said(&["--help"]).lines());
    help.retain(|flag| *flag != "print-config");
    // clap's own come with a letter in front.
    assert_eq!(help, page);
}

#[test]
fn health_is_one_sentence() {
    let home = home();
    let (code, said, complaints) = ended(atelier(&home).args(["health", "--listen", "0.0.0.0:1"]));
    let words = "No server answers at 127.0.0.1:1: Connection refused (os error 111).\n";
    assert_eq!((code, &*said, &*complaints), (1, words, ""));
    let mut wrong = atelier(&home);
    let (code, said, complaints) = ended(wrong.arg("health").env("ATELIER_LISTEN", "here"));
    let words = "--listen can't be `here`. It must be an IP address with a port, such as 127.0.0.1:3000 or [::1]:3000, or a port alone; it \
                 comes from the environment, ATELIER_LISTEN. Give such as: --listen 127.0.0.1:8080\n";
    assert_eq!((code, &*said, &*complaints), (1, words, ""));
}
