//! Why a setting is refused.

use super::given::{Given, Source};
use super::settings::{Shown, Takes};
use super::values::Wrong;
use super::{Failure, Scope, exit, within};

/// That a command has other settings.
pub(super) fn not_of(command: &str, flag: &str, scope: Scope) -> Failure {
    let known: Vec<_> = within(scope)
        .map(|setting| format!("--{}", setting.flag))
        .collect();
    let why = if known.is_empty() {
        "It has none.".to_owned()
    } else {
        format!("It has: {}.", known.join(", "))
    };
    Failure::new(
        format!("--{flag} is no setting of `atelier {command}`."),
        why,
        format!("Leave it out. For more: atelier {command} --help"),
    )
    .code(exit::SETTING)
}

/// That a setting can't have the value it was given.
pub(super) fn cant_be(given: &Given, wrong: &Wrong) -> Failure {
    let Given {
        setting, source, ..
    } = given;
    let Wrong { value, expected } = wrong;
    let value = match setting.shown {
        Shown::AsItIs => format!("`{value}`"),
        _ => "what was given".to_owned(),
    };
    let from = match source {
        Source::Variable(variable) => format!("; it comes from the environment, {variable}"),
        _ => String::new(),
    };
    // A switch may stand alone, so its value has to be tied to it.
    let tie = if setting.takes == Takes::Switch {
        '='
    } else {
        ' '
    };
    Failure::new(
        format!("--{} can't be {value}.", setting.flag),
        format!("It must be {expected}{from}."),
        format!("Give such as: --{}{tie}{}", setting.flag, setting.example),
    )
    .code(exit::SETTING)
}
