//! `--print-config`.

use std::fmt::Write;

use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Args, Command};

use super::environment::{PORT, name_in_use};
use super::errors::{CliError, SECRET, print};
use super::options::ServeOptions;
use super::values::AdminAddress;

/// Prints a line for each setting: its name, its effective value without secrets, and the source of the value.
pub(crate) fn print_config(options: &ServeOptions, matches: &ArgMatches) -> Result<(), CliError> {
    let command = ServeOptions::augment_args(Command::new("serve"));
    let mut lines = Vec::new();
    for arg in command
        .get_arguments()
        .filter(|arg| arg.get_env().is_some())
    {
        let name = arg.get_long().unwrap_or_default().to_owned();
        let value = match value(arg, options, matches) {
            value if value.is_empty() => "(none)".to_owned(),
            value => value,
        };
        lines.push([name, value, source(arg, options, matches)]);
    }
    let width = |column: usize| {
        lines
            .iter()
            .map(|line| line[column].len())
            .max()
            .unwrap_or(0)
    };
    let (names, values) = (width(0), width(1));
    let mut text = String::new();
    for [name, value, source] in lines {
        let _ = writeln!(text, "{name:names$}  {value:values$}  {source}");
    }
    print(text.as_bytes())
}

/// Returns the effective value, or an empty text without one.
fn value(arg: &Arg, options: &ServeOptions, matches: &ArgMatches) -> String {
    match arg.get_long().unwrap_or_default() {
        "database-url" => options.database.url().to_string(),
        "database-read-url" => {
            let urls = options.pool.database_read_url.iter();
            urls.map(ToString::to_string).collect::<Vec<_>>().join(",")
        }
        "pool-size" => options.pool_size().get().to_string(),
        "demo" => options.demo_products().to_string(),
        "pages" if options.api.pages() => "on".to_owned(),
        "pages" => "off".to_owned(),
        "admin-addr" => match options.addresses.admin() {
            None => String::new(),
            Some(AdminAddress::Fixed(address)) => address.to_string(),
            Some(AdminAddress::PortOffset(offset)) => format!("+{offset}"),
        },
        name => {
            let masked = SECRET.contains(&name).then_some("***".into());
            let raw = matches.get_raw(arg.get_id().as_str()).into_iter().flatten();
            let shown = raw.map(|value| masked.clone().unwrap_or(value.to_string_lossy()));
            shown.collect::<Vec<_>>().join(",")
        }
    }
}

/// Returns where the value comes from.
fn source(arg: &Arg, options: &ServeOptions, matches: &ArgMatches) -> String {
    let name = arg.get_long().unwrap_or_default();
    match matches.value_source(arg.get_id().as_str()) {
        Some(ValueSource::CommandLine) => format!("--{name}"),
        Some(ValueSource::EnvVariable) => {
            let variable = name_in_use(arg.get_env().unwrap_or_default());
            variable.display().to_string()
        }
        _ if name == "listen" && options.addresses.listen.ip().is_unspecified() => PORT.to_owned(),
        _ if name == "admin-addr" && options.addresses.admin().is_some() => {
            "default with --production".to_owned()
        }
        _ if name == "pages" && !options.api.pages() => "default with --base-path".to_owned(),
        _ => "default".to_owned(),
    }
}
