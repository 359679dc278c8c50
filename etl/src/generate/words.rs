//! What the texts are put together from. None holds a quote.

pub(super) const GIVEN: [&str; 56] = [
    "Abel", "Agnes", "Alma", "Anselm", "Bea", "Berta", "Bruno", "Carla", "Casimir", "Clara", "Cyril", "Dora", "Edda",
    "Edgar", "Elsa", "Emil", "Enid", "Ezra", "Fanny", "Felix", "Flora", "Greta", "Gustav", "Hanna", "Hector", "Ida",
    "Ines", "Irma", "Jonas", "Judith", "Kaspar", "Leonie", "Linus", "Lotte", "Magnus", "Malva", "Marit", "Mira",
    "Nestor", "Nora", "Olga", "Orla", "Oskar", "Paula", "Petra", "Quentin", "Rosa", "Rufus", "Selma", "Silas",
    "Tilda", "Ursula", "Viola", "Walter", "Wanda", "Xenia",
];

pub(super) const INITIALS: [&str; 20] = [
    "A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L", "M", "N", "O", "P", "R", "S", "T", "W",
];

pub(super) const FAMILY: [&str; 40] = [
    "adler", "barker", "birch", "brook", "carver", "cole", "dale", "ferrer", "fields", "garner", "grove", "hale",
    "heron", "holm", "hurst", "ivers", "keller", "lark", "lind", "marsh", "mason", "moor", "nash", "north", "orchard",
    "page", "pike", "quill", "reed", "ridge", "rowe", "sander", "stone", "thorn", "tillman", "vale", "ward", "weaver",
    "wells", "wren",
];

pub(super) const NUMBERS: [&str; 8] = ["50", "100", "120", "200", "250", "300", "500", "900"];

/// Category words of clothing, shoes and accessories.
pub(super) const CATEGORIES: [&[&str]; 3] = [
    &[
        "Blouse", "Cardigan", "Coat", "Dress", "Hoodie", "Jacket", "Jeans", "Jumper", "Leggings", "Pants", "Parka",
        "Poncho", "Shirt", "Shorts", "Skirt", "Suit", "Sweater", "Trousers",
    ],
    &["Boots", "Clogs", "Loafers", "Sandals", "Shoes", "Slippers"],
    &["Belt", "Cap", "Gloves", "Hat", "Scarf"],
];

pub(super) const COLOURS: [&str; 31] = [
    "Amber", "Ash", "Black", "Brick", "Bronze", "Chalk", "Charcoal", "Cherry", "Clay", "Cobalt", "Copper", "Coral",
    "Cream", "Dark Grey", "Fern", "Fog", "Forest Green", "Gold", "Ink", "Ivory", "Khaki", "Lilac", "Midnight Blue",
    "Moss", "Ochre", "Olive", "Plum", "Rust", "Sand", "Sky Blue", "White",
];

/// Feature names with the values they take.
pub(super) const FEATURES: [(&str, &[&str]); 9] = [
    (
        "Fabric",
        &[
            "Canvas", "Denim", "Linen", "95% Cotton, 5% Elastic", "Boiled Wool", "Corduroy",
        ],
    ),
    ("Sole", &["Rubber", "Crepe", "Cork", "Leather", "Foam"]),
    (
        "Material",
        &[
            "Felted Wool", "Waxed Cotton", "Recycled Nylon", "Calf Leather", "Hemp",
        ],
    ),
    (
        "Stitching",
        &["Double Stitch", "Chain Seam", "Lock Seam", "Hand Sewn"],
    ),
    ("Buttons", &["Brass", "Horn", "Wood", "Corozo"]),
    ("Cut", &["Loose", "Straight", "Slim", "Relaxxed", "Cropped"]),
    ("Lining", &["Satin", "Fleece", "Flannel, brushed", "Mesh"]),
    ("Lens", &["Smoke Tint", "Amber Tint", "Clear", "Polarised"]),
    ("Closure", &["Zip", "Laces", "Hook and Loop", "Buckle"]),
];

/// Feature names that say it all; their value is null.
pub(super) const LABELS: [&str; 7] = [
    "Ten Year Warranty", "Repair Pledge", "Plant Dyed", "Fair Trade Certified", "Made Without Plastic",
    "Water Repellent", "Machine Washable",
];

