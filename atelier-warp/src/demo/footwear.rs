//! Sneakers, boots, sandals and loafers.

use super::drawings::{BOOT, LOAFER, SANDAL, SNEAKER};
use super::goods::{Asked, Class, Good};

pub(super) static SNEAKERS: Good = Good {
    category: "Sneakers",
    nouns: &["Low Sneakers", "Court Sneakers", "City Trainers", "Walkers"],
    class: Class::Shoes,
    plural: true,
    carried: false,
    drawing: &SNEAKER,
    prices: (65, 165),
    materials: &[
        "soft suede",
        "knitted recycled yarn",
        "smooth leather",
        "canvas and cork",
    ],
    features: &[
        ("Upper", &[]),
        (
            "Sole",
            &["Natural rubber", "\"Cloudstep\" foam", "Cork and rubber"],
        ),
        ("Insole", &["Cork, removable", "Foam, removable"]),
    ],
    uses: &[
        "long city days",
        "the morning run",
        "standing at work",
        "gravel paths",
    ],
    parts: &["sole", "laces", "tongue", "heel", "insole"],
    slogans: &[
        "Ten thousand steps and counting",
        "Bounce back",
        "The long way round, please",
    ],
    about: &[
        "The heel is padded where others rub, and the tongue stays in the middle.",
        "A rubber sole with small ribs holds on wet cobbles.",
        "The insole lifts out to be aired, washed or replaced by your own.",
    ],
    praise: &[
        "Twelve kilometres through the city and not one blister.",
        "Good grip on wet cobbles.",
        "They were comfortable straight out of the box.",
        "My knees noticed the difference before I did.",
    ],
    complaints: &[
        "The sole began to peel off at the toe.",
        "They squeak on every smooth floor.",
        "The heel rubbed until I gave up.",
    ],
    questions: &[
        Asked {
            question: "Can I put in my own insoles?",
            seller: "Yes, ours lifts out and leaves about five millimetres.",
            others: &[
                "I do, and there is room enough.",
                "Yes, mine fitted at once.",
            ],
        },
        Asked {
            question: "Are they good for running, too?",
            seller: "For short runs on firm ground. For a marathon we would look elsewhere.",
            others: &[
                "I run five kilometres in them twice a week.",
                "For the bus, certainly.",
            ],
        },
        Asked {
            question: "How do I clean them?",
            seller: "Soft brush, lukewarm water, a drop of soap; stuff with paper to dry.",
            others: &[
                "An old toothbrush works wonders.",
                "Damp cloth, that is all.",
            ],
        },
    ],
};

pub(super) static BOOTS: Good = Good {
    category: "Boots",
    nouns: &["Lace Boots", "Hiking Boots", "Chukkas", "Winter Boots"],
    class: Class::Shoes,
    plural: true,
    carried: false,
    drawing: &BOOT,
    prices: (110, 290),
    materials: &[
        "oiled leather",
        "nubuck",
        "full-grain leather",
        "leather and wool felt",
    ],
    features: &[
        ("Upper", &[]),
        ("Sole", &["Rubber, stitched", "Lugged rubber"]),
        ("Lining", &["Leather", "Wool felt", "Membrane"]),
    ],
    uses: &[
        "muddy paths",
        "snow in the city",
        "woodland walks",
        "the garden in November",
    ],
    parts: &["sole", "laces", "eyelets", "lining", "tongue"],
    slogans: &[
        "Puddles welcome",
        "Resoled, reworn, reloved",
        "Firm ground, wherever you stand",
    ],
    about: &[
        "The sole is stitched, not glued, so any cobbler can replace it.",
        "A closed tongue keeps snow and pebbles outside.",
        "The leather is oiled in the hide and darkens with every walk.",
    ],
    praise: &[
        "My feet stayed dry through a whole day of slush.",
        "The sole grips on ice like nothing I owned before.",
        "After a week of breaking in they fit like slippers.",
        "The leather gets more beautiful with every scratch.",
    ],
    complaints: &[
        "Water came in at the tongue on the first wet walk.",
        "They gave me blisters even after three weeks.",
        "An eyelet tore out while I was lacing up.",
    ],
    questions: &[
        Asked {
            question: "Can the soles be replaced?",
            seller: "Yes, they are stitched. Your cobbler can do it, and so can we.",
            others: &[
                "Mine are on their second pair of soles.",
                "My cobbler said yes after a look.",
            ],
        },
        Asked {
            question: "Are they warm enough for snow?",
            seller: "With wool socks, down to about minus ten while you keep moving.",
            others: &["With thick socks, yes.", "Warm enough for the city."],
        },
        Asked {
            question: "Do they need to be waxed?",
            seller: "Twice a year, and after every really wet week.",
            others: &[
                "I wax mine once a month in winter.",
                "I never do, and they look it.",
            ],
        },
    ],
};

