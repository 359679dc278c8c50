//! What one carries: backpacks, totes and umbrellas.

use super::drawings::{BACKPACK, TOTE, UMBRELLA};
use super::goods::{Asked, Class, Good};

pub(super) static BACKPACKS: Good = Good {
    category: "Backpacks",
    nouns: &["Backpack", "Daypack", "City Pack", "Rucksack"],
    class: Class::Accessory,
    plural: false,
    carried: true,
    drawing: &BACKPACK,
    prices: (55, 180),
    materials: &[
        "waxed canvas",
        "recycled sailcloth",
        "tough nylon",
        "cotton canvas and leather",
    ],
    features: &[
        ("Volume", &["16 l", "22 l", "28 l"]),
        ("Laptop Sleeve", &["Up to 14\"", "Up to 16\""]),
        ("Fabric", &[]),
    ],
    uses: &[
        "the daily commute",
        "weekend trips",
        "library days",
        "day hikes",
    ],
    parts: &["straps", "zips", "front pocket", "back panel", "buckles"],
    slogans: &[
        "Everything you need, nothing you don't",
        "Carries on",
        "Monday to mountain",
    ],
    about: &[
        "The laptop has its own padded floor and never touches the pavement.",
        "A pocket at the side holds a bottle upright, even when you run.",
        "The back panel is firm, the straps are soft, and both can be replaced.",
    ],
    praise: &[
        "My laptop stayed dry through a thunderstorm.",
        "It swallows a weekend's luggage and still fits under the seat.",
        "The straps are soft, even with ten kilos inside.",
        "Everything has its place, and I find my keys at once.",
    ],
    complaints: &[
        "One strap tore at the seam with just a laptop inside.",
        "It falls over the moment I put it down.",
        "The zips stick and need two hands.",
    ],
    questions: &[
        Asked {
            question: "Does a 15 inch laptop fit?",
            seller: "Yes, up to 38 cm in length, charger included.",
            others: &["Mine fits with a bit of room.", "Yes, even in its sleeve."],
        },
        Asked {
            question: "Is it accepted as hand luggage?",
            seller: "It is within the limits of the airlines we know, if you do not overfill it.",
            others: &[
                "I flew with it four times without a comment.",
                "It fits under the seat.",
            ],
        },
        Asked {
            question: "Is there a pocket for a bottle?",
            seller: "One on the side, for bottles up to one litre.",
            others: &[
                "Yes, and it is a tight one, in a good way.",
                "One, on the left.",
            ],
        },
    ],
};

pub(super) static TOTES: Good = Good {
    category: "Bags",
    nouns: &["Tote", "Market Bag", "Shopper"],
    class: Class::Accessory,
    plural: false,
    carried: true,
    drawing: &TOTE,
    prices: (22, 110),
    materials: &[
        "heavy canvas",
        "recycled sailcloth",
        "soft leather",
        "quilted cotton",
    ],
    features: &[
        ("Fabric", &[]),
        ("Handles", &["Cotton webbing", "Leather"]),
        ("Closure", &["Magnet", "Zip", "Open"]),
    ],
    uses: &[
        "the Saturday market",
        "the beach",
        "books and papers",
        "carrying far too much",
    ],
    parts: &["handles", "bottom", "inner pocket", "stitching"],
    slogans: &[
        "Room for one more melon",
        "Holds more than it lets on",
        "The bag of bags",
    ],
    about: &[
        "The bottom is doubled and stands by itself on the kitchen table.",
        "The handles are long enough for the shoulder and short enough for the hand.",
        "An inner pocket keeps the phone from drowning among the apples.",
    ],
    praise: &[
        "It carried eight kilos of potatoes without a murmur.",
        "The handles are the right length for my shoulder, coat or no coat.",
        "It stands upright by itself, which I did not know I needed.",
        "The inner pocket has saved me minutes of digging for keys.",
    ],
    complaints: &[
        "One handle tore off on the way home from the market.",
        "The colour rubs off on light coats.",
        "It has no closure to speak of, and everything falls out.",
    ],
    questions: &[
        Asked {
            question: "How much weight can it take?",
            seller: "Ten kilos, tested with sand and patience.",
            others: &["I carry books in it every day.", "More than my arm."],
        },
        Asked {
            question: "Does a folder with A4 pages fit?",
            seller: "Easily, upright or lying down.",
            others: &["Yes, two of them.", "It does, with room left."],
        },
        Asked {
            question: "Can it be washed?",
            seller: "By hand with cold water; the machine is too rough for the bottom.",
            others: &[
                "I wiped mine with a wet cloth.",
                "By hand, and it dried in a day.",
            ],
        },
    ],
};

pub(super) static UMBRELLAS: Good = Good {
    category: "Umbrellas",
    nouns: &["Umbrella", "Pocket Umbrella", "Storm Umbrella"],
    class: Class::Accessory,
    plural: false,
    carried: true,
    drawing: &UMBRELLA,
    prices: (25, 85),
    materials: &["recycled pongee", "tightly woven cotton", "light nylon"],
    features: &[
        ("Ribs", &["Eight, fibreglass", "Ten, fibreglass"]),
        ("Handle", &["Ash wood", "Cork", "Maple"]),
        ("Diameter", &["98 cm", "104 cm", "120 cm"]),
    ],
    uses: &[
        "April",
        "windy corners",
        "two people in a hurry",
        "the walk to the station",
    ],
    parts: &["handle", "ribs", "canopy", "tip"],
    slogans: &["Hold on to something good", "A roof to go", "Let it pour"],
    about: &[
        "The ribs bend in a gust and come back as if nothing had happened.",
        "The handle is turned from one piece of wood and oiled, not varnished.",
        "It opens with a soft click and closes without pinching anybody.",
    ],
    praise: &[
        "It turned inside out in a storm, and turned back unharmed.",
        "There is room for two, if they like each other.",
        "The handle lies in the hand like an old friend.",
        "It dries quickly and does not drip all over the hall.",
    ],
    complaints: &[
        "Two ribs broke in the first proper gust.",
        "It drips through at the top when it really pours.",
        "The catch is so stiff that I need both hands.",
    ],
    questions: &[
        Asked {
            question: "Does it survive strong wind?",
            seller: "We tested it to 80 km/h. Above that, please go indoors.",
            others: &[
                "It did on the coast, twice.",
                "It flipped once and was fine.",
            ],
        },
        Asked {
            question: "Is it big enough for two?",
            seller: "For two who walk arm in arm, yes.",
            others: &["Two slim people, yes.", "One of us got a wet shoulder."],
        },
        Asked {
            question: "Are there spare parts?",
            seller: "Ribs, tips and handles. Write to us with a photo of the broken part.",
            others: &[
                "They sent me a new tip for nothing.",
                "I think so, it says so on the tag.",
            ],
        },
    ],
};
