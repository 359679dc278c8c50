//! Jackets and coats.

use super::drawings::{COAT, JACKET};
use super::goods::{Asked, Class, Good};

pub(super) static JACKETS: Good = Good {
    category: "Jackets",
    nouns: &["Parka", "Rain Jacket", "Anorak", "Windbreaker"],
    class: Class::Clothing,
    plural: false,
    carried: false,
    drawing: &JACKET,
    prices: (79, 260),
    materials: &[
        "waxed cotton",
        "recycled nylon",
        "tightly woven cotton",
        "three-layer shell fabric",
    ],
    features: &[
        ("Shell", &[]),
        ("Lining", &["Brushed flannel", "Mesh", "Recycled taffeta"]),
        ("Zip", &["Two-way, covered", "Water-repellent"]),
    ],
    uses: &[
        "wet walks to work",
        "weekends in the hills",
        "the school run in drizzle",
        "ferry crossings",
    ],
    parts: &["hood", "zip", "cuffs", "pockets", "seams"],
    slogans: &[
        "Rain on the outside, you on the inside",
        "There is no such thing as bad weather",
        "Leave the umbrella at home",
    ],
    about: &[
        "The hood turns with your head, and the cuffs close tight against the wind.",
        "Taped seams keep the weather out; a long zip under each arm lets the steam out.",
        "Four pockets hold a map, a phone, two hands and half a sandwich.",
    ],
    praise: &[
        "I stayed dry through an hour of proper rain.",
        "The wind simply stops at this {noun}.",
        "It breathes well enough to run for the tram in.",
        "The hood stays put even on a bicycle.",
    ],
    complaints: &[
        "Water came through at the shoulders after half an hour.",
        "The zip catches the lining almost every morning.",
        "The hood slides over my eyes as soon as I turn my head.",
    ],
    questions: &[
        Asked {
            question: "Can the hood be taken off?",
            seller: "It can: six poppers under the collar, and it rolls up small.",
            others: &[
                "Yes, it comes off in a few seconds.",
                "Yes, though I never take mine off.",
            ],
        },
        Asked {
            question: "Is it really waterproof, or only for a short shower?",
            seller: "It keeps out steady rain for a few hours. After a year or so, wash in some fresh proofing.",
            others: &[
                "Two hours on a bicycle in the rain, dry inside.",
                "Good for showers; in a storm the cuffs let a little in.",
            ],
        },
        Asked {
            question: "Does a thick jumper fit underneath?",
            seller: "Yes, the cut leaves room for one warm layer.",
            others: &[
                "A jumper fits, a second one does not.",
                "I wear a fleece under mine all winter.",
            ],
        },
    ],
};

pub(super) static COATS: Good = Good {
    category: "Coats",
    nouns: &["Overcoat", "Long Coat", "Town Coat", "Car Coat"],
    class: Class::Clothing,
    plural: false,
    carried: false,
    drawing: &COAT,
    prices: (140, 420),
    materials: &[
        "boiled wool",
        "heavy cotton gabardine",
        "soft wool",
        "felted lambswool",
    ],
    features: &[
        ("Fabric", &[]),
        ("Buttons", &["Corozo nut", "Horn look", "Covered"]),
        ("Lining", &["Cupro", "Half lined", "Quilted"]),
    ],
    uses: &[
        "cold platforms",
        "evenings in town",
        "Sunday walks",
        "long winters",
    ],
    parts: &["collar", "buttons", "lining", "belt", "pockets"],
    slogans: &[
        "The last thing you put on, the first they notice",
        "Winter, with style",
        "Long lines for short days",
    ],
    about: &[
        "The collar stands up when the wind does, and the belt can stay at home.",
        "A full lining slides over any jumper; the inner pocket fits a paperback.",
        "The shoulders are cut softly, so that there is room to reach for the top shelf.",
    ],
    praise: &[
        "It keeps me warm at the bus stop without feeling heavy.",
        "The fall of the fabric is beautiful.",
        "I feel properly dressed the moment I put it on.",
        "The lining slides over every jumper I own.",
    ],
    complaints: &[
        "It picks up every bit of fluff within ten metres.",
        "Two buttons came off in the first month.",
        "The sleeves are cut so narrow that a jumper bunches up.",
    ],
    questions: &[
        Asked {
            question: "Is it warm enough for frost?",
            seller: "With a jumper underneath it is comfortable down to about minus five degrees.",
            others: &[
                "Around zero, yes. Below that I add a scarf.",
                "I wore mine all January.",
            ],
        },
        Asked {
            question: "How far down does it reach?",
            seller: "To just above the knee at an average height.",
            others: &[
                "I am 1.70 m and it ends a hand above my knee.",
                "Mid-thigh on me, but I am tall.",
            ],
        },
        Asked {
            question: "Are there spare buttons?",
            seller: "Two are sewn to the care label, and we gladly send more.",
            others: &[
                "Yes, inside on the label.",
                "I found two in a little bag in the pocket.",
            ],
        },
    ],
};
