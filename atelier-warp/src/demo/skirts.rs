//! Skirts and dresses.

use super::drawings::{DRESS, SKIRT};
use super::goods::{Asked, Class, Good};

pub(super) static SKIRTS: Good = Good {
    category: "Skirts",
    nouns: &["Pleated Skirt", "Midi Skirt", "Swing Skirt"],
    class: Class::Clothing,
    plural: false,
    carried: false,
    drawing: &SKIRT,
    prices: (45, 120),
    materials: &[
        "flowing viscose",
        "cotton corduroy",
        "wool flannel",
        "brushed cotton",
    ],
    features: &[
        ("Fabric", &[]),
        ("Waist", &["Elastic at the back", "Hidden zip"]),
        ("Pockets", &["Two, in the side seams"]),
    ],
    uses: &[
        "museum afternoons",
        "dancing",
        "office days",
        "spring in the park",
    ],
    parts: &["waistband", "pleats", "pockets", "lining", "hem"],
    slogans: &[
        "It turns when you turn",
        "Yes, it has pockets",
        "Swing into spring",
    ],
    about: &[
        "The pleats are set by hand and stay, even after a day on the train.",
        "It swings when you walk and settles when you stand.",
        "The side seams hide two real pockets.",
    ],
    praise: &[
        "It has pockets, real ones, and they do not show.",
        "The way it swings makes me take the long way home.",
        "The waistband is comfortable even after a big dinner.",
        "The lining keeps it from clinging to tights.",
    ],
    complaints: &[
        "It clings to tights as soon as the air is dry.",
        "The pleats were gone after the first wash.",
        "The hidden zip jams halfway up.",
    ],
    questions: &[
        Asked {
            question: "Does it really have pockets?",
            seller: "Two of them, in the side seams, deep enough for a phone.",
            others: &["Yes, and good ones.", "Yes! That is why I own two."],
        },
        Asked {
            question: "Is it lined?",
            seller: "Down to the knee, with a light lining.",
            others: &[
                "Yes, so it does not cling.",
                "It is, but not all the way down.",
            ],
        },
        Asked {
            question: "How long is it?",
            seller: "74 cm in size M, from the waist to the hem.",
            others: &[
                "Just over my knee.",
                "Half way down the calf, I am rather short.",
            ],
        },
    ],
};

pub(super) static DRESSES: Good = Good {
    category: "Dresses",
    nouns: &["Summer Dress", "Button Dress", "Tea Dress", "Midi Dress"],
    class: Class::Clothing,
    plural: false,
    carried: false,
    drawing: &DRESS,
    prices: (60, 180),
    materials: &[
        "washed linen",
        "crinkled cotton",
        "soft viscose",
        "organic poplin",
    ],
    features: &[
        ("Fabric", &[]),
        ("Belt", &["Removable", "Sewn in"]),
        ("Pockets", &["Two, hidden", "Two, on the front"]),
    ],
    uses: &[
        "garden weddings",
        "warm evenings",
        "holidays by a lake",
        "office summers",
    ],
    parts: &["neckline", "belt", "buttons", "hem", "straps"],
    slogans: &[
        "Slip in and you are dressed",
        "Made for the second half of a warm day",
        "Pack one thing, pack this",
    ],
    about: &[
        "The waist is marked but not tied down, and the skirt has room for long steps.",
        "It travels rolled up and hangs itself smooth in a steamy bathroom.",
        "The neckline is faced twice, so that it lies flat and stays there.",
    ],
    praise: &[
        "I wore it to a wedding and danced until two.",
        "It fell out of the suitcase without a crease.",
        "The cut flatters without pinching anywhere.",
        "Light and airy, and not at all see-through.",
    ],
    complaints: &[
        "The seam under the arm scratches.",
        "Far too see-through in sunlight.",
        "The hem came undone on the first evening.",
    ],
    questions: &[
        Asked {
            question: "Can I wear a normal bra with it?",
            seller: "Yes, the straps and the neckline were cut with that in mind.",
            others: &["Yes, nothing shows.", "With most of mine, yes."],
        },
        Asked {
            question: "Is it too casual for a wedding?",
            seller: "Not with good shoes. We have seen it at several.",
            others: &[
                "I wore it to one and felt just right.",
                "For a summer wedding it is perfect.",
            ],
        },
        Asked {
            question: "Does the belt come off?",
            seller: "It depends on the style: see the features above. Without it the dress falls straight.",
            others: &["Mine does.", "Yes, and it looks good without it, too."],
        },
    ],
};
