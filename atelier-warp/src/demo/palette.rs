//! Colours of styles, and of what stands behind them.

use super::random::Random;

/// A colour a style can have.
#[derive(Debug, PartialEq)]
pub(super) struct Colour {
    pub(super) name: &'static str,
    /// Red, green and blue in hexadecimal.
    pub(super) rgb: &'static str,
    /// Light lines show on it, and a light colour goes well with it.
    pub(super) dark: bool,
}

const fn dark(name: &'static str, rgb: &'static str) -> Colour {
    Colour {
        name,
        rgb,
        dark: true,
    }
}

const fn light(name: &'static str, rgb: &'static str) -> Colour {
    Colour {
        name,
        rgb,
        dark: false,
    }
}

static COLOURS: [Colour; 32] = [
    dark("Midnight", "223"),
    dark("Deep Navy", "246"),
    dark("Charcoal", "333"),
    dark("Slate", "567"),
    dark("Forest", "253"),
    dark("Petrol", "156"),
    dark("Denim", "468"),
    dark("Chestnut", "742"),
    dark("Brick", "933"),
    dark("Mulberry", "725"),
    dark("Plum", "536"),
    dark("Moss", "562"),
    dark("Rust", "a42"),
    dark("Teal", "277"),
    dark("Espresso", "432"),
    light("Oat", "dca"),
    light("Sand", "cb8"),
    light("Camel", "b85"),
    light("Terracotta", "c64"),
    light("Mustard", "da3"),
    light("Butter", "ed9"),
    light("Coral", "e76"),
    light("Dusty Rose", "d9a"),
    light("Lilac", "a9c"),
    light("Sky", "7ac"),
    light("Aqua", "6bb"),
    light("Mint", "9cb"),
    light("Sage", "8a7"),
    light("Ash", "aaa"),
    light("Stone", "a98"),
    light("Cream", "edc"),
    light("Olive", "994"),
];

/// What stands behind dark things, and behind light ones.
const BEHIND_DARK: [&str; 6] = ["eed", "dee", "fed", "dde", "ede", "ded"];
const BEHIND_LIGHT: [&str; 6] = ["cde", "cce", "dcd", "ddc", "ccd", "cdc"];
/// What stands behind things in the pictures that customers take.
const OUTDOORS: [&str; 6] = ["bde", "fdb", "cdb", "cce", "fcb", "bcd"];

/// The colours of one style: the first gives the body, the second the trim.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Pair {
    pub(super) colour: &'static Colour,
    pub(super) accent: Option<&'static Colour>,
}

impl Pair {
    /// The name of the style: `Forest`, or `Forest & Oat`.
    pub(super) fn name(self) -> String {
        match self.accent {
            Some(accent) => format!("{} & {}", self.colour.name, accent.name),
            None => self.colour.name.to_owned(),
        }
    }

    /// A ground that lets the colour stand out.
    pub(super) fn ground(self, random: &mut Random) -> &'static str {
        random.pick(if self.colour.dark {
            &BEHIND_DARK
        } else {
            &BEHIND_LIGHT
        })
    }
}

/// A ground of a customer's picture.
pub(super) fn outdoors(random: &mut Random) -> &'static str {
    random.pick(&OUTDOORS)
}

/// `count` pairs with different first colours, of at most as many as there are colours.
pub(super) fn pairs(random: &mut Random, count: usize) -> Vec<Pair> {
    let mut pairs: Vec<Pair> = Vec::with_capacity(count);
    while pairs.len() < count.min(COLOURS.len()) {
        let colour = &COLOURS[random.below(COLOURS.len())];
        if pairs.iter().any(|pair| pair.colour == colour) {
            continue;
        }
        let accent = random.chance(35).then(|| contrasting(random, colour));
        pairs.push(Pair { colour, accent });
    }
    pairs
}

fn contrasting(random: &mut Random, colour: &Colour) -> &'static Colour {
    loop {
        let accent = &COLOURS[random.below(COLOURS.len())];
        if accent.dark != colour.dark {
            return accent;
        }
    }
}
