//! Trousers, jeans and shorts.

use super::drawings::{
    JEANS as JEANS_DRAWING, SHORTS as SHORTS_DRAWING, TROUSERS as TROUSERS_DRAWING,
};
use super::goods::{Asked, Class, Good};

pub(super) static TROUSERS: Good = Good {
    category: "Trousers",
    nouns: &[
        "Chinos",
        "Work Trousers",
        "Trail Trousers",
        "Pleated Trousers",
    ],
    class: Class::Clothing,
    plural: true,
    carried: false,
    drawing: &TROUSERS_DRAWING,
    prices: (55, 150),
    materials: &[
        "stretch cotton twill",
        "ten-ounce canvas",
        "brushed cotton",
        "tough cotton",
    ],
    features: &[
        ("Fabric", &[]),
        ("Pockets", &["Five", "Seven, two with zips"]),
        ("Leg", &["Straight", "Tapered", "Wide"]),
    ],
    uses: &[
        "bike commutes",
        "long flights",
        "office days",
        "building sandcastles",
    ],
    parts: &["waistband", "pockets", "knees", "hems", "zip"],
    slogans: &[
        "Sit, squat, cycle, repeat",
        "Smart enough for Monday",
        "Two legs, no limits",
    ],
    about: &[
        "A little stretch in the weave lets you climb stairs two at a time.",
        "The waistband is lined, and the pockets are deep enough for a real phone.",
        "Knees and seat are doubled where others wear through first.",
    ],
    praise: &[
        "I can cycle, sit and kneel in them without thinking about it.",
        "The pockets are deep, at last.",
        "They look smart enough for a meeting and survive the playground.",
        "The waistband does not dig in after lunch.",
    ],
    complaints: &[
        "The seam at the seat split when I bent down.",
        "They lose their shape at the knees by noon.",
        "The front pockets are too shallow for anything.",
    ],
    questions: &[
        Asked {
            question: "How much stretch do they have?",
            seller: "About two per cent elastane: enough to squat in, not enough to sag.",
            others: &[
                "Just enough for cycling.",
                "Less than leggings, more than jeans.",
            ],
        },
        Asked {
            question: "Can the legs be shortened?",
            seller: "Yes, any tailor can do it, and we leave some extra hem.",
            others: &[
                "I had mine shortened by four centimetres.",
                "Yes, the hem is a plain one.",
            ],
        },
        Asked {
            question: "Do they fade?",
            seller: "A little at the seams, as cotton does. Washing inside out slows it down.",
            others: &["Hardly, after half a year.", "Slightly, and I like it."],
        },
    ],
};

pub(super) static JEANS: Good = Good {
    category: "Jeans",
    nouns: &[
        "Straight Jeans",
        "Tapered Jeans",
        "Wide Jeans",
        "Slim Jeans",
    ],
    class: Class::Clothing,
    plural: true,
    carried: false,
    drawing: &JEANS_DRAWING,
    prices: (65, 170),
    materials: &[
        "twelve-ounce denim",
        "organic denim",
        "selvedge denim",
        "recycled cotton denim",
    ],
    features: &[
        ("Denim", &[]),
        ("Rise", &["Mid", "High"]),
        ("Fly", &["Zip", "Buttons"]),
    ],
    uses: &[
        "every other day of the week",
        "garage work",
        "concerts",
        "city strolls",
    ],
    parts: &["belt loops", "pockets", "rivets", "buttons", "hems"],
    slogans: &[
        "Broken in by you",
        "Blue is not a trend",
        "The longer, the better",
    ],
    about: &[
        "Rivets and bar tacks sit where the strain is, and nowhere else.",
        "The denim is stiff at first and takes on your shape within a few weeks.",
        "The hem is chain stitched, so it may be turned up proudly.",
    ],
    praise: &[
        "After two weeks they fit as if they had been made for me.",
        "The denim is sturdy and still comfortable.",
        "The wash looks natural, not painted on.",
        "No stretched-out knees, even after a week of wear.",
    ],
    complaints: &[
        "The dye came off on my white sofa.",
        "They stretched so much that I need a belt now.",
        "A belt loop tore off on the third day.",
    ],
    questions: &[
        Asked {
            question: "Do they stretch with time?",
            seller: "About half a size at the waist during the first weeks.",
            others: &["Yes, a bit at the waist.", "Not much on me."],
        },
        Asked {
            question: "Does the dye rub off?",
            seller: "Dark denim can, at first. Wash them once on their own before you sit on anything white.",
            others: &["On my trainers, a little.", "Not after the first wash."],
        },
        Asked {
            question: "What is the length of the inside leg?",
            seller: "82 cm in size M, two centimetres more or less for each size.",
            others: &[
                "I measured 82 cm on my M.",
                "Long enough for me at 1.86 m, turned up once.",
            ],
        },
    ],
};

pub(super) static SHORTS: Good = Good {
    category: "Shorts",
    nouns: &[
        "Chino Shorts",
        "Beach Shorts",
        "Easy Shorts",
        "Hiking Shorts",
    ],
    class: Class::Clothing,
    plural: true,
    carried: false,
    drawing: &SHORTS_DRAWING,
    prices: (32, 85),
    materials: &[
        "quick-drying nylon",
        "cotton poplin",
        "seersucker",
        "light ripstop",
    ],
    features: &[
        ("Fabric", &[]),
        ("Waist", &["Elastic, with a cord", "Button and zip"]),
        ("Length", &["Above the knee", "Mid-thigh"]),
    ],
    uses: &["beach days", "heat waves", "garden parties", "hot hikes"],
    parts: &["waistband", "drawcord", "pockets", "hems"],
    slogans: &[
        "Knees deserve sun, too",
        "Summer begins at the hem",
        "Dry before the ice cream is gone",
    ],
    about: &[
        "The waistband is soft all round, with a flat cord that stays tied.",
        "One back pocket closes, for the key that must not be lost.",
        "They are dry again within an hour of the swim.",
    ],
    praise: &[
        "Dry again before I had finished my coffee.",
        "Light as nothing on a hot day.",
        "The length is spot on, neither long nor too brave.",
        "The back pocket with the zip has saved my keys twice.",
    ],
    complaints: &[
        "The cord comes undone all the time.",
        "They cling to the legs when wet.",
        "The lining rubs on longer walks.",
    ],
    questions: &[
        Asked {
            question: "Can I swim in them?",
            seller: "You can. They dry quickly, though salt water should be rinsed out.",
            others: &["I do, most weekends.", "Yes, they were dry after an hour."],
        },
        Asked {
            question: "Do the pockets have zips?",
            seller: "One at the back has, the others are open.",
            others: &[
                "Only the back one.",
                "One does, and it holds a card and keys.",
            ],
        },
        Asked {
            question: "Where do they end on the leg?",
            seller: "About five centimetres above the knee.",
            others: &[
                "A hand above the knee on me.",
                "Just above the knee, I am 1.75 m.",
            ],
        },
    ],
};
