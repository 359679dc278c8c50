//! Settings that can't be used.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use crate::{assert_refused, atelier, home, program_in};

#[test]
fn numbers_sizes_and_times_have_bounds() {
    for (arguments, words) in [
        (
            ["--max-rows", "0"],
            "--max-rows can't be `0`.\n\
             It must be a whole number from 1 to 1000000.\n\
             Give such as: --max-rows 1000\n",
        ),
        (
            ["--cache-bytes", "64M"],
            "--cache-bytes can't be `64M`.\n\
             It must be a size from 0 to 1024GiB, such as 64MiB.\n\
             Give such as: --cache-bytes 512MiB\n",
        ),
        (
            ["--header-timeout", "0"],
            "--header-timeout can't be `0`.\n\
             It must be a time from 1ms to 1d, such as 500ms, 6s, 10m or 24h.\n\
             Give such as: --header-timeout 75s\n",
        ),
        (
            ["--wait-for-database", "never"],
            "--wait-for-database can't be `never`.\n\
             It must be a time from 0 to 1d, such as 500ms, 6s, 10m or 24h, or forever.\n\
             Give such as: --wait-for-database 30s\n",
        ),
        (
            ["--max-rows", "-1"],
            "--max-rows can't be `-1`.\n\
             It must be a whole number from 1 to 1000000.\n\
             Give such as: --max-rows 1000\n",
        ),
        (
            ["--max-rows", "abc"],
            "--max-rows can't be `abc`.\n\
             It must be a whole number from 1 to 1000000.\n\
             Give such as: --max-rows 1000\n",
        ),
        (
            ["--max-rows", "--read-only"],
            "--max-rows can't be `--read-only`.\n\
             It must be a whole number from 1 to 1000000.\n\
             Give such as: --max-rows 1000\n",
        ),
        (
            ["--cache-bytes", "-5"],
            "--cache-bytes can't be `-5`.\n\
             It must be a size from 0 to 1024GiB, such as 64MiB.\n\
             Give such as: --cache-bytes 512MiB\n",
        ),
        (
            ["--header-timeout", "-1s"],
            "--header-timeout can't be `-1s`.\n\
             It must be a time from 1ms to 1d, such as 500ms, 6s, 10m or 24h.\n\
             Give such as: --header-timeout 75s\n",
        ),
        (
            ["--pool-size", "3"],
            "--pool-size can't be `3`.\n\
             It must be a whole number from 4 to 1000.\n\
             Give such as: --pool-size 8\n",
        ),
    ] {
        assert_refused(&mut program_in(&home(), &arguments), words, 2);
    }
}

#[test]
fn what_it_must_be_and_an_example() {
    for (arguments, words) in [
        (
            ["--listen", "localhost"],
            "--listen can't be `localhost`.\n\
             It must be an IP address with a port, such as 127.0.0.1:3000 or [::1]:3000, or a port alone.\n\
             Give such as: --listen 127.0.0.1:8080\n",
        ),
        (
            ["--trusted-proxies", "10.0.0.7,10.0.0.0/33"],
            "--trusted-proxies can't be `10.0.0.0/33`.\n\
             It must be an address or a network.\n\
             Give such as: --trusted-proxies 10.0.0.7,10.0.1.0/24\n",
        ),
        (
            ["--database-url", "mysql://app:hunter2@db/shop"],
            "--database-url can't be what was given.\n\
             It must be the URL of a database: it begins neither with `sqlite:` nor with `postgres://`. Give sqlite:PATH, \
             a file, with ?mode=ro behind it to read only, or postgres://USER:PASSWORD@HOST:PORT/DATABASE.\n\
             Give such as: --database-url postgres://app:secret@db.example/atelier?sslmode=verify-full\n",
        ),
        (
            ["--token-file", "nowhere"],
            "--token-file can't be `nowhere`.\n\
             It must be a file that can be read (No such file or directory (os error 2)).\n\
             Give such as: --token-file /run/secrets/atelier-tokens\n",
        ),
        (
            ["--token-file", "/dev/null"],
            "--token-file can't be `/dev/null`.\n\
             It must be a file with a token on each line, and it has none.\n\
             Give such as: --token-file /run/secrets/atelier-tokens\n",
        ),
        (
            ["--load-test-token", "products"],
            "--load-test-token can't be `products`.\n\
             It must be letters, digits, - and _, and no name that the API has a meaning for.\n\
             Give such as: --load-test-token loaderio-abc123\n",
        ),
        (
            ["--log", "a=b=c"],
            "--log can't be `a=b=c`.\n\
             It must be levels such as warn or info,sqlx=debug.\n\
             Give such as: --log debug\n",
        ),
        (
            // Of a part of the program with this name everything would be logged, and of the others nothing.
            ["--log", "wran"],
            "--log can't be `wran`.\n\
             It must be levels such as warn or info,sqlx=debug.\n\
             Give such as: --log debug\n",
        ),
    ] {
        assert_refused(&mut program_in(&home(), &arguments), words, 2);
    }
}

