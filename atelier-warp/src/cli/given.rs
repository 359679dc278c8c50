//! Which value a setting has, and where that comes from.

use std::ffi::OsString;

use clap::ArgMatches;
use clap::parser::ValueSource;

use super::follow::follow;
use super::refusals::{cant_be, not_of};
use super::settings::{Setting, Takes, Unset};
use super::values::Wrong;
use super::{Failure, Options, Scope, exit, settings, within};

/// Where a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    Default,
    /// `--production` brought it.
    Production,
    /// `--base-path` did.
    BasePath,
    /// This variable of the environment.
    Variable(&'static str),
    CommandLine,
}

/// A setting with its values.
pub(crate) struct Given {
    pub(super) setting: &'static Setting,
    pub(super) values: Vec<String>,
    pub(super) source: Source,
}

/// The settings of `scope`: what they come to, and each by itself. They stand in one of the `places` of the command line or in
/// several, the first of which takes all settings, and the last counts.
pub(crate) fn resolve(
    places: &[&ArgMatches],
    scope: Scope,
    environment: impl Fn(&str) -> Option<OsString>,
) -> Result<(Options, Vec<Given>), Failure> {
    let mut options = Options::default();
    let mut all = Vec::new();
    if let [first, ..] = places
        && let Some(command) = first.subcommand_name()
        && let Some(other) =
            settings::all().find(|setting| !scope(setting) && is_given(first, setting))
    {
        return Err(not_of(command, other.flag, scope));
    }
    for setting in within(scope) {
        let given = given(setting, places, &environment)?;
        if !given.values.is_empty() {
            (setting.set)(&mut options, &given.values).map_err(|wrong| cant_be(&given, &wrong))?;
        }
        all.push(given);
    }
    follow(&mut options, &mut all)?;
    Ok((options, all))
}

fn is_given(place: &ArgMatches, setting: &Setting) -> bool {
    place.value_source(setting.flag) == Some(ValueSource::CommandLine)
}

/// The values of a setting, from where they are first found.
fn given(
    setting: &'static Setting,
    places: &[&ArgMatches],
    environment: impl Fn(&str) -> Option<OsString>,
) -> Result<Given, Failure> {
    let mut places = places
        .iter()
        .filter(|place| is_given(place, setting))
        .peekable();
    if places.peek().is_some() {
        let values = places.filter_map(|place| place.get_many::<String>(setting.flag));
        return part(
            setting,
            values.flatten().map(String::as_str),
            Source::CommandLine,
        );
    }
    for (variable, before) in setting.variables() {
        // One that is set to nothing is not set.
        let Some(value) = environment(variable).filter(|value| !value.is_empty()) else {
            continue;
        };
        let Ok(value) = value.into_string() else {
            return Err(Failure::new(
                format!("{variable} can't be read."),
                "It is no UTF-8.",
                format!("Give such as: {variable}={}", setting.example),
            )
            .code(exit::SETTING));
        };
        let value = [before, &value].concat();
        return part(
            setting,
            std::iter::once(&*value),
            Source::Variable(variable),
        );
    }
    let default = match setting.unset {
        Unset::Is(text) => Some(text),
        Unset::Nothing(_) => None,
    };
    part(setting, default.into_iter(), Source::Default)
}

/// The values, parted at commas where there may be several; otherwise the last.
fn part<'a>(
    setting: &'static Setting,
    values: impl Iterator<Item = &'a str>,
    source: Source,
) -> Result<Given, Failure> {
    let values: Vec<String> = if setting.takes == Takes::Several {
        let parts = values.flat_map(|value| value.split(',').map(str::trim));
        let parts = parts.filter(|part| !part.is_empty());
        parts.map(str::to_owned).collect()
    } else {
        values.last().map(str::to_owned).into_iter().collect()
    };
    let given = Given {
        setting,
        values,
        source,
    };
    // Commas alone: nobody means that, and of tokens it would let everybody in.
    if given.values.is_empty() && source != Source::Default {
        let wrong = Wrong {
            value: ",".to_owned(),
            expected: "at least one value".to_owned(),
        };
        return Err(cant_be(&given, &wrong));
    }
    Ok(given)
}

#[cfg(test)]
mod tests {
    use super::super::{SERVE, command};
    use super::*;

