//! Environment variables of options.

use std::env::VarError;
use std::ffi::{OsStr, OsString};

use clap::{Arg, Command, CommandFactory};

use super::Cli;

/// The variable by which hosting platforms set the port of a program.
pub(super) const PORT: &str = "PORT";

/// New and old names of variables. The old ones work until the next minor version.
const RENAMED: [(&str, &str); 1] = [("ATELIER_MAX_RESPONSE_BYTES", "ATELIER_MAX_ANSWER_BYTES")];

/// Returns the value of a variable, unless it is empty: an empty variable counts as not set.
fn value(name: &(impl AsRef<OsStr> + ?Sized)) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// Returns the name under which a variable of an option is set: its own, or an old one.
pub(super) fn name_in_use(variable: &OsStr) -> &OsStr {
    let renamed = RENAMED
        .iter()
        .find(|(new, old)| variable == *new && value(old).is_some());
    match renamed {
        Some((_, old)) if value(variable).is_none() => old.as_ref(),
        _ => variable,
    }
}

/// Prepares a command for parsing: it ignores empty variables, reads renamed ones and `PORT`, and its help shows no values of
/// variables and no Markdown.
pub(super) fn prepare(command: Command) -> Command {
    let port = value(PORT).map(|port| format!("0.0.0.0:{}", port.display()));
    command.mut_subcommands(prepare).mut_args(|arg| {
        let Some(variable) = arg.get_env() else {
            return arg;
        };
        let help = arg.get_help().map(|help| help.to_string().replace('`', ""));
        let arg = arg
            .clone()
            .hide_env_values(true)
            .help(help.unwrap_or_default());
        let variable = name_in_use(variable);
        match &port {
            _ if value(variable).is_some() => arg.env(variable.to_owned()),
            Some(port) if arg.get_id() == "listen" => arg.env(None).default_value(port.clone()),
            _ if std::env::var_os(variable).is_some() => arg.env(None),
            _ => arg,
        }
    })
}

/// Returns the variable from which the option `name` has this value, or a value that is not UTF-8.
pub(super) fn source(command: &Command, name: &str, invalid: &str) -> Option<String> {
    let args = command.get_subcommands().flat_map(Command::get_arguments);
    let args = args.filter(|arg| {
        arg.get_long()
            .is_none_or(|long| long == name || name.is_empty())
    });
    let variables = args.filter_map(Arg::get_env).chain([PORT.as_ref()]);
    let holds = |variable: &OsStr| match std::env::var(variable) {
        Ok(value) if variable == PORT => invalid.strip_prefix("0.0.0.0:") == Some(&*value),
        Ok(value) => !value.is_empty() && value.split(',').any(|part| part == invalid),
        Err(error) => error != VarError::NotPresent,
    };
    let mut variables = variables.filter(|variable| holds(variable));
    variables
        .next()
        .map(|variable| variable.display().to_string())
}

/// Logs a warning for each `ATELIER_*` variable that is no option, and so probably misspelled. Variables that container
/// platforms set for a service named `atelier` are exempt.
pub(crate) fn warn_unknown() {
    let command = Cli::command();
    let args = command.get_subcommands().flat_map(Command::get_arguments);
    let known: Vec<_> = args.filter_map(Arg::get_env).collect();
    for (name, _) in std::env::vars_os() {
        let renamed = RENAMED.iter().any(|(_, old)| name == *old);
        let text = name.to_string_lossy();
        let platform = ["ATELIER_PORT", "ATELIER_SERVICE_"].map(|start| text.starts_with(start));
        if text.starts_with("ATELIER_")
            && !known.contains(&&*name)
            && !renamed
            && platform == [false; 2]
        {
            tracing::warn!(
                variable = &*text,
                "unknown variable ignored; see atelier --help"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::settings_doc::TEMPLATE;

    /// The OpenTelemetry variables that the sources below `folder` name in quotes.
    fn otel_names(folder: &Path) -> Vec<String> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                names.extend(otel_names(&path));
                continue;
            }
            let source = std::fs::read_to_string(&path).expect("a source");
            let quoted = source.split('"').skip(1).step_by(2);
            let is_name = |c: u8| c.is_ascii_uppercase() || c == b'_';
            let quoted =
                quoted.filter(|text| text.starts_with("OTEL_") && text.bytes().all(is_name));
            names.extend(quoted.map(str::to_owned));
        }
        names
    }

    #[test]
    fn every_opentelemetry_variable_of_the_sources_is_documented() {
        let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/observe");
        for name in otel_names(&sources) {
            assert!(TEMPLATE.contains(&format!("`{name}`")), "{name}");
        }
    }
}
