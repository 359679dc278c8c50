//! Flags of other programs, answered with ours.

use clap::Error;
use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue};

/// What people type, and what they mean.
const HINTS: [(&[&str], &str); 5] = [
    (
        &[
            "--host",
            "--hostname",
            "--bind",
            "--addr",
            "--address",
            "-H",
            "-b",
            "-l",
        ],
        "the address is set by --listen, such as --listen 0.0.0.0:4000",
    ),
    (
        &[
            "--database",
            "--db",
            "--db-url",
            "--url",
            "--sqlite",
            "--postgres",
            "-d",
        ],
        "the database is set by --database-url, such as --database-url sqlite:shop.db",
    ),
    (
        &[
            "--log-level",
            "--loglevel",
            "--verbose",
            "--debug",
            "--quiet",
            "-v",
            "-q",
        ],
        "what is logged is set by --log, such as --log debug; -V prints the version",
    ),
    (
        &["--config", "--env-file", "-c"],
        "there is no file of settings: they are flags or variables, and --print-config prints them",
    ),
    (
        &["--readonly", "--ro"],
        "changes are refused with --read-only",
    ),
];

/// Adds to an error about an unknown flag which of ours is meant.
pub(super) fn add(mut error: Error) -> Error {
    let Some(ContextValue::String(typed)) = error.get(ContextKind::InvalidArg) else {
        return error;
    };
    let typed = typed.split('=').next().unwrap_or_default();
    let meant = HINTS.iter().find(|(flags, _)| flags.contains(&typed));
    if let Some((_, hint)) = meant {
        let hint = StyledStr::from(*hint);
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![hint]));
        // clap's own guess by the letters.
        error.remove(ContextKind::SuggestedArg);
    }
    error
}

#[cfg(test)]
mod tests {
    use super::super::command;
    use super::*;

    #[test]
    fn flag_of_another_program_is_answered_with_ours() {
        for (typed, ours) in [
            (&["--host", "0.0.0.0"][..], "--listen 0.0.0.0:4000"),
            (&["--host=0.0.0.0"], "--listen 0.0.0.0:4000"),
            (&["-H", "x"], "--listen 0.0.0.0:4000"),
            (&["--db", "shop.db"], "--database-url sqlite:shop.db"),
            (&["-v"], "--log debug"),
            (&["health", "--host", "x"], "--listen 0.0.0.0:4000"),
        ] {
            let arguments = std::iter::once(&"atelier").chain(typed);
            let error = command()
                .try_get_matches_from(arguments)
                .expect_err("unknown");
            let words = add(error).to_string();
            assert!(words.contains(ours), "{typed:?}: {words}");
        }
        let unknown = command().try_get_matches_from(["atelier", "--listne", "1"]);
        let words = add(unknown.expect_err("unknown")).to_string();
        assert!(
            words.contains("--listen"),
            "clap's own guess stays: {words}"
        );
    }
}
