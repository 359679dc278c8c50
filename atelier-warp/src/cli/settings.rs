//! The one table of settings. `--help`, the parser, the environment, `--print-config` and `docs/settings.md` are made of it.

use super::options::Options;
use super::values::Parsed;

mod access;
mod answers;
mod database;
mod serving;

/// A setting: a row of the table.
pub(crate) struct Setting {
    /// Its name on the command line, without the dashes.
    pub(crate) flag: &'static str,
    /// Its name in the environment.
    pub(crate) variable: &'static str,
    /// Another name there, of others' making, with what is put before its value; ours goes before it.
    pub(crate) also: Option<(&'static str, &'static str)>,
    pub(crate) takes: Takes,
    /// How its value is called.
    pub(crate) value: &'static str,
    pub(crate) unset: Unset,
    /// A value that somebody may want.
    pub(crate) example: &'static str,
    pub(crate) shown: Shown,
    pub(crate) help: &'static str,
    /// Puts the values where they are wanted; there is at least one.
    pub(crate) set: fn(&mut Options, &[String]) -> Parsed<()>,
}

/// How many values a setting takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Takes {
    One,
    /// One of these.
    OneOf(&'static [&'static str]),
    /// Any number: the flag may be repeated, and between two values there may be a comma.
    Several,
    /// `on` or `off`; the flag alone is `on`.
    Switch,
}

/// What holds where nothing is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unset {
    /// These values, with commas between.
    Is(&'static str),
    /// No value: in words, what happens then.
    Nothing(&'static str),
}

/// How a value is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shown {
    AsItIs,
    /// The address of a database, without what may be its password.
    WithoutPassword,
    /// Not at all.
    Masked,
}

/// Settings that belong together.
pub(crate) struct Section {
    pub(crate) title: &'static str,
    pub(crate) settings: &'static [Setting],
}

/// The table.
pub(crate) const SECTIONS: &[Section] = &[
    database::SECTION,
    serving::ADDRESSES,
    answers::SECTION,
    serving::LIMITS,
    serving::ENDING,
    access::SECTION,
    access::LOG,
];

/// All rows.
pub(crate) fn all() -> impl Iterator<Item = &'static Setting> {
    SECTIONS.iter().flat_map(|section| section.settings)
}

impl Setting {
    /// What is shown of a value.
    pub(crate) fn shown(&self, value: &str) -> String {
        match self.shown {
            Shown::AsItIs => value.to_owned(),
            Shown::WithoutPassword => match atelier_core::DatabaseUrl::parse(value) {
                Ok(url) => url.to_string(),
                Err(_) => "***".to_owned(),
            },
            Shown::Masked => "***".to_owned(),
        }
    }

    /// The names in the environment, the first of which goes before the others, each with what is put before its value.
    pub(crate) fn variables(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        std::iter::once((self.variable, "")).chain(self.also)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<String> {
        text.split(',').map(str::to_owned).collect()
    }

    #[test]
    fn what_the_table_calls_default_is_what_the_library_does() {
        let mut options = Options::default();
        for setting in all() {
            if let Unset::Is(text) = setting.unset {
                let set = (setting.set)(&mut options, &values(text));
                assert_eq!(set, Ok(()), "{}", setting.flag);
            }
        }
        assert_eq!(options, Options::default());
    }

    #[test]
    fn every_example_is_taken_and_changes_something() {
        let token_file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(token_file.path(), "one\n\ntwo\n").expect("tokens");
        for setting in all() {
            let mut options = Options::default();
            let example = match setting.flag {
                "token-file" => token_file.path().display().to_string(),
                _ => setting.example.to_owned(),
            };
            let set = (setting.set)(&mut options, &values(&example));
            assert_eq!(set, Ok(()), "{}", setting.flag);
            assert_ne!(options, Options::default(), "{}", setting.flag);
        }
    }

    #[test]
    fn names_follow_from_each_other_and_are_there_once() {
        let mut names = std::collections::BTreeSet::new();
        for setting in all() {
            let ours = format!("ATELIER_{}", setting.flag.to_uppercase().replace('-', "_"));
            let ours = match setting.flag {
                "database-url" | "database-read-url" => &ours["ATELIER_".len()..],
                _ => &ours,
            };
            assert_eq!(setting.variable, ours);
            for (variable, _) in setting.variables() {
                assert!(names.insert(variable), "{variable}");
            }
        }
    }
}
