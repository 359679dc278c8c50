//! Invalid settings.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use crate::{assert_fails, atelier, ended, failure, home, program_in};

const TRY_HELP: &str = "\n\nFor more information, try '--help'.\n";

#[test]
fn invalid_value_is_answered_with_expected_ones() {
    for (flag, value, error) in [
        ("--max-rows <N>", "0", "0 is not in 1..=1000000"),
        ("--max-rows <N>", "abc", "invalid digit found in string"),
        ("--pool-size <N>", "3", "3 is not in 4..=1000"),
        (
            "--cache-bytes <SIZE>",
            "64M",
            "expected a size from 0 to 1024GiB, such as 64MiB",
        ),
        (
            "--header-timeout <TIME>",
            "0",
            "expected a duration from 1ms to 1d, such as 500ms, 6s, 10m or 24h",
        ),
        (
            "--wait-for-database <TIME>",
            "never",
            "expected a duration from 0 to 1d, such as 500ms, 6s, 10m or 24h, or forever",
        ),
        (
            "--listen <ADDR>",
            "localhost",
            "expected an IP address with a port, such as 127.0.0.1:3000 or [::1]:3000, or a port alone",
        ),
        (
            "--admin-addr <ADDR>",
            "+0",
            "expected an offset from +1 to +65535",
        ),
        (
            "--trusted-proxies <NETWORK>",
            "10.0.0.0/33",
            "expected an address or a network such as 10.0.1.0/24",
        ),
        (
            "--token-file <FILE>",
            "nowhere",
            "cannot read it: No such file or directory (os error 2)",
        ),
        (
            "--token-file <FILE>",
            "/dev/null",
            "expected a token on each line, found none",
        ),
        (
            "--load-test-token <TOKEN>",
            "products",
            "expected letters, digits, - and _, and no name of a route",
        ),
        (
            // As a target, `wran` would be logged in full, and everything else not at all.
            "--log <LEVELS>",
            "wran",
            "expected levels such as warn or info,sqlx=debug",
        ),
        (
            "--base-path <PATH>",
            "/docs/v1",
            "/docs is a route of the server's probes and pages",
        ),
        (
            "--base-path <PATH>",
            "/products",
            "/products is a route of the API",
        ),
        (
            "--base-path <PATH>",
            "/a%20shop",
            "its segments must be {name}, or letters, digits, - _ . and ~",
        ),
    ] {
        let name = flag.split(' ').next().expect("a flag");
        let words = format!("error: invalid value '{value}' for '{flag}': {error}{TRY_HELP}");
        assert_fails(&mut program_in(&home(), &[name, value]), &words, 2);
    }
}

#[test]
fn invalid_variable_is_named() {
    for (variable, value, error) in [
        (
            "ATELIER_MAX_ROWS",
            "many",
            "'many' for '--max-rows <N>': invalid digit found in string",
        ),
        (
            "ATELIER_READ_ONLY",
            "perhaps",
            "'perhaps' for '--read-only[=<on|off>]': expected on or off",
        ),
        (
            "PORT",
            "http",
            "'0.0.0.0:http' for '--listen <ADDR>': expected an IP address with a port, such as 127.0.0.1:3000 or \
             [::1]:3000, or a port alone",
        ),
        (
            "ATELIER_TOKEN",
            " ,hunter2",
            "'***' for '--token <TOKEN>': expected a token, found nothing",
        ),
    ] {
        let words = format!(
            "error: invalid value {error}\n\n  tip: the value comes from the environment variable {variable}{TRY_HELP}"
        );
        assert_fails(atelier(&home()).env(variable, value), &words, 2);
    }
    let (words, code) = failure(atelier(&home()).env("ATELIER_LOG_FORMAT", "xml"));
    assert_eq!(code, 2);
    assert!(
        words.contains("[possible values: auto, pretty, json]"),
        "{words}"
    );
    let invalid = OsStr::from_bytes(b"sqlite:\xff");
    let (words, code) = failure(atelier(&home()).env("DATABASE_URL", invalid));
    assert_eq!(code, 2);
    assert!(
        words.contains("invalid UTF-8") && words.contains("variable DATABASE_URL"),
        "{words}"
    );
}

