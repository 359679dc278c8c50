//! Small things to wear: sunglasses, belts, mittens and socks.

use super::drawings::{BELT, MITTEN, SOCK, SUNGLASSES as SUNGLASSES_DRAWING};
use super::goods::{Asked, Class, Good};

pub(super) static SUNGLASSES: Good = Good {
    category: "Sunglasses",
    nouns: &["Sunglasses", "City Shades", "Driving Shades"],
    class: Class::Accessory,
    plural: true,
    carried: false,
    drawing: &SUNGLASSES_DRAWING,
    prices: (45, 160),
    materials: &["plant-based acetate", "recycled nylon", "light steel"],
    features: &[
        ("Frame", &[]),
        ("Lens", &["Polarised, category 3", "Graded, category 2"]),
        ("Hinges", &["Five-barrel", "Spring"]),
    ],
    uses: &["bright roads", "rooftop lunches", "snow fields", "sailing"],
    parts: &["lenses", "hinges", "frame", "case", "temples"],
    slogans: &[
        "The bright side, slightly darker",
        "See the summer coming",
        "Squint no more",
    ],
    about: &[
        "The lenses keep out all the UV light and most of the glare from wet roads.",
        "The hinges have five barrels and a screw you can tighten with a coin.",
        "They come in a case made from the offcuts of our bags.",
    ],
    praise: &[
        "The glare on wet roads is simply gone.",
        "So light that I looked for them while wearing them.",
        "They stay in place even when I run.",
        "The lenses clean easily and have no scratches yet.",
    ],
    complaints: &[
        "The lenses scratched in their own case.",
        "They slide down my nose all day long.",
        "A hinge broke after two weeks.",
    ],
    questions: &[
        Asked {
            question: "Are the lenses polarised?",
            seller: "Those of category 3 are. The features above tell which one this is.",
            others: &[
                "Mine are, I checked with a screen.",
                "I think it depends on the model.",
            ],
        },
        Asked {
            question: "Do they suit a narrow face?",
            seller: "The frame is 138 mm wide, which is medium. You have 60 days to find out.",
            others: &[
                "My face is narrow, and they are fine.",
                "A touch wide on me.",
            ],
        },
        Asked {
            question: "Can an optician put in my own lenses?",
            seller: "Yes, the frame is made for it.",
            others: &[
                "Mine did, without any trouble.",
                "I asked, and the answer was yes.",
            ],
        },
    ],
};

pub(super) static BELTS: Good = Good {
    category: "Belts",
    nouns: &["Belt", "Slim Belt", "Wide Belt"],
    class: Class::Accessory,
    plural: false,
    carried: false,
    drawing: &BELT,
    prices: (28, 90),
    materials: &["bridle leather", "woven cotton", "vegetable-tanned leather"],
    features: &[
        ("Width", &["3 cm", "3.5 cm", "4 cm"]),
        ("Buckle", &["Solid brass", "Blackened steel"]),
    ],
    uses: &[
        "jeans and suits alike",
        "every pair of trousers",
        "long workdays",
    ],
    parts: &["buckle", "leather", "stitching", "loop"],
    slogans: &[
        "Holds, and holds, and holds",
        "One for all trousers",
        "The middle of things",
    ],
    about: &[
        "The edges are burnished by hand, and the buckle is cast in one piece.",
        "It is cut from the back of the hide, where the leather stretches least.",
        "Two small screws let you change the buckle in a minute.",
    ],
    praise: &[
        "Half a year of daily wear and hardly a crease.",
        "The buckle is heavy in a good way.",
        "The leather smells wonderful and gets darker slowly.",
        "It holds without pinching when I sit.",
    ],
    complaints: &[
        "The leather cracked at the third hole.",
        "The buckle lost its colour within a month.",
        "It stretched by two holes in a few weeks.",
    ],
    questions: &[
        Asked {
            question: "Can it be shortened?",
            seller: "Yes: undo the two screws at the buckle, cut, and put it back.",
            others: &[
                "I did it at the kitchen table.",
                "Yes, it took me five minutes.",
            ],
        },
        Asked {
            question: "Does the buckle contain nickel?",
            seller: "No, it is free of nickel.",
            others: &["I am allergic and have no trouble.", "The tag says no."],
        },
        Asked {
            question: "Does it fit through the loops of jeans?",
            seller: "Through loops of four centimetres and up.",
            others: &["Through all of mine.", "Yes, a snug fit."],
        },
    ],
};