pub(super) const SIZES: [&str; 12] = [
    "XS", "S", "M", "L", "XL", "XXL", "3XL", "4XL", "5XL", "6XL", "7XL", "8XL",
];
pub(super) const SHOE_SIZES: [&str; 17] = [
    "7", "7.5", "8", "8.5", "9", "9.5", "10", "10.5", "11", "11.5", "12", "12.5", "13", "13.5", "14", "14.5", "15",
];

pub(super) const SLOGANS: [[&str; 24]; 2] = [
    [
        "Made for long days", "Cut for the weather", "Honest cloth", "Worn by those who walk", "A quiet favourite",
        "Nothing you do not need", "Softer every season", "From the workshop by the river", "Old pattern",
        "Light as a promise", "For early risers", "Built to be mended", "Good on Monday", "Simple at first sight",
        "Ready when you are", "Warm without weight", "An evening by the sea", "The one you reach for",
        "Two generations of practice", "Travels well", "Small details", "Everyday cut", "Room to move", "Plain words",
    ],
    [
        "and longer nights", "and for what follows", "with an honest price", "and not a stitch too many",
        "that asks for nothing", "and keeps its shape", "to hand down one day", "and better on Friday",
        "for a restless town", "without the fuss", "and a pocket for each hand", "for people in no hurry",
        "with new hands", "made to stay", "in every kind of light", "and a little pride", "for wherever you stand",
        "and rain now and then", "for those who notice", "at home or far away", "and easy to forgive",
        "from first to last wear", "with room for more", "and clear lines",
    ],
];

/// Sentences about a product: what, and what of it.
pub(super) const DESCRIPTIONS: [[&str; 20]; 2] = [
    [
        "The cloth comes from a small mill", "Every seam is sewn twice", "The cut follows an old work pattern",
        "We chose the lightest yarn we could find", "The colour is set in three slow baths",
        "The edges are bound by hand", "It is washed before it leaves the house", "The pockets sit where hands fall",
        "The weave is dense", "A second layer lies where it rubs", "The thread is stronger than it looks",
        "The first of its kind was made for a neighbour", "It folds down to the size of a book",
        "The buttons are sewn on with a shank", "What is left over becomes patches", "It was worn for a year",
        "The shoulder has been drawn again", "It breathes in summer", "The finish is free of wax",
        "It was made in one workshop",
    ],
    [
        "and that shows after the tenth wash", "so that it lasts for years rather than months",
        "which takes longer and is worth it", "and it will look better the more you wear it",
        "so nothing pulls when you reach for the top shelf", "and still it dries overnight on a line",
        "because the last version was not good enough", "and anyone can mend it with a needle",
        "with a lining that does not cling", "so you may forget that you have it on",
        "and keeps the wind out on the bicycle", "as it should be", "before we put our name on it",
        "and goes with nearly everything else you own", "by people who are paid for their time",
        "so it fits a little better every week", "and does not fade in the sun", "to the last detail",
        "which is why there is only a small batch each month", "and holds warmth when the evenings turn cold",
    ],
];

/// Sentences of reviews: what, how, and a last word.
pub(super) const REVIEWS: [[&str; 24]; 3] = [
    [
        "The fit", "The colour", "The fabric", "The stitching", "The finish", "The length", "The overall quality",
        "The delivery", "The packaging", "The size I ordered", "The cut", "The weight", "The feel of it",
        "The pattern", "The whole thing", "My second one", "The look", "The texture", "The material", "The price",
        "The comfort", "The shape", "The replacement", "This one",
    ],
    [
        " is exactly what I hoped for", " is better than the pictures suggest", " took a week to get used to",
        " surprised everybody at home", " is fine for what it costs", " is not what I had expected",
        " was right from the first day", " could be a little better", " reminds me of one I had years ago",
        " has held up well", " is a bit off", " gets me a compliment now and then", " makes it worth the wait",
        " is the reason I came back", " was a small disappointment", " is good but not great", " suits me very well",
        " is hard to fault", " runs smaller than the table says", " runs larger than the table says",
        " is simply lovely", " will do for the garden", " deserves more praise", " is all over the place",
    ],
    [
        "", "", " so far", " after two months of wear", " and I would buy it again", " even after many washes",
        ", and my sister agrees", " for the price", ", so I kept it", ", so it went back", " at least in this colour",
        " on the second try", ", which is rare", " compared with the others I tried", ", as promised",
        " if you are tall", " if you are patient", ", no doubt about it", " in cold weather", " in the rain",
        " on long walks", ", I have to admit", " though my partner thinks otherwise", " and that is enough for me",
    ],
];

