//! The page about the settings, `docs/settings.md`.

use std::fmt::Display;

use super::elsewhere::OTHERS;
use super::exit;
use super::failure::{Failure, print};
use super::settings::{SECTIONS, Setting, Takes, Unset};

/// Prints it.
pub(crate) fn print_settings() -> Result<(), Failure> {
    print(page().as_bytes())
}

fn page() -> String {
    let mut text = String::new();
    let mut say = |line: &dyn Display| text = format!("{text}{line}\n");
    say(&"# Settings\n");
    say(
        &"A flag goes before its variable in the environment, and that before the default; there is no file. A variable that \
         is set to\nnothing is not set. `atelier --print-config` prints every value and where it comes from, secrets \
         masked.\n",
    );
    say(
        &"Sizes have a unit (`64MiB`, `512KiB`) or are bytes; times have one (`500ms`, `6s`, `10m`, `24h`) or are seconds. \
         What may be\nrepeated may also have commas between its values, so that it fits into one variable. The flag of a \
         switch may stand alone, as\nin `--read-only`, or have a value: `--read-only=off`, `--pages=off`. Settings may stand \
         before a command or behind it, as in\n`atelier --listen 127.0.0.1:4000 health`.",
    );
    for section in SECTIONS {
        say(&format_args!("\n## {}\n", section.title));
        say(&"| flag | environment | default | |\n|---|---|---|---|");
        for setting in section.settings {
            say(&row(setting));
        }
    }
    say(&"\n## Other variables\n\nStandards that other programs know as well.\n");
    say(&"| environment | |\n|---|---|");
    for others in OTHERS {
        let names: Vec<_> = others
            .names
            .iter()
            .map(|name| format!("`{name}`"))
            .collect();
        say(&format_args!("| {} | {} |", names.join(", "), others.help));
    }
    say(&"\n## Exit codes\n\n| code | | |\n|---|---|---|");
    for (code, short, long) in exit::ALL {
        say(&format_args!("| {code} | {short} | {long} |"));
    }
    text
}

fn row(setting: &Setting) -> String {
    let flag = match setting.takes {
        // Its value is tied to it, and may be left out. A bar alone would end the cell.
        Takes::Switch => format!(
            "`--{}[={}]`",
            setting.flag,
            setting.value.replace('|', "\\|")
        ),
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
