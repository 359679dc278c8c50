//! Command line and environment.

use std::ffi::OsString;
use std::process;

use clap::{ArgMatches, Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use clap_complete::Shell;

mod base_path;
pub(crate) mod environment;
mod errors;
pub(crate) mod exit;
mod options;
mod print_config;
mod settings_doc;
mod values;

pub(crate) use errors::{CliError, complain, print, say, sentence};
pub(crate) use options::{
    AddressOptions, DatabaseOptions, LogFormat, LogOptions, MigrateOptions, ResetOptions,
    ServeOptions,
};
pub(crate) use print_config::print_config;
pub(crate) use settings_doc::print_settings;

/// Products, reviews, questions, cart and interactions of a retail site over HTTP.
///
/// Without a database, it serves a demo catalogue from an embedded SQLite file.
#[derive(Parser)]
#[command(name = "atelier", version, max_term_width = 100, args_override_self = true, after_help = AFTER_HELP)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// A command with its options.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Serve the API (the default)
    Serve(Box<ServeOptions>),
    /// Bring the schema of the database up to date
    Migrate(MigrateOptions),
    /// Check whether the server with these settings is ready: exit with 0 if it is, else with 1
    Health(AddressOptions),
    /// Manage the demo catalogue
    #[command(subcommand)]
    Demo(DemoCommand),
    /// Print a completion script for a shell
    Completions { shell: Shell },
    /// Print docs/settings.md
    #[command(hide = true)]
    Settings,
}

/// A command about the demo.
#[derive(Subcommand)]
pub(crate) enum DemoCommand {
    /// Recreate the demo and drop additions to it
    Reset(ResetOptions),
}

const AFTER_HELP: &str = "\
    A flag overrides its environment variable, and that overrides the default. An empty variable counts as not set. \
    Settings may precede or follow a command. A switch alone means on; =off turns it off.\n\
    Sizes: 64MiB, 512KiB; a plain number is in bytes. Durations: 500ms, 6s, 10m, 24h; a plain number is in seconds.\n\
    Other variables: OTEL_* of OpenTelemetry, PG* of PostgreSQL, HTTPS_PROXY and ALL_PROXY, LISTEN_FDS of systemd, \
    XDG_DATA_HOME, HOME and NO_COLOR.\n\
    Exit codes: 0 success, 1 error, 2 invalid setting, 3 database unreachable, 4 schema mismatch, 5 too many rejects, \
    130 interrupted.";

/// Returns the command line with the options of `serve` at its root, for help and completions.
pub(crate) fn full_command() -> clap::Command {
    let serve = ServeOptions::augment_args(clap::Command::new("serve"));
    Cli::command()
        .args(serve.get_arguments())
        .subcommand_required(false)
}

/// Parses the command line and the environment. Ends the process on an error, and after help.
pub(crate) fn parse() -> (Command, ArgMatches) {
    let arguments = command_first(std::env::args_os());
    let name = arguments.get(1).and_then(|argument| argument.to_str());
    let has_command = name.is_some_and(|name| Cli::command().find_subcommand(name).is_some());
    // With a command, the variables of the options at the root must not be parsed a second time.
    let root = if has_command {
        Cli::command()
    } else {
        full_command()
    };
    let mut command = environment::prepare(root);
    let matches = command.try_get_matches_from_mut(&arguments);
    let parsed = matches.and_then(|matches| Ok((Cli::from_arg_matches(&matches)?, matches)));
    match parsed {
        Ok((cli, mut matches)) => {
            let options = matches.remove_subcommand().map(|(_, options)| options);
            (cli.command, options.unwrap_or_default())
        }
        Err(error) if name == Some("health") && error.use_stderr() => {
            // A supervisor knows no other codes of a health check than 0 and 1.
            let _ = errors::explain(error, &command).print();
            process::exit(i32::from(exit::RUNNING))
        }
        Err(error) => errors::explain(error, &command).exit(),
    }
}

/// Moves the command in front of the options that precede it; without one, adds `serve`.
fn command_first(arguments: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let root = full_command();
    let mut arguments = arguments.into_iter();
    let mut path: Vec<_> = arguments.next().into_iter().collect();
    let mut options = Vec::new();
    let mut command = &root;
    while let Some(argument) = arguments.next() {
        let text = argument.to_string_lossy().into_owned();
        options.push(argument);
        if let Some(found) = command.find_subcommand(&text) {
            command = found;
            path.extend(options.pop());
        } else if path.len() > 1 || !text.starts_with('-') {
            break;
        } else if takes_next_argument(&root, &text) {
            options.extend(arguments.next());
        }
    }
    options.extend(arguments);
    let is_flag = |option: &OsString| option.to_string_lossy().starts_with('-');
    let is_help = |option: &OsString| HELP.iter().any(|help| option == help);
    if path.len() == 1 && options.first().is_none_or(is_flag) && !options.iter().any(is_help) {
        path.push("serve".into());
    }
    path.extend(options);
    path
}

/// Flags of the root, without values.
const HELP: [&str; 4] = ["-h", "--help", "-V", "--version"];

