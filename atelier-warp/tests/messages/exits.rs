//! The exit codes: those that are printed are those that it ends with.

use crate::{atelier, ended, home, program_in};

#[test]
fn it_ends_with_what_the_page_about_settings_says() {
    let (_, page, _) = ended(atelier(&home()).arg("settings"));
    let (_, table) = page.split_once("## Exit codes").expect("a table");
    let rows = table
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split_once(" | "));
    let printed: Vec<(i32, &str)> = rows
        .filter_map(|(code, rest)| Some((code.parse().ok()?, rest.split(" | ").next()?)))
        .collect();

    let (_nobody, place) = crate::waiting::nobody();
    let away = format!("postgres://app@{place}/shop");
    let commands: [(&[&str], &str); 5] = [
        (&["migrate", "--database-url", "sqlite:shop.db"], "fine"),
        (
            &["--database-url", "sqlite:none.db?mode=ro"],
            "it can't go on",
        ),
        (&["--max-rows", "0"], "a wrong setting"),
        (
            &["migrate", "--check", "--database-url", &away],
            "the database can't be reached",
        ),
        (
            &["migrate", "--check", "--database-url", "sqlite:none.db"],
            "its schema is of another version",
        ),
    ];
    let home = home();
    let found = commands.map(|(arguments, meaning)| {
        let (code, ..) = ended(&mut program_in(&home, arguments));
        (code, meaning)
    });
    assert_eq!(found.map(|(code, _)| code), [0, 1, 2, 3, 4]);
    assert_eq!(printed[..5], found);
    // The loader's, and that of two signals.
    assert_eq!(
        printed[5..],
        [(5, "too many rejects"), (130, "interrupted")]
    );

    let (_, help, _) = ended(atelier(&home).arg("--help"));
    let help: Vec<_> = help.split_whitespace().collect();
    let help = help.join(" ");
    for (code, meaning) in printed {
        assert!(
            help.contains(&format!("{code} {meaning}")),
            "{code}: {help}"
        );
    }
}
