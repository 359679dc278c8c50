//! The command line: what was asked for, by which settings.

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches, Command};
use clap_complete::Shell;

mod failure;
mod given;
mod options;
mod page;
mod print_config;
mod settings;
mod values;

pub(crate) use failure::{Failure, complain, say};
pub(crate) use options::{LogFormat, Options};
pub(crate) use page::print as print_settings;
pub(crate) use print_config::print_config;

use given::Given;
use settings::{SECTIONS, Setting, Takes, Unset, all};

/// What is to be done.
pub(crate) enum Task {
    Serve,
    /// Tell the settings and where they come from.
    PrintConfig(Vec<Given>),
    Migrate,
    Health,
    DemoReset,
    Completions(Shell),
    /// Write the page about the settings.
    Settings,
}

/// What a command has of the table: the flags of these settings.
type Scope = fn(&Setting) -> bool;

const SERVE: Scope = |_| true;
const MIGRATE: Scope = |setting| ["database-url", "log", "log-format"].contains(&setting.flag);
const HEALTH: Scope = |setting| ["listen", "admin-addr", "production"].contains(&setting.flag);
const DEMO_RESET: Scope = |setting| MIGRATE(setting) || setting.flag == "demo";

/// What the command line and the environment say. Ends the process where the command line can't be understood, or asks for
/// help.
pub(crate) fn parse() -> (Task, Result<Options, Failure>) {
    let matches = command().get_matches();
    let (task, scope, matches): (_, Scope, _) = match matches.subcommand() {
        Some(("migrate", matches)) => (Task::Migrate, MIGRATE, matches),
        Some(("health", matches)) => (Task::Health, HEALTH, matches),
        Some(("demo", matches)) => {
            let reset = matches.subcommand_matches("reset");
            (Task::DemoReset, DEMO_RESET, reset.unwrap_or(matches))
        }
        Some(("completions", matches)) => (Task::Completions(shell(matches)), |_| false, matches),
        Some(("settings", matches)) => (Task::Settings, |_| false, matches),
        Some((_, matches)) => (Task::Serve, SERVE, matches),
        None => (Task::Serve, SERVE, &matches),
    };
    let asked_to_print = matches!(task, Task::Serve) && matches.get_flag("print-config");
    match given::resolve(matches, scope, |name| std::env::var_os(name)) {
        Ok((_, given)) if asked_to_print => (Task::PrintConfig(given), Ok(Options::default())),
        Ok((options, _)) => (task, Ok(options)),
        Err(failure) => (task, Err(failure)),
    }
}

fn shell(matches: &ArgMatches) -> Shell {
    match matches.get_one::<String>("shell").map(String::as_str) {
        Some("zsh") => Shell::Zsh,
        Some("fish") => Shell::Fish,
        _ => Shell::Bash,
    }
}

/// The command line.
pub(crate) fn command() -> Command {
    let print = Arg::new("print-config")
        .long("print-config")
        .help("Print every setting with its value and where that comes from, and end")
        .action(ArgAction::SetTrue);
    let shell = Arg::new("shell")
        .required(true)
        .value_parser(PossibleValuesParser::new(["bash", "zsh", "fish"]));
    let reset = Command::new("reset")
        .about("Make the demo anew; what was added to it goes")
        .args(flags(DEMO_RESET));
    Command::new("atelier")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Products, reviews, questions, cart and interactions of a retail site over HTTP")
        .long_about(
            "Products, reviews, questions, cart and interactions of a retail site over HTTP.\n\n\
             With no database named it serves a demo catalogue from an embedded SQLite file.",
        )
        .after_help(
            "A flag goes before its variable in the environment, and that before the default. A variable that is set to \
             nothing is not set.\n\
             Sizes: 64MiB, 512KiB; a plain number is bytes. Times: 500ms, 6s, 10m, 24h; a plain number is seconds.\n\
             Exit codes: 0 fine, 1 it can't go on, 2 a wrong setting, 3 the database can't be reached, 4 its schema is of \
             another version, 130 interrupted.",
        )
        .max_term_width(100)
        .args_conflicts_with_subcommands(true)
        .args(flags(SERVE))
        .arg(&print)
        .subcommand(
            Command::new("serve")
                .about("Serve the API (the default)")
                .args(flags(SERVE))
                .arg(print),
        )
        .subcommand(
            Command::new("migrate")
                .about("Bring the database's schema up to date")
                .args(flags(MIGRATE)),
        )
        .subcommand(
            Command::new("health")
                .about("Ask the server with these settings whether it is ready: 0 if so, else 1")
                .args(flags(HEALTH)),
        )
        .subcommand(
            Command::new("demo")
                .about("The demo catalogue")
                .subcommand_required(true)
                .arg_required_else_help(true)
                .subcommand(reset),
        )
        .subcommand(
            Command::new("completions")
                .about("Print what completes this command line in a shell")
                .arg(shell),
        )
        .subcommand(
            Command::new("settings")
                .about("Print docs/settings.md")
                .hide(true),
        )
}

/// The flags of settings.
fn flags(scope: Scope) -> Vec<Arg> {
    let in_section = |section: &'static settings::Section| {
        let settings = section
            .settings
            .iter()
            .filter(move |setting| scope(setting));
        settings.map(|setting| flag(setting).help_heading(section.title))
    };
    SECTIONS.iter().flat_map(in_section).collect()
}

fn flag(setting: &Setting) -> Arg {
    let names: Vec<_> = setting.variables().map(|(name, _)| name).collect();
    let default = match setting.unset {
        Unset::Is(text) | Unset::Nothing(text) => text,
    };
    let help = format!(
        "{} [default: {default}] [env: {}]",
        setting.help.replace('`', ""),
        names.join(", ")
    );
    let arg = Arg::new(setting.flag)
        .long(setting.flag)
        .value_name(setting.value)
        .help(help)
        // One that is empty would be as if it were not there, and the setting of a token would open what it is to close.
        .value_parser(clap::builder::NonEmptyStringValueParser::new());
    match setting.takes {
        Takes::One => arg,
        Takes::OneOf(values) => arg.value_parser(PossibleValuesParser::new(values)),
        Takes::Several => arg.action(ArgAction::Append),
        Takes::Switch => arg
            .num_args(0..=1)
            .require_equals(true)
            .default_missing_value("on"),
    }
}

/// The settings of a scope.
fn within(scope: Scope) -> impl Iterator<Item = &'static Setting> {
    all().filter(move |setting| scope(setting))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_command_line_is_well_made() {
        super::command().debug_assert();
    }
}
