//! Settings before a command and behind it, and what a command does not take.

use crate::program::{Server, ended};
use crate::{assert_refused, atelier, home, program_in};

#[test]
fn settings_stand_before_a_command_or_behind_it() {
    let home = home();
    let said = |arguments: &[&str]| ended(atelier(&home).args(arguments));
    let answers = |address: &str| {
        let words = format!("No server answers at {address}: Connection refused (os error 111).\n");
        (1, words, String::new())
    };
    let (one, other) = ("127.0.0.1:1", "127.0.0.1:2");
    assert_eq!(said(&["--listen", one, "health"]), answers(one));
    assert_eq!(said(&["health", "--listen", one]), answers(one));
    // What stands nearer to the command counts.
    assert_eq!(
        said(&["--listen", one, "health", "--listen", other]),
        answers(other)
    );

    let shop = "sqlite:shop.db";
    let (code, words, _) = said(&["--database-url", shop, "migrate"]);
    assert_eq!(
        (code, words),
        (
            0,
            format!(
                "{shop}: created {}\n{shop}: 2 migrations applied, up to date\n",
                home.path().join("shop.db").display()
            )
        )
    );
    let (code, words, _) = said(&["--database-url", shop, "--demo", "2", "demo", "reset"]);
    assert_eq!(code, 0);
    assert!(
        words.starts_with("sqlite:shop.db: demo data  2 products"),
        "{words}"
    );

    let printed = |arguments: &[&str]| {
        let (code, words, _) = said(arguments);
        assert_eq!(code, 0);
        words
    };
    let both = printed(&["--token", "a", "serve", "--token", "b", "--print-config"]);
    assert!(both.contains("***,***"), "{both}");
    assert_eq!(
        printed(&[
            "--print-config",
            "--max-rows",
            "5",
            "serve",
            "--max-rows",
            "7"
        ]),
        printed(&["serve", "--print-config", "--max-rows", "7"])
    );
    let mut command = atelier(&home);
    command.args(["--listen", "127.0.0.1:0", "--database-url", shop, "serve"]);
    let server = Server::start(&mut command);
    assert!(server.get("/products/1").starts_with("HTTP/1.1 200"));
    server.stop("INT");
}

#[test]
fn a_setting_of_another_command_is_none() {
    for (arguments, words) in [
        (
            &["--max-rows", "5", "migrate"][..],
            "--max-rows is no setting of `atelier migrate`.\n\
             It has: --database-url, --log, --log-format.\n\
             Leave it out. For more: atelier migrate --help\n",
        ),
        (
            &["--print-config", "migrate"],
            "--print-config is no setting of `atelier migrate`.\n\
             It has: --database-url, --log, --log-format.\n\
             Leave it out. For more: atelier migrate --help\n",
        ),
        (
            &["--read-only", "completions", "bash"],
            "--read-only is no setting of `atelier completions`.\n\
             It has none.\n\
             Leave it out. For more: atelier completions --help\n",
        ),
        (
            &["--pages=off", "demo", "reset"],
            "--pages is no setting of `atelier demo`.\n\
             It has: --database-url, --demo, --log, --log-format.\n\
             Leave it out. For more: atelier demo --help\n",
        ),
    ] {
        assert_refused(atelier(&home()).args(arguments), words, 2);
    }
}

#[test]
fn what_is_to_be_migrated_is_told_and_not_done() {
    let home = home();
    let check = ["migrate", "--check", "--database-url", "sqlite:shop.db"];
    let none = "There is no such file yet.\nThat is sqlite:shop.db.\nRun, under the same --database-url: atelier migrate\n";
    assert_refused(&mut program_in(&home, &check), none, 4);
    let folder = || std::fs::read_dir(home.path()).expect("a folder").count();
    assert_eq!(folder(), 0, "nothing is made");

    let bare = "The database holds no tables of Atelier.\nThat is sqlite:shop.db.\nRun, under the same --database-url: atelier migrate\n";
    std::fs::write(home.path().join("shop.db"), "").expect("a file");
    assert_refused(&mut program_in(&home, &check), bare, 4);
    assert_eq!(
        std::fs::read(home.path().join("shop.db")).expect("a file"),
        b""
    );
    assert_eq!(folder(), 1, "nothing is made beside it");

    let migrate = ["migrate", "--database-url", "sqlite:shop.db"];
    assert_eq!(ended(&mut program_in(&home, &migrate)).0, 0);
    let good = (0, "sqlite:shop.db: up to date\n".to_owned(), String::new());
    assert_eq!(ended(&mut program_in(&home, &check)), good);
    // Also while a server has the file, and writes it.
    let serve = ["--database-url", "sqlite:shop.db", "--demo", "1"];
    let server = Server::start(&mut program_in(&home, &serve));
    assert_eq!(ended(&mut program_in(&home, &check)), good);
    server.stop("INT");
}