pub(super) static SANDALS: Good = Good {
    category: "Sandals",
    nouns: &["Strap Sandals", "Cork Sandals", "River Sandals"],
    class: Class::Shoes,
    plural: true,
    carried: false,
    drawing: &SANDAL,
    prices: (40, 120),
    materials: &[
        "vegetable-tanned leather",
        "recycled webbing",
        "cork and suede",
    ],
    features: &[
        ("Straps", &[]),
        ("Sole", &["Cork and rubber", "Light foam"]),
        ("Buckle", &["Brass", "Hook and loop"]),
    ],
    uses: &[
        "old towns in July",
        "river banks",
        "hot pavements",
        "camp sites",
    ],
    parts: &["straps", "buckle", "footbed", "sole"],
    slogans: &[
        "Let your toes see the world",
        "Barefoot, with benefits",
        "Summer, fastened",
    ],
    about: &[
        "The footbed takes on the shape of your foot within a week.",
        "Two straps adjust separately, so a high instep is welcome.",
        "They may get wet, and dry without turning stiff.",
    ],
    praise: &[
        "A whole day on cobbles and no sore feet.",
        "The straps hold without pinching.",
        "The footbed fits as if it had been cast for me.",
        "Straight from the river on to the bicycle: no slipping.",
    ],
    complaints: &[
        "The strap rubbed my heel raw within an hour.",
        "The footbed turned dark and slippery after a week.",
        "The buckle opens by itself on stairs.",
    ],
    questions: &[
        Asked {
            question: "May they get wet?",
            seller: "Yes. Let them dry in the shade, not on a radiator.",
            others: &[
                "I wade through rivers in mine.",
                "Mine did, and nothing happened.",
            ],
        },
        Asked {
            question: "Can the straps be made shorter?",
            seller: "There is a spare hole at each end, and a cobbler adds more in a minute.",
            others: &[
                "Yes, I have narrow feet and it works.",
                "I had one more hole punched.",
            ],
        },
        Asked {
            question: "Do they work with socks?",
            seller: "Of course. We do not judge.",
            others: &["They do, and my daughter is appalled.", "Thin ones, yes."],
        },
    ],
};

pub(super) static LOAFERS: Good = Good {
    category: "Loafers",
    nouns: &["Loafers", "Moccasins", "Penny Loafers"],
    class: Class::Shoes,
    plural: true,
    carried: false,
    drawing: &LOAFER,
    prices: (85, 220),
    materials: &["supple calf leather", "suede", "grained leather"],
    features: &[
        ("Upper", &[]),
        ("Sole", &["Leather, rubber heel", "Flexible rubber"]),
        ("Lining", &["Leather", "Unlined"]),
    ],
    uses: &[
        "office corridors",
        "aperitifs",
        "driving",
        "gallery openings",
    ],
    parts: &["stitching", "sole", "heel", "lining"],
    slogans: &[
        "Slip on, step out",
        "No laces, no hurry",
        "Good manners for feet",
    ],
    about: &[
        "The apron is stitched by hand, with a thread you may be proud of.",
        "A thin layer of foam under the leather insole makes long receptions shorter.",
        "They bend where the foot bends, from the first day.",
    ],
    praise: &[
        "They look like three times the price.",
        "Soft from the first minute, no breaking in.",
        "I wear them to the office and to the bakery alike.",
        "The heel does not slip, which is rare with loafers.",
    ],
    complaints: &[
        "The heel slips out with every step.",
        "The stitching at the apron opened after a month.",
        "The leather sole is an ice rink when it rains.",
    ],
    questions: &[
        Asked {
            question: "Do the heels slip at first?",
            seller: "A trace, until the sole has learnt to bend. If it lasts, take half a size less.",
            others: &["For two days, then no more.", "Not with thin socks."],
        },
        Asked {
            question: "Can I wear them in the rain?",
            seller: "A shower is fine. For a whole wet day we would choose a rubber sole.",
            others: &[
                "I had a thin rubber sole put on.",
                "I avoid it, the leather gets spots.",
            ],
        },
        Asked {
            question: "Do they stretch?",
            seller: "In width a little, in length hardly.",
            others: &[
                "A bit wider after two weeks.",
                "They adapted to my feet quickly.",
            ],
        },
    ],
};
