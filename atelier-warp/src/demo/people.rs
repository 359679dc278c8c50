//! Invented customers.

use super::random::Random;

const FIRST: [&str; 56] = [
    "Mara", "Teo", "Ingrid", "Zoë", "Samir", "Hanna", "Luca", "Noor", "Jonas", "Aiko", "Pia",
    "Ravi", "Elin", "Marek", "Yara", "Otis", "Greta", "Davide", "Amina", "Sören", "Clara", "Kofi",
    "Maud", "Emre", "Lotte", "René", "Tess", "Viktor", "Ines", "Bram", "Saoirse", "Paul", "Chloé",
    "Anton", "Mei", "Ruth", "Felix", "Leïla", "Hugo", "Dagny", "Omar", "Nina", "Arthur", "Béa",
    "Kai", "Ottilie", "Jean", "Priya", "Sven", "Wanda", "Idris", "Lin", "Agnes", "Rafa", "Tove",
    "Milan",
];
const MANNERS: [&str; 24] = [
    "rainy",
    "quiet",
    "early",
    "mossy",
    "salty",
    "sunny",
    "windy",
    "northern",
    "urban",
    "lucky",
    "sleepy",
    "amber",
    "wandering",
    "curious",
    "slow",
    "tidy",
    "cosy",
    "brave",
    "hungry",
    "distant",
    "humming",
    "golden",
    "merry",
    "plain",
];
const THINGS: [&str; 28] = [
    "otter",
    "heron",
    "fox",
    "pedal",
    "ferry",
    "tram",
    "lantern",
    "maple",
    "compass",
    "kettle",
    "paddle",
    "badger",
    "sparrow",
    "bicycle",
    "harbour",
    "meadow",
    "thimble",
    "button",
    "pebble",
    "walnut",
    "robin",
    "biscuit",
    "lighthouse",
    "marmot",
    "postcard",
    "teapot",
    "juniper",
    "swift",
];
const HOSTS: [&str; 5] = ["post", "mail", "letters", "inbox", "home"];

/// A nickname or a first name with an initial, and an address that is nobody's.
pub(super) fn person(random: &mut Random) -> (String, String) {
    let first = random.pick(&FIRST);
    let (manner, thing) = (random.pick(&MANNERS), random.pick(&THINGS));
    let name = match random.below(8) {
        0 | 1 => first.to_owned(),
        2 => format!(
            "{first} {}",
            char::from(b'A' + u8::try_from(random.below(26)).unwrap_or(0))
        ),
        3 => format!("{manner}_{thing}"),
        4 => format!("{thing}{}", random.between(7, 99)),
        5 => format!("{first} the {thing}"),
        6 => format!("{manner}{thing}"),
        _ => format!("{}_{}", first.to_lowercase(), thing),
    };
    let email = format!(
        "{manner}.{thing}{}@{}.example",
        random.between(1, 999),
        random.pick(&HOSTS)
    );
    (name, email)
}

/// Who answers for the shop.
pub(super) fn seller() -> (String, String) {
    ("Seller".to_owned(), "hello@shop.example".to_owned())
}
