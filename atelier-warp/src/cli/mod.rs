//! The command line: what was asked for, by which settings.

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches, Command};
use clap_complete::Shell;

mod elsewhere;
pub(crate) mod exit;
mod failure;
mod follow;
mod given;
mod hints;
mod options;
mod page;
mod paths;
mod print_config;
mod refusals;
mod settings;
mod values;

pub(crate) use failure::{Failure, complain, print, say};
pub(crate) use options::{Admin, LogFormat, Options};
pub(crate) use page::print_settings;
pub(crate) use print_config::print_config;

use elsewhere::OTHERS;
pub(crate) use elsewhere::warn_of_strangers;
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
const NONE: Scope = |_| false;
const MIGRATE: Scope = |setting| ["database-url", "log", "log-format"].contains(&setting.flag);
const HEALTH: Scope = |setting| ["listen", "admin-addr", "production"].contains(&setting.flag);
const DEMO_RESET: Scope = |setting| MIGRATE(setting) || setting.flag == "demo";

/// What the command line and the environment say. Ends the process where the command line can't be understood, or asks for
/// help.
pub(crate) fn parse() -> (Task, Result<Options, Failure>) {
    let matches = command()
        .try_get_matches()
        .unwrap_or_else(|error| hints::add(error).exit());
    let (task, scope, behind): (_, Scope, _) = match matches.subcommand() {
        Some(("migrate", behind)) => (Task::Migrate, MIGRATE, Some(behind)),
        Some(("health", behind)) => (Task::Health, HEALTH, Some(behind)),
        Some(("demo", behind)) => {
            let reset = behind.subcommand_matches("reset");
            (Task::DemoReset, DEMO_RESET, reset)
        }
        Some(("completions", behind)) => (Task::Completions(shell(behind)), NONE, Some(behind)),
        Some(("settings", behind)) => (Task::Settings, NONE, Some(behind)),
        Some((_, behind)) => (Task::Serve, SERVE, Some(behind)),
        None => (Task::Serve, SERVE, None),
    };
    let serves = matches!(task, Task::Serve);
    let printed = |place: &ArgMatches| place.get_flag("print-config");
    let print = printed(&matches) || (serves && behind.is_some_and(printed));
    // Settings stand before a command or behind it.
    let places: Vec<_> = std::iter::once(&matches).chain(behind).collect();
    let resolved = match matches.subcommand_name() {
        Some(command) if print && !serves => Err(refusals::not_of(command, "print-config", scope)),
        _ => given::resolve(&places, scope, |name| std::env::var_os(name)),
    };
    let check =
        matches!(task, Task::Migrate) && behind.is_some_and(|behind| behind.get_flag("check"));
    match resolved {
        Ok((_, given)) if print => (Task::PrintConfig(given), Ok(Options::default())),
        Ok((options, _)) => (task, Ok(Options { check, ..options })),
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
    let check = Arg::new("check")
        .long("check")
        .help("Change nothing, and tell what there is to do: 0 if nothing, 4 if something")
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
        .after_help(after_help())
        .max_term_width(100)
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
                .args(flags(MIGRATE))
                .arg(check),
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

/// What holds for all settings, and what else is read.
fn after_help() -> String {
    let codes = exit::ALL.map(|(code, short, _)| format!("{code} {short}"));
    let others: Vec<_> = OTHERS
        .iter()
        .flat_map(|others| others.names)
        .copied()
        .collect();
    format!(
        "A flag goes before its variable in the environment, and that before the default. A variable that is set to nothing \
         is not set. Settings may stand before a command or behind it. A switch alone is on; =off switches it off.\n\
         Sizes: 64MiB, 512KiB; a plain number is bytes. Times: 500ms, 6s, 10m, 24h; a plain number is seconds.\n\
         Also read: {}.\n\
         Exit codes: {}.",
        others.join(", "),
        codes.join(", ")
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
    let arg = match setting.flag {
        // What other servers call it.
        "listen" => arg.alias("port").short_alias('p'),
        _ => arg,
    };
    match setting.takes {
        // So that -1 is told what it may be, and is not taken for a flag.
        Takes::One if ["N", "SIZE", "TIME"].contains(&setting.value) => {
            arg.allow_hyphen_values(true)
        }
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
