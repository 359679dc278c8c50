//! `docs/settings.md`, generated from the options.

use std::collections::HashSet;
use std::fmt::Write;

use clap::{Arg, ArgAction, Args, Command};

use super::environment::PORT;
use super::errors::{CliError, print};
use super::options::ServeOptions;

/// The page around the tables of options.
pub(super) const TEMPLATE: &str = include_str!("settings.template.md");

/// Prints the page.
pub(crate) fn print_settings() -> Result<(), CliError> {
    let command = ServeOptions::augment_args(Command::new("serve"));
    let settings: Vec<_> = command
        .get_arguments()
        .filter(|arg| arg.get_env().is_some())
        .collect();
    let mut tables = String::new();
    let mut seen = HashSet::new();
    for heading in settings.iter().filter_map(|arg| arg.get_help_heading()) {
        if seen.insert(heading) {
            let _ = write!(
                tables,
                "\n## {heading}\n\n| flag | environment | default | |\n|---|---|---|---|\n"
            );
            let of_heading = settings
                .iter()
                .filter(|arg| arg.get_help_heading() == Some(heading));
            tables.extend(of_heading.map(|arg| row(arg)));
        }
    }
    print(
        TEMPLATE
            .replace("<!-- settings -->", tables.trim())
            .as_bytes(),
    )
}

fn row(arg: &Arg) -> String {
    let name = arg.get_long().unwrap_or_default();
    let value = arg.get_value_names().unwrap_or_default().concat();
    let flag = if arg.is_require_equals_set() {
        // An unescaped bar would end the cell.
        format!("--{name}[={}]", value.replace('|', "\\|"))
    } else {
        format!("--{name} {value}")
    };
    let variable = arg.get_env().unwrap_or_default().display();
    let port = if name == "listen" {
        format!(", `{PORT}`")
    } else {
        String::new()
    };
    let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let described = help
        .strip_suffix(']')
        .and_then(|help| help.rsplit_once(" [default: "));
    let (help, described) = described.unwrap_or((&help, "none"));
    let values = arg
        .get_default_values()
        .iter()
        .map(|value| value.to_string_lossy());
    let default = match values.collect::<Vec<_>>().join(",") {
        values if values.is_empty() => described.to_owned(),
        values => format!("`{values}`"),
    };
    let repeated = if matches!(arg.get_action(), ArgAction::Append) {
        "; may be repeated"
    } else {
        ""
    };
    format!("| `{flag}` | `{variable}`{port} | {default} | {help}{repeated} |\n")
}
