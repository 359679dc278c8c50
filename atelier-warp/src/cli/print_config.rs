//! `--print-config`.

use std::fmt::Write;

use super::failure::{Failure, print};
use super::given::{Given, Source};
use super::settings::Unset;

/// Prints a line for each setting: its name, its value, and where that comes from.
pub(crate) fn print_config(all: &[Given]) -> Result<(), Failure> {
    let value = |given: &Given| match (&*given.values, given.setting.unset) {
        ([], Unset::Nothing(words) | Unset::Is(words)) => format!("({words})"),
        (values, _) => {
            let shown = values.iter().map(|value| given.setting.shown(value));
            shown.collect::<Vec<_>>().join(",")
        }
    };
    let values: Vec<_> = all.iter().map(value).collect();
    let width = |lengths: &mut dyn Iterator<Item = usize>| lengths.max().unwrap_or(0);
    let flags = width(&mut all.iter().map(|given| given.setting.flag.len()));
    let widest = width(&mut values.iter().map(String::len));
    let mut text = String::new();
    for (given, value) in all.iter().zip(values) {
        let source = match given.source {
            Source::Default => "default".to_owned(),
            Source::Production => "default with --production".to_owned(),
            Source::BasePath => "default with --base-path".to_owned(),
            Source::Variable(variable) => variable.to_owned(),
            Source::CommandLine => format!("--{}", given.setting.flag),
        };
        let _ = writeln!(
            text,
            "{:flags$}  {value:widest$}  {source}",
            given.setting.flag
        );
    }
    print(text.as_bytes())
}