/// Whether the argument after `flag` is its value.
fn takes_next_argument(root: &clap::Command, flag: &str) -> bool {
    let stands_alone = |arg: &clap::Arg| {
        let long = arg
            .get_long()
            .is_some_and(|long| flag.strip_prefix("--") == Some(long));
        long && (!arg.get_action().takes_values() || arg.is_require_equals_set())
    };
    let has_value = flag.contains('=') || (!flag.starts_with("--") && flag.len() > 2);
    !has_value && !HELP.contains(&flag) && !root.get_arguments().any(stands_alone)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(arguments: &[&str]) -> Result<Command, String> {
        let arguments = arguments.iter().map(OsString::from);
        let arguments = command_first([OsString::from("atelier")].into_iter().chain(arguments));
        let mut command = Cli::command();
        let matches = command.try_get_matches_from_mut(arguments);
        let cli = matches.and_then(|matches| Cli::from_arg_matches(&matches));
        cli.map(|cli| cli.command)
            .map_err(|error| errors::explain(error, &command).to_string())
    }

    fn served(arguments: &[&str]) -> ServeOptions {
        match parsed(arguments) {
            Ok(Command::Serve(options)) => *options,
            Ok(_) => panic!("{arguments:?}: another command"),
            Err(error) => panic!("{arguments:?}: {error}"),
        }
    }

    fn error(arguments: &[&str]) -> String {
        parsed(arguments).err().expect("an error")
    }

    #[test]
    fn command_line_is_consistent() {
        full_command().debug_assert();
        Cli::command().debug_assert();
    }

    #[test]
    fn variables_are_named_after_flags() {
        for arg in full_command().get_arguments() {
            let flag = arg
                .get_long()
                .unwrap_or_default()
                .to_uppercase()
                .replace('-', "_");
            if let Some(variable) = arg.get_env() {
                let expected = if flag.starts_with("DATABASE") {
                    flag
                } else {
                    format!("ATELIER_{flag}")
                };
                assert_eq!(variable, &*expected);
            }
        }
    }

    #[test]
    fn defaults_are_those_of_the_libraries() {
        let options = served(&[]);
        assert_eq!(
            options.store_options(),
            atelier_core::StoreOptions::default()
        );
        assert_eq!(options.limits(), atelier_core::Limits::default());
        assert_eq!(
            options.http_settings(),
            atelier_core::http::HttpSettings::default()
        );
        assert_eq!(
            options.server_config(),
            atelier_warp::serve::ServerConfig::default()
        );
    }

    #[test]
    fn options_precede_or_follow_the_command() {
        let listen = |arguments: &[&str]| match parsed(arguments) {
            Ok(Command::Health(options)) => options.listen.port(),
            _ => panic!("{arguments:?}"),
        };
        assert_eq!(listen(&["-p", "1", "health"]), 1);
        assert_eq!(listen(&["health", "--port=2"]), 2);
        assert_eq!(listen(&["--listen", "1", "health", "--listen", "2"]), 2);
        let reset = parsed(&["--demo", "2", "demo", "reset", "--log", "debug"]);
        assert!(matches!(
            reset,
            Ok(Command::Demo(DemoCommand::Reset(ResetOptions {
                demo: 2,
                ..
            })))
        ));
        let tokens = served(&["--read-only", "--token", "a,b", "serve", "--token", "c"]);
        assert_eq!(tokens.http_settings().tokens, ["a", "b", "c"]);
        assert_eq!(served(&["--campus", "migrate"]).api.campus, "migrate");
        error(&["--max-rows", "5", "migrate"]);
    }

    #[test]
    fn switch_without_value_is_on() {
        let read_only = |arguments: &[&str]| served(arguments).api.read_only;
        assert!(!read_only(&[]));
        assert!(read_only(&["--read-only"]));
        assert!(!read_only(&["--read-only", "--read-only=off"]));
    }

    #[test]
    fn production_moves_probes_off_public_port() {
        let admin = |arguments: &[&str]| {
            let addresses = served(arguments).addresses;
            let admin = addresses
                .admin()
                .and_then(|admin| admin.resolve(addresses.listen));
            admin.map(|admin| admin.to_string())
        };
        assert_eq!(admin(&[]), None);
        assert_eq!(admin(&["--production"]), None);
        let public = ["--production", "--listen", "0.0.0.0:80"];
        assert_eq!(admin(&public).as_deref(), Some("127.0.0.1:3001"));
        let above = ["--listen", "127.0.0.1:3002", "--admin-addr", "+10000"];
        assert_eq!(admin(&above).as_deref(), Some("127.0.0.1:13002"));
    }

    #[test]
    fn flag_of_another_program_is_answered_with_ours() {
        for (arguments, ours) in [
            (&["--host", "0.0.0.0"][..], "--listen 0.0.0.0:4000"),
            (&["--host=0.0.0.0"], "--listen 0.0.0.0:4000"),
            (&["-H", "x"], "--listen 0.0.0.0:4000"),
            (&["--db", "shop.db"], "--database-url sqlite:shop.db"),
            (&["-v"], "--log debug"),
            (&["health", "--host", "x"], "--listen 0.0.0.0:4000"),
            (&["--listne", "1"], "'--listen'"),
            (&["postgres://a:b@c/d"], "'***'"),
        ] {
            let error = error(arguments);
            assert!(error.contains(ours), "{arguments:?}: {error}");
        }
    }

    #[test]
    fn invalid_url_and_token_are_masked() {
        for flag in ["--database-url", "--database-read-url"] {
            let error = error(&[flag, "mysql://app:hunter2@db/shop"]);
            assert!(
                error.contains(&format!("invalid value '***' for '{flag} <URL>'")),
                "{error}"
            );
        }
        // An empty token would let every client in.
        error(&["--token", ""]);
    }
}