#[test]
fn variables_of_other_commands_are_ignored() {
    let home = home();
    let mut migrate = atelier(&home);
    migrate
        .arg("migrate")
        .env("ATELIER_MAX_ROWS", "many")
        .env("PORT", "http");
    assert_eq!(ended(&mut migrate).0, 0);
}

#[test]
fn invalid_database_url_is_explained_without_its_secrets() {
    for (url, reason) in [
        (
            "postgres://app:hunter#2@db/shop",
            "a `/`, `?` or `#` comes before an `@`",
        ),
        ("postgres://app:hunter?2@db/shop", "%3F for ?"),
        (
            "postgres://db:port/shop",
            "the port is not a number from 1 to 65535",
        ),
        (
            "postgres://one:5432,two:5432/shop",
            "it names several hosts",
        ),
        (
            "host=db password=hunter2",
            "it is a list of keywords and values",
        ),
        (
            "jdbc:postgresql://db/shop?password=hunter2",
            "it begins with `jdbc:`",
        ),
        (
            "mysql://app:hunter2@db/shop",
            "it begins neither with `sqlite:` nor with `postgres://`",
        ),
        ("sqlite:shop\r\n.db", "it contains a control character"),
    ] {
        let home = home();
        for setting in ["--database-url", "--database-read-url"] {
            let arguments = [setting, url, "--print-config"];
            let (words, code) = failure(&mut program_in(&home, &arguments));
            assert_eq!(code, 2, "{words}");
            let error = format!("error: invalid value '***' for '{setting} <URL>': ");
            assert!(words.starts_with(&error), "{words}");
            // A list is split at its commas.
            assert!(url.contains(',') || words.contains(reason), "{words}");
            assert!(!words.contains("hunter"), "{words}");
        }
        let files = std::fs::read_dir(home.path()).expect("a folder").count();
        assert_eq!(files, 0, "no file is made");
    }
}

#[test]
fn configuration_shows_no_secret_of_a_database_url() {
    for (url, shown) in [
        (
            "postgres://app:hunter2@db/shop",
            " postgres://app:***@db/shop ",
        ),
        (
            "\"POSTGRES://app:hunter%3F2@[::1]:5432/shop\"\r",
            " postgres://app:***@[::1]:5432/shop ",
        ),
        (
            "postgres://app@/shop?host=/run/postgresql&password=hunter2&sslpassword=hunter2&x=hunter2",
            " postgres://app:***@/shop?host=/run/postgresql ",
        ),
    ] {
        let arguments = ["--database-url", url, "--print-config"];
        let (code, said, words) = ended(&mut program_in(&home(), &arguments));
        assert_eq!((code, &*words), (0, ""));
        assert!(said.contains(shown), "{said}");
        assert!(!said.contains("hunter"), "{said}");
    }
}

#[test]
fn help_shows_no_secret_of_the_environment() {
    for arguments in [&["--help"][..], &["serve", "-h"], &["migrate", "--help"]] {
        let home = home();
        let mut command = atelier(&home);
        let url = "postgres://app:hunter2@db/shop";
        command
            .env("ATELIER_TOKEN", "hunter2")
            .env("DATABASE_URL", url);
        let (code, said, _) = ended(command.args(arguments));
        assert_eq!(code, 0);
        assert!(
            said.contains("DATABASE_URL]") && !said.contains("hunter"),
            "{said}"
        );
    }
}

#[test]
fn unknown_flag_is_answered_with_a_similar_one() {
    assert_fails(
        &mut program_in(&home(), &["--max-row", "5"]),
        "error: unexpected argument '--max-row' found\n\
         \n  \
         tip: a similar argument exists: '--max-rows'\n\
         \n\
         Usage: atelier serve --max-rows <N>\n\
         \n\
         For more information, try '--help'.\n",
        2,
    );
}

#[test]
fn standbys_need_postgresql() {
    let standby = "postgres://app:hunter2@standby/shop";
    let arguments = [
        "--database-url",
        "sqlite:shop.db",
        "--database-read-url",
        standby,
    ];
    assert_fails(
        &mut program_in(&home(), &arguments),
        "--database-read-url needs PostgreSQL.\n\
         sqlite:shop.db is no PostgreSQL database.\n\
         Omit --database-read-url, or use --database-url postgres://USER:PASSWORD@HOST/DATABASE\n",
        2,
    );
}