    fn resolved(arguments: &[&str], environment: &[(&str, &str)]) -> Result<Options, String> {
        let arguments = std::iter::once(&"atelier").chain(arguments);
        let matches = command().get_matches_from(arguments);
        let variable = |name: &str| {
            let set = environment.iter().find(|(variable, _)| *variable == name);
            set.map(|(_, value)| OsString::from(value))
        };
        let resolved = resolve(&[&matches], SERVE, variable);
        resolved
            .map(|(options, _)| options)
            .map_err(|failure| failure.to_string())
    }

    #[test]
    fn a_flag_goes_before_its_variable_and_that_before_the_default() {
        let rows = |arguments: &[&str], environment: &[(&str, &str)]| {
            resolved(arguments, environment)
                .expect("good")
                .limits
                .max_rows
        };
        let variable = [("ATELIER_MAX_ROWS", "7")];
        assert_eq!(rows(&[], &[]), 10_000);
        assert_eq!(rows(&[], &variable), 7);
        assert_eq!(rows(&["--max-rows", "8"], &variable), 8);
        assert_eq!(rows(&[], &[("ATELIER_MAX_ROWS", "")]), 10_000);
    }

    #[test]
    fn a_platform_that_names_a_port_reaches_it() {
        let listen = |environment: &[(&str, &str)]| {
            resolved(&[], environment).map(|options| options.listen.to_string())
        };
        assert_eq!(listen(&[("PORT", "8080")]), Ok("0.0.0.0:8080".to_owned()));
        let both = [("PORT", "8080"), ("ATELIER_LISTEN", "127.0.0.1:1")];
        assert_eq!(listen(&both), Ok("127.0.0.1:1".to_owned()));
        listen(&[("PORT", "http")]).expect_err("no port");
    }

    #[test]
    fn address_may_be_a_port_or_a_name_of_this_machine() {
        for arguments in [
            ["--listen", "4000"],
            ["--listen", ":4000"],
            ["--listen", "localhost:4000"],
            ["--listen", "LocalHost:4000"],
            ["--port", "4000"],
            ["-p", "4000"],
        ] {
            let listen = resolved(&arguments, &[]).map(|options| options.listen.to_string());
            assert_eq!(listen, Ok("127.0.0.1:4000".to_owned()), "{arguments:?}");
        }
        for wrong in ["70000", ":x", "localhost", "shop.example:4000", ""] {
            resolved(&[&*format!("--listen={wrong} ")], &[]).expect_err(wrong);
        }
    }

    #[test]
    fn a_switch_is_on_by_itself_and_can_be_switched_off_again() {
        let variable = [("ATELIER_READ_ONLY", "yes")];
        let read_only = |arguments: &[&str], environment: &[(&str, &str)]| {
            resolved(arguments, environment)
                .expect("good")
                .limits
                .read_only
        };
        assert!(!read_only(&[], &[]));
        assert!(read_only(&["--read-only"], &[]));
        assert!(read_only(&[], &variable));
        assert!(!read_only(&["--read-only=off"], &variable));
    }

    #[test]
    fn tokens_add_up_and_nothing_is_no_token() {
        let tokens = |arguments: &[&str], environment: &[(&str, &str)]| {
            resolved(arguments, environment).map(|options| options.settings.tokens)
        };
        let several = tokens(&["--token", "a,b", "--token", "c"], &[]);
        assert_eq!(several, Ok(["a", "b", "c"].map(str::to_owned).to_vec()));
        assert_eq!(tokens(&[], &[("ATELIER_TOKEN", "")]), Ok(vec![]));
        let lost = tokens(&[], &[("ATELIER_TOKEN", " ,")]).expect_err("no token");
        assert!(lost.contains("--token can't be what was given."), "{lost}");
    }

    #[test]
    fn in_production_probes_are_not_public() {
        let admin = |arguments: &[&str]| {
            let options = resolved(arguments, &[]).expect("good");
            assert_eq!(options.admin.is_none(), options.serving.probes);
            let admin = options
                .admin
                .and_then(|admin| admin.address(options.listen));
            admin.map(|admin| admin.to_string())
        };
        assert_eq!(admin(&[]), None);
        assert_eq!(admin(&["--production"]), None);
        let public = admin(&["--production", "--listen", "0.0.0.0:80"]);
        assert_eq!(public.as_deref(), Some("127.0.0.1:3001"));
        let moved = admin(&["--production", "--admin-addr", "127.0.0.1:9"]);
        assert_eq!(moved.as_deref(), Some("127.0.0.1:9"));
        let above = admin(&["--listen", "127.0.0.1:3002", "--admin-addr", "+10000"]);
        assert_eq!(above.as_deref(), Some("127.0.0.1:13002"));
    }
}
