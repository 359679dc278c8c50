//! Names and email addresses of reviewers, askers and answerers.

use fastrand::Rng;

use super::data::DATA;

/// Returns the name and the email address under which the shop answers.
pub(super) fn seller() -> (String, String) {
    ("Seller".to_owned(), "hello@shop.example".to_owned())
}

/// Returns the name and the email address of a customer. No address exists: `example` is a reserved domain.
pub(super) fn customer(rng: &mut Rng) -> (String, String) {
    let people = &DATA.people;
    let first = people.first_names.pick(rng);
    let adjective = people.adjectives.pick(rng);
    let noun = people.nouns.pick(rng);
    let name = match rng.u32(..8) {
        0 | 1 => first.clone(),
        2 => format!("{first} {}", rng.char('A'..='Z')),
        3 => format!("{adjective}_{noun}"),
        4 => format!("{noun}{}", rng.u32(7..=99)),
        5 => format!("{first} the {noun}"),
        6 => format!("{adjective}{noun}"),
        _ => format!("{}_{noun}", first.to_lowercase()),
    };
    let number = rng.u32(1..=999);
    let host = people.mail_hosts.pick(rng);
    (name, format!("{adjective}.{noun}{number}@{host}.example"))
}
