//! The rows with which every case starts: invented, small, and full of the special cases that the API allows.

use atelier_core::bulk::{
    Answer, Batch, Characteristic, LegacyCartItem, Product, Question, Review, Sku, Style,
};
use atelier_core::{Cents, Feature, Millis, Photo, StylePhoto, WriteContext};

/// Time of the clock when a [`TestApp`](crate::TestApp) opens: 2024-03-05T12:00:00.000Z.
pub const NOW: Millis = Millis(1_709_640_000_000);

/// The context of a write at [`NOW`] without an idempotency key.
pub const POSTED: WriteContext = WriteContext {
    now: NOW,
    key: None,
    key_cutoff: Millis(0),
};

/// 2024-02-29T23:59:59.999Z.
const LEAP_DAY: Millis = Millis(1_709_251_199_999);

/// Products 501 to 507 without 504. 501 has everything; 502 has no reviews but characteristics; 503 has nothing at all;
/// 505 has styles without photos or SKUs, and names that the API would refuse; 506 has only reported reviews; 507 has reviews of
/// equal helpfulness and date, characteristics whose names sort differently from their ids, and the photo
/// of the highest id.
pub fn rows() -> Batch {
    Batch {
        products: products(),
        characteristics: characteristics(),
        review_totals: Vec::new(),
        reviews: reviews(),
        questions: questions(),
        answers: answers(),
        legacy_cart: vec![LegacyCartItem {
            id: 1,
            user_session: "2232".to_owned(),
            product_id: 501,
            active: true,
        }],
    }
}

fn product(id: i64, name: &str, price: i64) -> Product {
    Product {
        id,
        name: name.to_owned(),
        slogan: "Salt spray, dry sleeves".to_owned(),
        description: "A waxed parka for long piers.".to_owned(),
        category: "Coats".to_owned(),
        default_price: Cents(price),
        // 2024-01-05T10:20:30.405Z
        created_at: Millis(1_704_450_030_405),
        updated_at: Millis(1_704_450_030_405),
        features: vec![],
        related: vec![],
        styles: vec![],
    }
}

fn feature(feature: &str, value: Option<&str>) -> Feature {
    Feature {
        feature: feature.to_owned(),
        value: value.map(str::to_owned),
    }
}

fn style(style_id: i64, name: &str, sale_price: Option<i64>, default: bool) -> Style {
    Style {
        style_id,
        name: name.to_owned(),
        original_price: Cents(7_200),
        sale_price: sale_price.map(Cents),
        default,
        photos: vec![],
        skus: vec![],
    }
}

fn style_photo(url: &str) -> StylePhoto {
    StylePhoto {
        thumbnail_url: Some(format!("https://img.example/{url}-t.jpg")),
        url: Some(format!("https://img.example/{url}.jpg")),
    }
}

fn sku(id: i64, quantity: i64, size: &str) -> Sku {
    Sku {
        id,
        quantity,
        size: size.to_owned(),
    }
}

fn products() -> Vec<Product> {
    let full = Product {
        features: vec![
            feature("Shell", Some("Waxed cotton")),
            feature("Lining", Some("\"Silk\"")),
            feature("Recycled", None),
            feature("Shell", Some("")),
        ],
        related: vec![502, 505, 505, 501],
        styles: vec![
            Style {
                skus: vec![],
                photos: vec![],
                ..style(9_002, "Bare", None, false)
            },
            Style {
                photos: vec![
                    style_photo("9001"),
                    StylePhoto {
                        thumbnail_url: None,
                        url: style_photo("x").url,
                    },
                ],
                skus: vec![
                    sku(77_010, 1, "M"),
                    sku(77_002, 0, "7.5"),
                    sku(9_500, 2, "S"),
                    sku(77_001, 4, "M"),
                ],
                ..style(9_001, "Slate", Some(6_000), true)
            },
        ],
        ..product(501, "Harbour Parka", 7_200)
    };
    let odd = Product {
        slogan: String::new(),
        description:
            "Line one\nline two; '); drop table products; -- <b>&amp;</b> \\ % \u{202e}abc\u{1}🧥"
                .to_owned(),
        category: String::new(),
        styles: vec![
            style(9_003, "", None, true),
            Style {
                original_price: Cents(12_000),
                ..style(9_004, "Two", Some(9_999), true)
            },
        ],
        ..product(505, &"Long".repeat(100), 500_000_000)
    };
    vec![
        odd,
        full,
        Product {
            updated_at: LEAP_DAY,
            ..product(502, "Quay Trousers", 10_050)
        },
        product(503, "Nothing At All", 5),
        product(506, "Hidden Hat", 100),
        product(507, "Even Gloves", 2_000),
    ]
}

