//! The page about the settings, `docs/settings.md`.

use super::say;
use super::settings::{SECTIONS, Setting, Takes, Unset};

/// Prints it.
pub(crate) fn print() {
    say("# Settings\n");
    say(
        "A flag goes before its variable in the environment, and that before the default; there is no file. A variable that \
         is set to\nnothing is not set. `atelier --print-config` prints every value and where it comes from, secrets \
         masked.\n",
    );
    say(
        "Sizes have a unit (`64MiB`, `512KiB`) or are bytes; times have one (`500ms`, `6s`, `10m`, `24h`) or are seconds. \
         What may be\nrepeated may also have commas between its values, so that it fits into one variable.",
    );
    for section in SECTIONS {
        say(format_args!("\n## {}\n", section.title));
        say("| flag | environment | default | |\n|---|---|---|---|");
        for setting in section.settings {
            say(row(setting));
        }
    }
    say(
        "\nThe socket of a supervisor (`LISTEN_FDS`) goes before `--listen`. `PGSSLMODE` and the other variables of libpq hold \
         where the\naddress of a database says nothing.",
    );
}

fn row(setting: &Setting) -> String {
    let flag = match setting.takes {
        Takes::Switch => format!("`--{}`", setting.flag),
        _ => format!("`--{} {}`", setting.flag, setting.value),
    };
    let variables: Vec<_> = setting
        .variables()
        .map(|(name, _)| format!("`{name}`"))
        .collect();
    let default = match setting.unset {
        Unset::Is(text) => format!("`{text}`"),
        Unset::Nothing(words) => words.to_owned(),
    };
    let repeated = match setting.takes {
        Takes::Several => "; may be repeated",
        _ => "",
    };
    format!(
        "| {flag} | {} | {default} | {}{repeated} |",
        variables.join(", "),
        setting.help
    )
}
