//! The eleven products at the head, made by hand.

use super::plan::Goods::{self, Accessories, Clothing, Shoes};

/// A product made by hand. The texts are as they stand in the file, a quote doubled.
#[derive(Debug)]
pub(super) struct Hand {
    pub(super) goods: Goods,
    pub(super) name: &'static str,
    pub(super) slogan: &'static str,
    pub(super) description: &'static str,
    pub(super) category: &'static str,
    pub(super) price: u64,
    pub(super) styles: u64,
}

/// The first products, from 1 on. Commas stand in 2, 4, 5, 9 and 10.
pub(super) static HAND: [Hand; 11] = [
    Hand {
        goods: Clothing,
        name: "Bracken Overall",
        slogan: "One piece for the whole wood",
        description: "Made for those who vanish between the ferns on Friday and come back on Monday. The pattern  hides \
                      you well. The zip does not.",
        category: "Jackets",
        price: 140,
        styles: 6,
    },
    Hand {
        goods: Accessories,
        name: "Low Sun Glasses",
        slogan: "Where the evening meets the eye",
        description: "Wide lenses for late light, early trains, and everything between, in a frame that forgives being \
                      sat on once.",
        category: "Accessories",
        price: 69,
        styles: 4,
    },
    Hand {
        goods: Clothing,
        name: "Daybreak Joggers",
        slogan: "Up before the others",
        description: "Wear them to run or to think about running. Whether you get up at dawn or read about dawn in bed \
                      is nobody's business.",
        category: "Pants",
        price: 40,
        styles: 6,
    },
    Hand {
        goods: Clothing,
        name: "Sunday Slacks",
        slogan: "Do not work in them, rest in them",
        description: "Anybody can sit still, but it takes good slacks to sit still well, hour after hour, without a \
                      crease.",
        category: "Pants",
        price: 65,
        styles: 9,
    },
    Hand {
        goods: Shoes,
        name: "Quayside 250 Runner",
        slogan: "Older than the pavement",
        description: "The shoe of a harbour town, made again by people who still live there, with a sole that knows wet \
                      stone, cobbles, and gangways.",
        category: "Kicks",
        price: 99,
        styles: 4,
    },
    Hand {
        goods: Shoes,
        name: "Ferryman Mule",
        slogan: "Slip on and cross over",
        description: "A shoe without a heel for people without a plan. The upper is soft from the first day and does not \
                      lose its shape.",
        category: "Kicks",
        price: 89,
        styles: 2,
    },
    Hand {
        goods: Clothing,
        name: "Postmaster Cardigan",
        slogan: "Delivered warm",
        description: "Five buttons and two pockets that hold a letter each. Knit in one piece so that nothing itches at \
                      the shoulder.",
        category: "Knitwear",
        price: 118,
        styles: 5,
    },
    Hand {
        goods: Shoes,
        name: "Summit Line Boot",
        slogan: "Further up than the bus goes",
        description: "Stiff where it must be and kind where it can be. Waxed twice by hand before it leaves the house. \
                      Lasts for years.",
        category: "Boots",
        price: 455,
        styles: 9,
    },
    Hand {
        goods: Clothing,
        name: "Weekend Apron Dress",
        slogan: "Flour, paint, guests",
        description: "It began as an apron, went on as a dress, and is now what people wear to dinners they cook \
                      themselves.",
        category: "Dress",
        price: 61,
        styles: 1,
    },
    Hand {
        goods: Accessories,
        name: "Meteorite Collar Stud",
        slogan: "Older than your tie, older than the sea",
        description: "Cut from iron that fell in winter, polished for a year, and priced so that only one person need \
                      decide.",
        category: "Accessories",
        price: 5_000_000,
        styles: 6,
    },
    Hand {
        goods: Clothing,
        name: "Harbour Master Coat",
        slogan: "Calm in any wether",
        description: "A long coat for long piers. The collar stands up by itself when the wind does.",
        category: "Coats",
        price: 170,
        styles: 0,
    },
];
