//! What customers ask about any product of a class. Templates; see `wording`.

use super::goods::{Asked, Class};

/// Questions about anything.
pub(super) static GENERAL: [Asked; 10] = [
    Asked {
        question: "{Is} {this} suitable for {use}?",
        seller: "Yes, that is what we had in mind when we designed {them}.",
        others: &[
            "That is what I use {them} for.",
            "Yes, no complaints so far.",
            "So-so. {It} work{s}, but there are better ones for that.",
        ],
    },
    Asked {
        question: "Is {colour} as strong a colour as in the picture?",
        seller: "Screens differ a little. We are happy to send you a sample of the {material}.",
        others: &[
            "A shade lighter in daylight.",
            "Just like the picture, I think.",
            "Yes! And it goes with everything.",
        ],
    },
    Asked {
        question: "Where {is} {this} made?",
        seller: "In two family workshops in Portugal.",
        others: &[
            "The label says Portugal.",
            "Portugal, according to the tag.",
        ],
    },
    Asked {
        question: "How long does delivery take?",
        seller: "Two to three working days; parcels leave us every afternoon.",
        others: &[
            "Mine took three days.",
            "Two days, and the parcel even survived the rain.",
        ],
    },
    Asked {
        question: "Can I return {them} if {it} {does} not suit me?",
        seller: "Of course, within 60 days, as long as {it} {is} as good as new.",
        others: &[
            "Yes, I did. The refund came within a week.",
            "Yes, the return label is in the parcel.",
        ],
    },
    Asked {
        question: "Will there be other colours?",
        seller: "New ones arrive in spring and autumn. All we have today are on this page.",
        others: &[
            "I saw more of them last spring, so perhaps.",
            "I hope so, I would love {one} in red.",
        ],
    },
    Asked {
        question: "Can the {part} be repaired?",
        seller: "Yes. Send {them} in, and our workshop will see to it at cost.",
        others: &[
            "They repaired mine for the price of the postage.",
            "I have not needed it yet, but the shop says so.",
        ],
    },
    Asked {
        question: "Would {this} make a good present?",
        seller: "We think so, and we gladly add a card.",
        others: &[
            "I gave {one} to my father, and he is delighted.",
            "Yes. Mine was a present, and I love {them} ❤️",
        ],
    },
    Asked {
        question: "What exactly does \"{material}\" mean here?",
        seller: "It is the main material; the small parts may be made of something else. The label has it all.",
        others: &["No idea, but it feels good.", "The label lists everything."],
    },
    Asked {
        question: "Has anybody had {this} for longer than a year? How {does} {it} age?",
        seller: "We {wear} ours for years, so well, we hope.",
        others: &[
            "Fourteen months, still fine.",
            "Two winters. The {part} show{part_s} it a little, the rest does not.",
            "Mine had to be repaired once, free of charge.",
        ],
    },
];

static CLOTHING: [Asked; 4] = [
    Asked {
        question: "{Does} {this} run true to size?",
        seller: "Yes. Between two sizes we would take the larger one.",
        others: &[
            "I always take {size}, and {it} fit{s}.",
            "True to size for me.",
            "A little roomy on me, but I like it that way.",
        ],
    },
    Asked {
        question: "How do I wash {this}?",
        seller: "Cool and gently, and dry {them} on a line. The label inside has the details.",
        others: &[
            "I use the gentle cycle and dry {them} on the balcony.",
            "Cold wash, ten times so far, no trouble.",
        ],
    },
    Asked {
        question: "When will {size} be back in {colour}?",
        seller: "The next delivery is due in about three weeks.",
        others: &[
            "I asked the same, and got mine after a month.",
            "Write to them, they can put one aside for you.",
        ],
    },
    Asked {
        question: "I am 1.85 m tall. Which size should I take?",
        seller: "At that height we would take L; slim people are fine with M.",
        others: &[
            "I am 1.84 m and {wear} L.",
            "L for me, and I am a bit taller.",
            "XL if you like {them} loose.",
        ],
    },
];

static SHOES: [Asked; 4] = [
    Asked {
        question: "Do they run small?",
        seller: "They run true to size; between two sizes take the larger one.",
        others: &[
            "I took my usual {size}, and they fit.",
            "Half a size up was right for me.",
            "Snug for the first week, then perfect.",
        ],
    },
    Asked {
        question: "Are they wide enough for broad feet?",
        seller: "They are of medium width. For broad feet we would go half a size up.",
        others: &[
            "I have broad feet and no trouble.",
            "A bit narrow for me at first.",
        ],
    },
    Asked {
        question: "How long does it take to break them in?",
        seller: "Allow a week of short walks; then they are yours.",
        others: &[
            "Two or three days for me.",
            "I walked home in them straight away.",
            "A week and two plasters.",
        ],
    },
    Asked {
        question: "When will {size} be back in {colour}?",
        seller: "The next delivery is due in about three weeks.",
        others: &[
            "I asked the same, and got mine after a month.",
            "They sent me an e-mail when mine was back.",
        ],
    },
];

/// Questions about what belongs to `class`.
pub(super) fn about(class: Class) -> &'static [Asked] {
    match class {
        Class::Clothing => &CLOTHING,
        Class::Shoes => &SHOES,
        Class::Accessory => &[],
    }
}
