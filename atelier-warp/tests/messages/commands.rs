//! Options before and after a command, options that a command lacks, and `migrate --check`.

use crate::program::Server;
use crate::{assert_fails, atelier, ended, failure, home, program_in};

#[test]
fn options_precede_or_follow_a_command() {
    let home = home();
    let said = |arguments: &[&str]| ended(atelier(&home).args(arguments));
    let answers = |address: &str| {
        let words = format!("No server answers at {address}: Connection refused (os error 111).\n");
        (1, words, String::new())
    };
    let (one, other) = ("127.0.0.1:1", "127.0.0.1:2");
    assert_eq!(said(&["--listen", one, "health"]), answers(one));
    assert_eq!(said(&["health", "--listen", one]), answers(one));
    let both = ["--listen", one, "health", "--listen", other];
    assert_eq!(said(&both), answers(other), "the later one wins");

    let shop = "sqlite:shop.db";
    let (code, words, _) = said(&["--database-url", shop, "migrate"]);
    let path = home.path().join("shop.db");
    let created = format!("{shop}: created {}\n", path.display());
    let applied = format!("{shop}: 2 migrations applied, up to date\n");
    assert_eq!((code, words), (0, created + &applied));
    let (code, words, _) = said(&["--database-url", shop, "--demo", "2", "demo", "reset"]);
    assert_eq!(code, 0);
    let begin = "sqlite:shop.db: demo data  2 products";
    assert!(words.starts_with(begin), "{words}");

    let (_, printed, _) = said(&["--print-config", "--max-rows", "7"]);
    let before = [
        "--print-config",
        "--max-rows",
        "5",
        "serve",
        "--max-rows",
        "7",
    ];
    assert_eq!(said(&before), (0, printed, String::new()));
    let mut command = atelier(&home);
    command.args(["--listen", "127.0.0.1:0", "--database-url", shop, "serve"]);
    let server = Server::start(&mut command);
    assert!(server.get("/products/1").starts_with("HTTP/1.1 200"));
    server.stop("INT");
}

#[test]
fn option_of_another_command_is_refused() {
    for (arguments, flag, usage) in [
        (&["--max-rows", "5", "migrate"][..], "--max-rows", "migrate"),
        (&["--print-config", "migrate"], "--print-config", "migrate"),
        (
            &["--read-only", "completions", "bash"],
            "--read-only",
            "completions",
        ),
        (&["--pages=off", "demo", "reset"], "--pages", "demo reset"),
    ] {
        let (words, code) = failure(atelier(&home()).args(arguments));
        assert_eq!(code, 2);
        let begin = format!("error: unexpected argument '{flag}' found\n");
        assert!(words.starts_with(&begin), "{words}");
        assert!(
            words.contains(&format!("\nUsage: atelier {usage}")),
            "{words}"
        );
    }
}

#[test]
fn check_reports_pending_migrations_and_changes_nothing() {
    let home = home();
    let check = ["migrate", "--check", "--database-url", "sqlite:shop.db"];
    let pending =
        |reason: &str| format!("{reason} Run: atelier migrate\nThe database is sqlite:shop.db.\n");
    let files = || std::fs::read_dir(home.path()).expect("a folder").count();
    let none = pending("There is no such file yet.");
    assert_fails(&mut program_in(&home, &check), &none, 4);
    assert_eq!(files(), 0, "nothing is made");

    std::fs::write(home.path().join("shop.db"), "").expect("a file");
    let bare = pending("The database holds no tables of Atelier.");
    assert_fails(&mut program_in(&home, &check), &bare, 4);
    assert_eq!(
        std::fs::read(home.path().join("shop.db")).expect("a file"),
        b""
    );
    assert_eq!(files(), 1, "nothing is made beside it");

    let migrate = ["migrate", "--database-url", "sqlite:shop.db"];
    assert_eq!(ended(&mut program_in(&home, &migrate)).0, 0);
    let good = (0, "sqlite:shop.db: up to date\n".to_owned(), String::new());
    assert_eq!(ended(&mut program_in(&home, &check)), good);
    // Also while a server has the file open, and writes it.
    let serve = ["--database-url", "sqlite:shop.db", "--demo", "1"];
    let server = Server::start(&mut program_in(&home, &serve));
    assert_eq!(ended(&mut program_in(&home, &check)), good);
    server.stop("INT");
}
