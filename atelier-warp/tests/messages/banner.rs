//! What a server prints at its start, `--print-config`, help and documentation.

use std::path::Path;

use crate::program::Server;
use crate::{atelier, ended, home, program_in};

/// The output of a server, with placeholders for the address and the seconds.
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
fn first_start_creates_demo_and_second_serves_it() {
    let home = home();
    let first = Server::start(&mut program_in(&home, &["--demo", "10"]));
    let title = format!(
        "  Atelier {}: products, reviews, questions, cart and interactions over HTTP\n",
        env!("CARGO_PKG_VERSION")
    );
    let last = "\n  Reset the demo: atelier demo reset      Your own database: --database-url      Stop: Ctrl-C\n\
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
             ✓ demo data  10 products   (writes are refused)\n  \
             ✓ listening  http://ADDRESS\n{OPEN_NEXT}\n  Stop: Ctrl-C\nstopped: 0 requests, 0 failed\n"
        )
    );
}

#[test]
fn new_file_is_reported_as_created_and_empty() {
    let home = home();
    let start = || Server::start(&mut program_in(&home, &["--database-url", "sqlite:new.db"]));
    let empty = "✓ data       0 products. Load some, with the same --database-url: atelier-etl load ./csv\n";
    let first = words(start());
    // The absolute path: it may be mistyped.
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
fn configuration_shows_values_and_sources_without_secrets() {
    let home = home();
    let mut command = atelier(&home);
    command
        .args([
            "--print-config",
            "--max-rows",
            "7",
            "--pool-size",
            "8",
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

/// The flags at the beginning of lines, sorted.
fn flags(text: &str) -> Vec<String> {
    let name = |line: &str| {
        let line = line.trim_start_matches(['|', ' ', '`']);
        let name = line.strip_prefix("--")?.split([' ', '[', '`']).next()?;
        // Dashes alone are the line below the head of a table.
        (!name.starts_with('-')).then(|| name.to_owned())
    };
    let mut flags: Vec<_> = text.lines().filter_map(name).collect();
    flags.sort_unstable();
    flags
}

#[test]
fn help_documentation_and_configuration_have_the_same_settings() {
    let home = home();
    let output = |argument: &str| {
        let (code, said, _) = ended(atelier(&home).arg(argument));
        assert_eq!(code, 0);
        said
    };
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/settings.md");
    let page = std::fs::read_to_string(path).expect("docs/settings.md");
    assert!(
        page == output("settings"),
        "docs/settings.md is out of date: cargo run -p atelier-warp -- settings > docs/settings.md"
    );
    let page = flags(&page);
    assert!(page.len() > 20, "{page:?}");
    let configuration = output("--print-config");
    let names = configuration
        .lines()
        .filter_map(|line| line.split(' ').next());
    let mut names: Vec<_> = names.collect();
    names.sort_unstable();
    assert_eq!(names, page);
    let mut help = flags(&output("--help"));
    help.retain(|flag| flag != "print-config");
    // clap's own flags begin with a letter.
    assert_eq!(help, page);
}

#[test]
fn health_prints_one_line_and_exits_with_1() {
    let home = home();
    let (code, said, complaints) = ended(atelier(&home).args(["health", "--listen", "0.0.0.0:1"]));
    let words = "No server answers at 127.0.0.1:1: Connection refused (os error 111).\n";
    assert_eq!((code, &*said, &*complaints), (1, words, ""));
    let mut invalid = atelier(&home);
    let (code, said, complaints) = ended(invalid.arg("health").env("ATELIER_LISTEN", "here"));
    assert_eq!((code, &*said), (1, ""));
    let words = "error: invalid value 'here' for '--listen <ADDR>': ";
    assert!(complaints.starts_with(words), "{complaints}");
}
