//! Knitwear, shirts and T-shirts.

use super::drawings::{SHIRT, SWEATER, TEE};
use super::goods::{Asked, Class, Good};

pub(super) static KNITWEAR: Good = Good {
    category: "Knitwear",
    nouns: &[
        "Jumper",
        "Crew Sweater",
        "Fisherman Knit",
        "Ribbed Pullover",
    ],
    class: Class::Clothing,
    plural: false,
    carried: false,
    drawing: &SWEATER,
    prices: (60, 190),
    materials: &[
        "undyed lambswool",
        "merino",
        "cotton and cashmere",
        "recycled wool",
    ],
    features: &[
        ("Yarn", &[]),
        ("Knit", &["Half cardigan", "Cable", "Plain, 7 gauge"]),
        ("Neck", &["Crew", "Rolled", "Mock"]),
    ],
    uses: &[
        "cold kitchens",
        "slow Sundays",
        "open-air cinema nights",
        "boat trips",
    ],
    parts: &["cuffs", "collar", "ribbing", "sleeves"],
    slogans: &[
        "A warm word in wool",
        "Knitted slowly, worn for years",
        "Autumn's favourite excuse",
    ],
    about: &[
        "The sleeves are knitted in one with the shoulders, so nothing pulls when you stretch.",
        "It is knitted rather tightly: warm without bulk, and slow to lose its shape.",
        "Ribbed cuffs hold when they are pushed up for the washing-up.",
    ],
    praise: &[
        "Soft enough to wear on bare skin.",
        "It keeps its shape, even after a weekend in a suitcase.",
        "The knit is dense and warm without being bulky.",
        "No itching at all, and I am usually sensitive to wool.",
    ],
    complaints: &[
        "It itches so much that I need a shirt underneath.",
        "After one careful wash it came out a size longer.",
        "Bobbles everywhere after two weeks.",
    ],
    questions: &[
        Asked {
            question: "Does it itch?",
            seller: "Most people wear it without anything underneath. We are happy to send a sample of the yarn.",
            others: &[
                "Not at all on me.",
                "A little at the neck for the first days.",
                "No, and I am fussy about wool.",
            ],
        },
        Asked {
            question: "Does it shrink in the wash?",
            seller: "Not on a wool programme at 30 degrees, dried flat on a towel.",
            others: &[
                "Mine has kept its size for a year.",
                "Stay away from the dryer and you are fine.",
            ],
        },
        Asked {
            question: "Is it thick enough to replace a jacket in autumn?",
            seller: "On a dry day above ten degrees, certainly.",
            others: &["With a shirt under it, yes.", "Only when there is no wind."],
        },
    ],
};

pub(super) static SHIRTS: Good = Good {
    category: "Shirts",
    nouns: &["Camp Shirt", "Relaxed Shirt", "Overshirt", "Work Shirt"],
    class: Class::Clothing,
    plural: false,
    carried: false,
    drawing: &SHIRT,
    prices: (48, 120),
    materials: &[
        "washed linen",
        "organic cotton",
        "brushed twill",
        "cotton and hemp",
    ],
    features: &[
        ("Fabric", &[]),
        ("Buttons", &["Mother-of-pearl look", "Corozo nut"]),
        ("Cut", &["Regular", "Boxy", "Slim"]),
    ],
    uses: &[
        "warm offices",
        "dinner on the balcony",
        "train journeys",
        "days without a plan",
    ],
    parts: &["collar", "buttons", "chest pocket", "cuffs", "yoke"],
    slogans: &[
        "Buttoned up or wide open",
        "Looks ironed. Isn't.",
        "From desk to deck",
    ],
    about: &[
        "The collar is soft but knows how to stand, with or without the top button.",
        "A pleat at the back gives room to move; the chest pocket takes a ticket and a pen.",
        "It is washed before it leaves us, so that it fits next month as it does today.",
    ],
    praise: &[
        "It looks good even when I have not ironed it, which is always.",
        "The fabric is airy and still not see-through.",
        "The collar sits well under a jumper.",
        "It got softer with every wash.",
    ],
    complaints: &[
        "It creases the moment you look at it.",
        "The chest buttons pull open when I sit down.",
        "The fabric is thinner than it looks, nearly see-through.",
    ],
    questions: &[
        Asked {
            question: "Does it need ironing?",
            seller: "Hang it up wet and smooth it by hand; that does for most days.",
            others: &["I never iron mine.", "For the office yes, otherwise no."],
        },
        Asked {
            question: "Is the lightest colour see-through?",
            seller: "Not in normal light. Against the sun you may see an outline.",
            others: &["A little, in bright sun.", "No, the weave is dense enough."],
        },
        Asked {
            question: "Can it be worn untucked?",
            seller: "Yes, the hem is cut straight for that.",
            others: &[
                "That is how I always wear it.",
                "Yes, it ends just below the hips.",
            ],
        },
    ],
};

pub(super) static TEES: Good = Good {
    category: "T-Shirts",
    nouns: &["Tee", "Pocket Tee", "Easy Tee", "Relaxed Tee"],
    class: Class::Clothing,
    plural: false,
    carried: false,
    drawing: &TEE,
    prices: (18, 49),
    materials: &[
        "organic cotton jersey",
        "heavy cotton",
        "slub cotton",
        "cotton and linen",
    ],
    features: &[
        ("Fabric", &[]),
        ("Neck", &["Ribbed crew", "Wide crew"]),
        ("Cut", &["Regular", "Boxy"]),
    ],
    uses: &[
        "every day",
        "festival summers",
        "lazy Saturdays",
        "layering",
    ],
    parts: &["neckline", "seams", "hem", "sleeves"],
    slogans: &[
        "The one on top of the pile",
        "Plain and simple, twice over",
        "Soft from day one",
    ],
    about: &[
        "The neck is ribbed and double stitched, so that it stays round.",
        "It was washed with pumice before you got it: nothing left to shrink.",
        "Side seams keep it straight, wash after wash.",
    ],
    praise: &[
        "The neck has not stretched at all.",
        "Thick enough to wear alone, light enough for July.",
        "The softest cotton I have in the drawer.",
        "It came out of the wash exactly as it went in.",
    ],
    complaints: &[
        "After the second wash the side seams had wandered to the front.",
        "The neckline went wavy within a week.",
        "A small hole appeared near the hem, out of nowhere.",
    ],
    questions: &[
        Asked {
            question: "Does it shrink?",
            seller: "By one or two per cent at most, because it is washed before it is sold.",
            others: &["Not that I noticed.", "A tiny bit in length at 60 degrees."],
        },
        Asked {
            question: "How thick is the fabric?",
            seller: "Thick enough that nothing shows through, thin enough for summer.",
            others: &["Nice and sturdy.", "Medium, I would say."],
        },
        Asked {
            question: "Is there a label in the neck that scratches?",
            seller: "No, it is printed on the inside.",
            others: &["No label, only print.", "None, thank goodness."],
        },
    ],
};