pub(super) static MITTENS: Good = Good {
    category: "Mittens",
    nouns: &["Mittens", "City Mittens", "Ski Mittens"],
    class: Class::Accessory,
    plural: true,
    carried: false,
    drawing: &MITTEN,
    prices: (22, 70),
    materials: &["boiled wool", "lambswool", "recycled fleece"],
    features: &[("Outside", &[]), ("Lining", &["Fleece", "Silk", "Unlined"])],
    uses: &[
        "snowball fights",
        "cold handlebars",
        "winter walks",
        "skating",
    ],
    parts: &["cuffs", "thumbs", "lining", "seams"],
    slogans: &[
        "Fingers like company",
        "Warm hands, warm greetings",
        "Two of a kind",
    ],
    about: &[
        "The cuffs are long enough to go under or over a sleeve.",
        "The thumb is set like a real thumb, at an angle.",
        "A small hook keeps the two together in the drawer.",
    ],
    praise: &[
        "Warm fingers at minus ten, for the first time in my life.",
        "The cuffs reach well under the sleeve.",
        "I can hold my keys without taking them off.",
        "They dry on the radiator without turning hard.",
    ],
    complaints: &[
        "Wet through after one snowball.",
        "A hole at the thumb within two weeks.",
        "So stiff that I cannot hold a bag.",
    ],
    questions: &[
        Asked {
            question: "Can I use a phone with them?",
            seller: "Not through the fabric, but one thumb has a slit.",
            others: &[
                "With the slit at the thumb, yes.",
                "I take one off, it is quicker.",
            ],
        },
        Asked {
            question: "Are they windproof?",
            seller: "Nearly. On a bicycle you feel a breath, no more.",
            others: &["Good enough for cycling.", "In a storm, no."],
        },
        Asked {
            question: "Do they fit large hands?",
            seller: "Up to about 24 cm round the palm.",
            others: &[
                "My hands are large, and they fit.",
                "A bit tight, but they give.",
            ],
        },
    ],
};

pub(super) static SOCKS: Good = Good {
    category: "Socks",
    nouns: &["Crew Socks", "Hiking Socks", "Ribbed Socks"],
    class: Class::Accessory,
    plural: true,
    carried: false,
    drawing: &SOCK,
    prices: (9, 28),
    materials: &["combed cotton", "merino", "recycled cotton"],
    features: &[("Yarn", &[]), ("Toe", &["Linked by hand", "Flat seam"])],
    uses: &["hiking boots", "cold floors", "office shoes", "armchairs"],
    parts: &["heels", "toes", "cuffs", "soles"],
    slogans: &["Happy from the ankle down", "Never just one", "Step softly"],
    about: &[
        "The toe is linked by hand, so there is no seam to feel.",
        "The cuff holds by its rib, not by force.",
        "Heel and sole are plush, the top is thin.",
    ],
    praise: &[
        "No seam at the toes, what a relief.",
        "They stay up without leaving a mark.",
        "Warm in boots and not sweaty at all.",
        "Twenty washes and still no hole.",
    ],
    complaints: &[
        "A hole at the heel after the fourth wash.",
        "They slide down into the boot with every step.",
        "The cuff leaves deep marks.",
    ],
    questions: &[
        Asked {
            question: "Which shoe sizes do they fit?",
            seller: "7 to 12; they stretch well.",
            others: &[
                "I wear 9 and they fit perfectly.",
                "Size 11 here, no problem.",
            ],
        },
        Asked {
            question: "Are they sold as single pairs?",
            seller: "Yes, one pair at a time. Mix as you like.",
            others: &["Yes, I bought three.", "One pair, yes."],
        },
        Asked {
            question: "Do they stay up all day?",
            seller: "Yes, and without squeezing.",
            others: &["They do.", "On me they slip a bit by the evening."],
        },
    ],
};
