//! Hats, caps and beanies.

use super::drawings::{BEANIE, CAP, HAT};
use super::goods::{Asked, Class, Good};

pub(super) static HATS: Good = Good {
    category: "Hats",
    nouns: &["Sun Hat", "Bucket Hat", "Brimmed Hat"],
    class: Class::Accessory,
    plural: false,
    carried: false,
    drawing: &HAT,
    prices: (24, 75),
    materials: &["organic cotton", "hemp canvas", "washed linen"],
    features: &[
        ("Brim", &["6 cm", "8 cm, wired"]),
        ("Fabric", &[]),
        ("Sun Protection", &["UPF 50", "UPF 30"]),
    ],
    uses: &[
        "the allotment",
        "boat days",
        "sunny picnics",
        "summer festivals",
    ],
    parts: &["brim", "sweatband", "crown", "chin cord"],
    slogans: &[
        "Shade to take away",
        "Keep a cool head",
        "A brim for every mood",
    ],
    about: &[
        "The brim keeps its shape, and folds flat when it has to.",
        "A cotton band inside keeps the forehead dry.",
        "It can be rolled up, sat on and shaken out.",
    ],
    praise: &[
        "It survived being sat on by a large dog.",
        "The brim is wide enough to shade my neck.",
        "Light enough that I forget I have it on.",
        "It stays on in the wind without squeezing.",
    ],
    complaints: &[
        "The brim went limp after the first rain.",
        "The first gust took it, twice.",
        "It left a coloured ring on my forehead.",
    ],
    questions: &[
        Asked {
            question: "For what size of head is it made?",
            seller: "For 56 to 59 cm; a cord inside makes it smaller.",
            others: &[
                "I have 58 cm and it fits well.",
                "A little large on my 55 cm, but the cord helps.",
            ],
        },
        Asked {
            question: "Does it fold?",
            seller: "Yes, roll it up loosely; the brim springs back.",
            others: &["Mine lives in my bag.", "It does, with a few creases."],
        },
        Asked {
            question: "Is there a cord for windy days?",
            seller: "A thin one, which you can take off.",
            others: &["Yes, and on a boat you need it.", "Mine came with one."],
        },
    ],
};

pub(super) static CAPS: Good = Good {
    category: "Caps",
    nouns: &["Cap", "Five-Panel Cap", "Running Cap"],
    class: Class::Accessory,
    plural: false,
    carried: false,
    drawing: &CAP,
    prices: (20, 48),
    materials: &["washed cotton", "fine corduroy", "light technical mesh"],
    features: &[
        ("Peak", &["Curved", "Flat"]),
        ("Closure", &["Metal buckle", "Fabric strap"]),
        ("Fabric", &[]),
    ],
    uses: &["bad hair days", "low sun", "morning runs", "long drives"],
    parts: &["peak", "strap", "stitching", "sweatband"],
    slogans: &[
        "For heads of all kinds",
        "Low sun, high spirits",
        "Caps off? Never",
    ],
    about: &[
        "The peak is curved a little and takes more if you ask it nicely.",
        "The strap at the back fits a small head as well as a large one, or a ponytail.",
        "It is soft, unlined and washed before you get it.",
    ],
    praise: &[
        "It sits low and does not leave marks.",
        "The peak has just the right curve.",
        "It has been through the wash five times and looks better for it.",
        "No huge logo, thank you.",
    ],
    complaints: &[
        "The peak cracked after one wash.",
        "It sits so high that I look like a baker.",
        "The strap loosens by itself all day.",
    ],
    questions: &[
        Asked {
            question: "Does it fit a large head?",
            seller: "Up to about 62 cm with the strap let out.",
            others: &[
                "I have 61 cm, and it fits.",
                "Mine is 60 cm, second to last hole.",
            ],
        },
        Asked {
            question: "Can it go in the washing machine?",
            seller: "Better by hand: the peak likes to keep its curve.",
            others: &[
                "I wash it by hand in the sink.",
                "Mine did, in a bag, and survived.",
            ],
        },
        Asked {
            question: "Is there room for a ponytail?",
            seller: "Yes, above the strap at the back.",
            others: &["Yes, that works.", "A thin one."],
        },
    ],
};

pub(super) static BEANIES: Good = Good {
    category: "Beanies",
    nouns: &["Beanie", "Bobble Hat", "Ribbed Beanie"],
    class: Class::Accessory,
    plural: false,
    carried: false,
    drawing: &BEANIE,
    prices: (18, 52),
    materials: &["merino", "lambswool", "recycled cashmere", "thick cotton"],
    features: &[
        ("Yarn", &[]),
        ("Knit", &["Ribbed", "Cable"]),
        ("Bobble", &["Removable", "Held by a popper"]),
    ],
    uses: &[
        "frosty mornings",
        "ski lifts",
        "football in February",
        "dog walks",
    ],
    parts: &["cuff", "bobble", "ribbing", "seam"],
    slogans: &[
        "Ears first",
        "Small hat, big winter",
        "Keeps good ideas warm",
    ],
    about: &[
        "The cuff folds once or twice, as cold as it gets.",
        "It is knitted in the round, so there is no seam to press.",
        "Soft enough for the forehead, dense enough for the wind.",
    ],
    praise: &[
        "My ears stayed warm at minus eight.",
        "It does not itch at all, not even on the forehead.",
        "It fits under a bicycle helmet.",
        "It kept its shape, although I stuff it into every pocket.",
    ],
    complaints: &[
        "After a week it had stretched down to my nose.",
        "It itches so much that I wear it only in emergencies.",
        "The bobble came off in the tram.",
    ],
    questions: &[
        Asked {
            question: "Does the wool itch on the forehead?",
            seller: "Hardly anybody feels it. If you do, send it back, worn or not.",
            others: &["Not on mine.", "For a minute, then I forget it."],
        },
        Asked {
            question: "Does it fit under a helmet?",
            seller: "Without the bobble it does; turn the cuff down.",
            others: &[
                "Yes, under my bicycle helmet.",
                "With the cuff unfolded, yes.",
            ],
        },
        Asked {
            question: "Is it big enough for a lot of hair?",
            seller: "It stretches well. For very thick hair leave the cuff unfolded.",
            others: &["I have curls for three, and it fits.", "Just about."],
        },
    ],
};