pub(super) const SUMMARIES: [[&str; 16]; 2] = [
    [
        "Better than expected", "Not bad at all", "A good buy", "Sent it back", "Would buy again", "Mixed feelings",
        "My new favourite", "Too small for me", "Too large for me", "Lovely colour", "Good but not great",
        "Worth every coin", "Nothing special", "Great for the price", "Came late", "Exactly as described",
    ],
    [
        "", ", after some months", " and very comfortable", ", sadly", " for everyday wear",
        ", all things considered", " on the whole", ", with one small flaw", " for a present", ", thank you",
        " in this size", " for the garden", " and easy to wash", ", as always", " for cold days", " for my daughter",
    ],
];

pub(super) const RESPONSES: [[&str; 8]; 2] = [
    [
        "Thank you for taking the time to write", "We are glad that you like it", "We are sorry to hear that",
        "Thank you for your honest words", "That is not how it should be", "You have made our day",
        "We have passed this on to the workshop", "We hear this more often",
    ],
    [
        ". Please write to us and we will find a way.", ". The next batch will be better.",
        ". We hope it serves you for many years.", ". A replacement is on its way.", ".",
        ". Come by when you are in town.", ". The table of sizes has been put right.", ". Do tell your friends.",
    ],
];

pub(super) const QUESTIONS: [[&str; 20]; 4] = [
    [
        "", "", "I am about to order and wonder. ", "Before I buy a second one I should like to know. ",
        "A question to those who have it already. ", "The pictures do not tell, so I ask here. ", "Hello. ",
        "Sorry if this has been asked before. ", "My last one was worn out within a year. ",
        "I have read all reviews and am still not sure. ", "Quick question. ", "For the owner of the shop. ",
        "I am between two minds. ", "Good evening to all of you. ", "We are looking for something that lasts. ",
        "I have ordered three of them and one is odd. ", "I saw it in town the other day. ",
        "My old one was made elsewhere. ", "It looks lovely, but I wonder. ", "Somebody here will know. ",
    ],
    [
        "Does it shrink", "Is the colour as bright as in the pictures", "Will it fit", "Can I wear it",
        "Does the fabric itch", "How does it hold up", "Is it warm enough", "Is the sole good", "Does the zip catch",
        "Is there a lining", "Can it be mended", "Does it stain", "How long does delivery take", "Is it true to size",
        "Would you buy it again", "Does it stretch", "Is it see-through", "Are the pockets deep", "Does it run small",
        "What is it made of",
    ],
    [
        " after a few washes", " with a warm jumper below", " if I am between two sizes", " in light rain",
        " over the years", " when it gets cold", " for somebody tall", " on a long walk", " at the shoulders",
        " for a child of twelve", " in summer", " on the bicycle", " with wide feet", " for the office",
        " at the seams", " and the lining", " for a present", " in the darker colours", " by hand", " on wet stone",
    ],
    [
        "?", "?", "?", "? I would like to order before Friday.", "? The last one did not.",
        "? The table says one thing, the picture another.", "? I have had bad luck before.", "? Thanks!",
        "? My brother wants to know.", ", or should I look at another one?", ", and what about the other style?",
        "? Nobody in the shop could say.", "? I live in the north.", "? It is for my mother.",
        ", in your experience?", "? The description does not say.", ", fade, or both?", "? Asking for a friend.",
        "? Please be honest.", "?",
    ],
];

pub(super) const ANSWERS: [[&str; 20]; 2] = [
    [
        "No, not at all", "Yes, without any trouble", "Mine does not", "It did a little", "I would not worry",
        "Not in my experience", "Hard to say", "Only the first time", "Yes, but take one size up",
        "Yes, but take one size down", "I have worn it for a year", "It depends on how you wash it", "For me it did",
        "Definitely", "Somewhat", "Better than the older version", "I sent mine back",
        "I asked myself the same thing", "It is described on the label", "Sure",
    ],
    [
        ".", ", and I wear it nearly every day.", ". It got better after the second wash.",
        ", at least in this colour.", ". My husband says the same of his.", ", if you hang it up to dry.",
        ". I am quite tall and it fits well.", ", so I ordered another one.", ". The seams are the weak point.",
        ". Ask the shop, they answer quickly.", ", though I treat it with care.",
        ". It was colder than I had thought.", ", and I walk a lot.", ". Two winters now, and no hole.",
        ". Just follow the table of sizes.", ", as far as I can tell.", ". I would choose the other style for that.",
        ", but the pockets could be deeper.", ". Hope that helps!", ", it is made for that.",
    ],
];