fn characteristics() -> Vec<Characteristic> {
    let of = |id, product_id, name: &str| Characteristic {
        id,
        product_id,
        name: name.to_owned(),
        value_sum: 0,
        value_count: 0,
    };
    vec![
        of(63, 501, "Quality"),
        of(61, 501, "Fit"),
        of(62, 501, "Length"),
        of(64, 502, "Fit"),
        of(65, 506, "Quality"),
        of(66, 507, "Size"),
        of(67, 507, "Comfort"),
    ]
}

fn review(id: i64, product_id: i64, rating: i64, helpfulness: i64) -> Review {
    Review {
        id,
        product_id,
        rating,
        date: LEAP_DAY,
        summary: "Warm".to_owned(),
        body: "Kept me dry on the quay all week.".to_owned(),
        recommend: true,
        reported: false,
        reviewer_name: "pierwalker".to_owned(),
        reviewer_email: Some("canary-review@example.org".to_owned()),
        response: None,
        helpfulness,
        photos: vec![],
        characteristics: vec![],
    }
}

fn photo(id: i64, url: &str) -> Photo {
    Photo {
        id,
        url: format!("https://img.example/{url}.jpg"),
    }
}

/// Returns 31 to 37 of product 501, of which 35 is reported; the others have 4, 4, 5, 5, 1 and 3 stars.
fn reviews() -> Vec<Review> {
    let early = |days: i64, review: Review| Review {
        date: Millis(review.date.0 - days * 86_400_000),
        ..review
    };
    vec![
        Review {
            photos: vec![photo(8, "r8"), photo(11, "r11")],
            characteristics: vec![(61, 4), (63, 5)],
            ..review(31, 501, 4, 3)
        },
        Review {
            response: Some("Thank you!".to_owned()),
            recommend: false,
            characteristics: vec![(61, 4), (63, 3)],
            ..early(1, review(32, 501, 4, 9))
        },
        Review {
            response: Some(String::new()),
            characteristics: vec![(61, 3)],
            ..early(2, review(33, 501, 5, 3))
        },
        Review {
            summary: String::new(),
            reviewer_name: String::new(),
            ..early(3, review(34, 501, 5, 0))
        },
        Review {
            reported: true,
            characteristics: vec![(61, 1), (62, 1)],
            ..review(35, 501, 2, 50)
        },
        Review {
            summary: "Long ".repeat(40),
            recommend: false,
            ..early(4, review(36, 501, 1, 2))
        },
        Review {
            reviewer_email: None,
            ..early(5, review(37, 501, 3, 1))
        },
        Review {
            reported: true,
            characteristics: vec![(65, 2)],
            ..review(38, 506, 1, 0)
        },
        review(40, 507, 5, 7),
        review(41, 507, 5, 7),
        Review {
            date: Millis(LEAP_DAY.0 - 1),
            photos: vec![photo(7_000, "r42")],
            ..review(42, 507, 4, 7)
        },
    ]
}

fn questions() -> Vec<Question> {
    let question = |id, helpfulness, reported| Question {
        id,
        product_id: 501,
        body: "Does the hood come off?".to_owned(),
        date: LEAP_DAY,
        asker_name: "gull".to_owned(),
        asker_email: Some("canary-question@example.org".to_owned()),
        reported,
        helpfulness,
    };
    vec![
        question(71, 6, false),
        question(72, 6, false),
        question(73, 9, true),
    ]
}

fn answers() -> Vec<Answer> {
    let answer = |id, question_id, helpfulness, reported| Answer {
        id,
        question_id,
        body: "Yes, two zips.".to_owned(),
        date: LEAP_DAY,
        answerer_name: "Seller".to_owned(),
        answerer_email: Some("canary-answer@example.org".to_owned()),
        reported,
        helpfulness,
        photos: vec![photo(3, "a3")],
    };
    vec![
        answer(81, 71, 2, false),
        answer(82, 71, 5, false),
        answer(83, 71, 9, true),
        answer(84, 73, 1, false),
    ]
}
