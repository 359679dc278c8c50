//! What goes between shirt and coat: fleece, gilets, scarves.

use super::drawings::{FLEECE as FLEECE_DRAWING, GILET, SCARF};
use super::goods::{Asked, Class, Good};

pub(super) static FLEECE: Good = Good {
    category: "Fleece",
    nouns: &["Fleece", "Half-Zip", "Fleece Jacket", "Pullover"],
    class: Class::Clothing,
    plural: false,
    carried: false,
    drawing: &FLEECE_DRAWING,
    prices: (45, 130),
    materials: &[
        "recycled pile",
        "brushed microfleece",
        "grid fleece",
        "wool fleece",
    ],
    features: &[
        ("Fabric", &[]),
        ("Pocket", &["Chest, zipped", "Two, for hands"]),
        ("Cut", &["Regular", "Relaxed"]),
    ],
    uses: &[
        "camp fires",
        "early trains",
        "cool summer evenings",
        "hut weekends",
    ],
    parts: &["collar", "zip", "chest pocket", "cuffs"],
    slogans: &[
        "The hug you can wear",
        "First on, last off",
        "Warm as toast, light as a crumb",
    ],
    about: &[
        "The high collar keeps draughts away from the neck, and the zip has a guard for the chin.",
        "It dries on a chair overnight and does not mind being used as a pillow.",
        "Flat seams sit well under a rucksack.",
    ],
    praise: &[
        "It is so soft that my cat has claimed it twice.",
        "Warm without ever getting stuffy.",
        "Not a single bobble after ten washes.",
        "It dries overnight, even in a tent.",
    ],
    complaints: &[
        "It started to bobble under the arms within weeks.",
        "It crackles with static every time I take it off.",
        "The collar scratches at the chin.",
    ],
    questions: &[
        Asked {
            question: "Does it shed fibres in the wash?",
            seller: "A little in the first two washes. A filter bag helps.",
            others: &[
                "I saw some fluff the first time, then none.",
                "Hardly anything in my machine.",
            ],
        },
        Asked {
            question: "Is it thin enough to go under a shell?",
            seller: "Yes, it was made as a middle layer.",
            others: &[
                "Fits well under my rain jacket.",
                "Yes, but the collar is a bit high for that.",
            ],
        },
        Asked {
            question: "Does the chest pocket fit a phone?",
            seller: "Up to about 16 cm, and it closes with a zip.",
            others: &[
                "My phone fits, with the zip closed.",
                "Only just, if yours is a large one.",
            ],
        },
    ],
};

pub(super) static GILETS: Good = Good {
    category: "Gilets",
    nouns: &["Gilet", "Quilted Vest", "Body Warmer"],
    class: Class::Clothing,
    plural: false,
    carried: false,
    drawing: &GILET,
    prices: (55, 160),
    materials: &["quilted recycled nylon", "padded cotton", "quilted ripstop"],
    features: &[
        (
            "Filling",
            &["Wool, 80 g", "Recycled fibre", "Kapok and cotton"],
        ),
        ("Shell", &[]),
        ("Pockets", &["Two outside, one inside"]),
    ],
    uses: &[
        "market mornings",
        "autumn in the garden",
        "riding to the office",
        "windy sidelines",
    ],
    parts: &["collar", "zip", "quilting", "pockets", "armholes"],
    slogans: &[
        "Warm where it counts, free where it moves",
        "Sleeves are overrated",
        "Half a jacket, all the comfort",
    ],
    about: &[
        "The quilting is narrow, so that the filling stays where it was put.",
        "Elastic armholes keep the draught out and let the arms swing.",
        "It folds into its own inside pocket, about the size of a melon.",
    ],
    praise: &[
        "My arms are free and my back is warm, which is all I wanted.",
        "It fits under a jacket and over a shirt equally well.",
        "The filling has stayed even after several washes.",
        "It folds up so small that it lives in my bag.",
    ],
    complaints: &[
        "The filling had wandered to the bottom after two washes.",
        "It rides up as soon as I sit down.",
        "The armholes gape and let the wind in.",
    ],
    questions: &[
        Asked {
            question: "Is the filling free of down?",
            seller: "Yes, there is no down in it at all.",
            others: &["Yes, that is why I bought it.", "The label says so."],
        },
        Asked {
            question: "Can it be worn under a coat?",
            seller: "It can. The collar is low enough for that.",
            others: &["I do, all winter.", "Under a roomy coat, yes."],
        },
        Asked {
            question: "Do the pockets close?",
            seller: "The two outside have zips, the inner one is open.",
            others: &["Yes, with zips.", "The outer ones do."],
        },
    ],
};

pub(super) static SCARVES: Good = Good {
    category: "Scarves",
    nouns: &["Scarf", "Long Scarf", "Winter Scarf"],
    class: Class::Accessory,
    plural: false,
    carried: false,
    drawing: &SCARF,
    prices: (28, 95),
    materials: &["lambswool", "alpaca and silk", "fine merino"],
    features: &[("Yarn", &[]), ("Size", &["180 x 30 cm", "200 x 45 cm"])],
    uses: &[
        "draughty trains",
        "winter markets",
        "windy piers",
        "cool offices",
    ],
    parts: &["fringe", "weave", "edges", "stripes"],
    slogans: &[
        "Twice round and off you go",
        "A little warmth goes a long way",
        "Wrap up well",
    ],
    about: &[
        "It is long enough to go round twice and still hang well.",
        "The fringe is twisted by hand, a few threads at a time.",
        "Light as a shawl, warm as a hug.",
    ],
    praise: &[
        "It goes round twice and still looks neat.",
        "So soft that I sleep in it on trains.",
        "It keeps the wind off without any bulk.",
        "No loose threads, even after a year of daily use.",
    ],
    complaints: &[
        "It sheds fluff all over my dark coat.",
        "The fringe came undone within days.",
        "Much thinner than it looks, and rather scratchy.",
    ],
    questions: &[
        Asked {
            question: "How long is it?",
            seller: "See the size above; the fringe comes on top of it.",
            others: &[
                "Long enough to go round twice.",
                "It reaches my hips when it hangs.",
            ],
        },
        Asked {
            question: "Does it shed fluff on dark coats?",
            seller: "A little on the first day. Shake it out once in the open.",
            others: &["At first, yes.", "Mine does not."],
        },
        Asked {
            question: "Is it soft enough for sensitive skin?",
            seller: "We think so; the fibres are very fine.",
            others: &[
                "My skin is fussy and had no trouble.",
                "It tickles, but only a bit.",
            ],
        },
    ],
};
