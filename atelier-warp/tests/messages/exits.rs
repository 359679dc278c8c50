//! Exit codes.

use crate::{atelier, ended, home, program_in};

#[test]
fn exit_codes_are_those_of_help_and_documentation() {
    let (_, page, _) = ended(atelier(&home()).arg("settings"));
    let (_, table) = page.split_once("## Exit codes").expect("a table");
    let rows = table
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split_once(" | "));
    let printed: Vec<(i32, &str)> = rows
        .filter_map(|(code, rest)| Some((code.parse().ok()?, rest.split(" | ").next()?)))
        .collect();

    let (_socket, place) = crate::waiting::closed_port();
    let unreachable = format!("postgres://app@{place}/shop");
    let commands: [(&[&str], &str); 5] = [
        (&["migrate", "--database-url", "sqlite:shop.db"], "success"),
        (&["--database-url", "sqlite:none.db?mode=ro"], "error"),
        (&["--max-rows", "0"], "invalid setting"),
        (
            &["migrate", "--check", "--database-url", &unreachable],
            "database unreachable",
        ),
        (
            &["migrate", "--check", "--database-url", "sqlite:none.db"],
            "schema mismatch",
        ),
    ];
    let home = home();
    let found = commands.map(|(arguments, meaning)| {
        let (code, ..) = ended(&mut program_in(&home, arguments));
        (code, meaning)
    });
    assert_eq!(found.map(|(code, _)| code), [0, 1, 2, 3, 4]);
    assert_eq!(printed[..5], found);
    // The loader's, and that of a second signal.
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