#[test]
fn where_it_comes_from() {
    let home = home();
    let with = |variable: &str, value: &OsStr| {
        let mut command = atelier(&home);
        command.env(variable, value);
        command
    };
    for (variable, value, words) in [
        (
            "ATELIER_MAX_ROWS",
            "many",
            "--max-rows can't be `many`.\n\
             It must be a whole number from 1 to 1000000; it comes from the environment, ATELIER_MAX_ROWS.\n\
             Give such as: --max-rows 1000\n",
        ),
        (
            "ATELIER_CACHE_BYTES",
            "-5",
            "--cache-bytes can't be `-5`.\n\
             It must be a size from 0 to 1024GiB, such as 64MiB; it comes from the environment, ATELIER_CACHE_BYTES.\n\
             Give such as: --cache-bytes 512MiB\n",
        ),
        (
            "ATELIER_LOG_FORMAT",
            "xml",
            "--log-format can't be `xml`.\n\
             It must be auto, pretty or json; it comes from the environment, ATELIER_LOG_FORMAT.\n\
             Give such as: --log-format json\n",
        ),
        (
            "ATELIER_READ_ONLY",
            "perhaps",
            "--read-only can't be `perhaps`.\n\
             It must be on or off; it comes from the environment, ATELIER_READ_ONLY.\n\
             Give such as: --read-only=on\n",
        ),
        (
            "PORT",
            "http",
            "--listen can't be `0.0.0.0:http`.\n\
             It must be an IP address with a port, such as 127.0.0.1:3000 or [::1]:3000, or a port alone; it comes from the environment, \
             PORT.\n\
             Give such as: --listen 127.0.0.1:8080\n",
        ),
        (
            "ATELIER_TOKEN",
            " , ",
            "--token can't be what was given.\n\
             It must be at least one value; it comes from the environment, ATELIER_TOKEN.\n\
             Give such as: --token a-long-random-text\n",
        ),
    ] {
        assert_refused(&mut with(variable, OsStr::new(value)), words, 2);
    }
    assert_refused(
        &mut with("DATABASE_URL", OsStr::from_bytes(b"sqlite:\xff")),
        "DATABASE_URL can't be read.\n\
         It is no UTF-8.\n\
         Give such as: DATABASE_URL=postgres://app:secret@db.example/atelier?sslmode=verify-full\n",
        2,
    );
}

#[test]
fn database_url_is_refused_with_the_part_at_fault_and_without_its_secrets() {
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
        ("sqlite:shop\r\n.db", "it contains a control character"),
    ] {
        let home = home();
        for setting in ["--database-url", "--database-read-url"] {
            let arguments = [setting, url, "--print-config"];
            let (words, code) = crate::refused(&mut program_in(&home, &arguments));
            assert_eq!(code, 2, "{words}");
            assert!(
                words.starts_with(&format!("{setting} can't be what was given.\n")),
                "{words}"
            );
            // Of a list each is a URL of its own.
            assert!(url.contains(',') || words.contains(reason), "{words}");
            assert!(!words.contains("hunter"), "{words}");
        }
        assert_eq!(
            std::fs::read_dir(home.path()).expect("a folder").count(),
            0,
            "no file is made"
        );
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
        let (code, said, words) = crate::ended(&mut program_in(
            &home(),
            &["--database-url", url, "--print-config"],
        ));
        assert_eq!((code, &*words), (0, ""));
        assert!(said.contains(shown), "{said}");
        assert!(!said.contains("hunter"), "{said}");
    }
}

#[test]
fn a_flag_that_is_not_known_is_answered_with_one_that_is() {
    assert_refused(
        &mut program_in(&home(), &["--max-row", "5"]),
        "error: unexpected argument '--max-row' found\n\
         \n  \
         tip: a similar argument exists: '--max-rows'\n\
         \n\
         Usage: atelier --max-rows <N>\n\
         \n\
         For more information, try '--help'.\n",
        2,
    );
    // An empty token would let everybody in.
    assert_refused(
        &mut program_in(&home(), &["--token", ""]),
        "error: a value is required for '--token <TOKEN>' but none was supplied\n\
         \n\
         For more information, try '--help'.\n",
        2,
    );
}

#[test]
fn standbys_are_of_a_server() {
    let url = "postgres://app:hunter2@standby/shop";
    assert_refused(
        &mut program_in(
            &home(),
            &[
                "--database-url",
                "sqlite:shop.db",
                "--database-read-url",
                url,
            ],
        ),
        "--database-read-url is for standbys of a PostgreSQL server.\n\
         sqlite:shop.db is none, and has none.\n\
         Leave --database-read-url out, or name such a server: --database-url \
         postgres://USER:PASSWORD@HOST/DATABASE\n",
        2,
    );
}
