//! What everything about one product has in common: the kind of good, its name, its colours.

use atelier_core::Millis;

use super::goods::{ACCESSORIES, CLOTHING, Good, SHOES, SHOWN_FIRST};
use super::palette::{Pair, pairs};
use super::random::Random;
use super::wording::Wording;

/// A day, in milliseconds.
pub(super) const DAY: i64 = 86_400_000;
/// 2024-01-01.
const OPENED: i64 = 1_704_067_200_000;
/// 2025-10-01.
const NEWEST: i64 = 1_759_276_800_000;

const PREFIXES: [&str; 132] = [
    "Alder",
    "Almond",
    "Amble",
    "Anchor",
    "Applewood",
    "Arbour",
    "Aspen",
    "Atlas",
    "Autumn",
    "Bakehouse",
    "Balcony",
    "Bayside",
    "Beacon",
    "Birch",
    "Blackthorn",
    "Boathouse",
    "Bramble",
    "Breeze",
    "Bridge",
    "Brook",
    "Buttercup",
    "Cabin",
    "Candle",
    "Canal",
    "Cedar",
    "Chapel",
    "Cinder",
    "Clover",
    "Coast",
    "Cobble",
    "Comet",
    "Copper",
    "Corner",
    "Cove",
    "Crescent",
    "Crossing",
    "Curlew",
    "Dawn",
    "Dell",
    "Dockyard",
    "Dovetail",
    "Drift",
    "Drizzle",
    "Dune",
    "Elder",
    "Ember",
    "Equinox",
    "Evergreen",
    "Fable",
    "Fallow",
    "Fennel",
    "Fern",
    "Finch",
    "Firefly",
    "Fjord",
    "Foxglove",
    "Gable",
    "Garden",
    "Gazette",
    "Ginkgo",
    "Glen",
    "Granary",
    "Grove",
    "Gull",
    "Hazel",
    "Hearth",
    "Heather",
    "Hedgerow",
    "Heron",
    "Hollow",
    "Horizon",
    "Island",
    "Ivy",
    "Jetty",
    "Juniper",
    "Kestrel",
    "Kiosk",
    "Lagoon",
    "Lantern",
    "Larch",
    "Lighthouse",
    "Linden",
    "Loft",
    "Lowland",
    "Maple",
    "Market",
    "Marsh",
    "Meadow",
    "Meridian",
    "Mill",
    "Mistral",
    "Moor",
    "Mosaic",
    "Nettle",
    "Nightingale",
    "Northgate",
    "Orchard",
    "Osprey",
    "Otter",
    "Paddock",
    "Pavilion",
    "Pebble",
    "Pepper",
    "Pier",
    "Pinewood",
    "Plover",
    "Poplar",
    "Postbox",
    "Quarry",
    "Quay",
    "Rambler",
    "Reed",
    "Ridge",
    "Rookery",
    "Rowan",
    "Saffron",
    "Saltmarsh",
    "Shingle",
    "Skylark",
    "Sorrel",
    "Station",
    "Sundial",
    "Swallow",
    "Terrace",
    "Thicket",
    "Thistle",
    "Tidal",
    "Tollgate",
    "Viaduct",
    "Willow",
    "Windmill",
    "Yarrow",
];
const QUALIFIERS: [&str; 6] = [
    "Everyday", "Classic", "Travel", "Weekend", "Studio", "Heritage",
];

/// One product, as far as its photos, reviews and questions speak of it.
pub(super) struct Article<'a> {
    pub(super) id: i64,
    /// One of the first ten, which people look at first: nothing is missing there.
    pub(super) shown_first: bool,
    pub(super) good: &'static Good,
    pub(super) name: String,
    pub(super) created_at: Millis,
    /// The colours of the styles.
    pub(super) pairs: &'a [Pair],
    pub(super) material: &'static str,
    pub(super) wording: Wording<'a>,
}

/// What an `Article` borrows.
pub(super) struct Colours {
    pairs: Vec<Pair>,
    names: Vec<String>,
}

impl Colours {
    /// Three to six.
    pub(super) fn new(random: &mut Random) -> Self {
        let count = [3, 4, 5, 5, 5, 5, 6, 6][random.below(8)];
        let pairs = pairs(random, count);
        let names = pairs
            .iter()
            .map(|pair| pair.colour.name.to_lowercase())
            .collect();
        Self { pairs, names }
    }
}

impl<'a> Article<'a> {
    /// The product of this id.
    pub(super) fn new(random: &mut Random, id: i64, colours: &'a Colours) -> Self {
        let shown = usize::try_from(id - 1)
            .ok()
            .and_then(|index| SHOWN_FIRST.get(index));
        let good = shown.copied().unwrap_or_else(|| any_good(random));
        let noun = random.pick(good.nouns);
        let prefix = random.pick(&PREFIXES);
        let name = if !noun.contains(' ') && random.chance(40) {
            format!("{prefix} {} {noun}", random.pick(&QUALIFIERS))
        } else {
            format!("{prefix} {noun}")
        };
        let material = random.pick(good.materials);
        Self {
            id,
            shown_first: shown.is_some(),
            good,
            name,
            created_at: Millis(random.between(OPENED, NEWEST)),
            pairs: &colours.pairs,
            material,
            wording: Wording::new(random, good, noun, material, &colours.names),
        }
    }
}

fn any_good(random: &mut Random) -> &'static Good {
    let classes = [CLOTHING, SHOES, ACCESSORIES];
    let mut drawn = random.between(1, classes.iter().map(|(share, _)| share).sum());
    for (share, goods) in classes {
        drawn -= share;
        if drawn <= 0 {
            return random.pick(goods);
        }
    }
    SHOWN_FIRST[0]
}
