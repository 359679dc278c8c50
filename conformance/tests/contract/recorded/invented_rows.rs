//! The rows of the invented shop: unordered, some reported, with times other than midnight.

use atelier_core::bulk::{
    Answer, Batch, Characteristic, Feature, LegacyCartItem, Photo, Product, Question, Review, Sku,
    Style, StylePhoto,
};
use atelier_core::{Cents, Millis};

use super::instants::instant;

/// Products 7, 9, 11 and 12. 7 has everything; 9 has empty texts, and characteristics without ratings; 11 has styles
/// that lack photos or SKUs, and one review; 12 is only there. Reviews 201 to 209, questions 301 to 304.
pub(crate) fn rows() -> Batch {
    Batch {
        products: products(),
        characteristics: characteristics(),
        review_totals: Vec::new(),
        reviews: reviews(),
        questions: questions(),
        answers: answers(),
        legacy_cart: vec![LegacyCartItem {
            id: 1,
            user_session: "8".to_owned(),
            product_id: 7,
            active: true,
        }],
    }
}

fn product(id: i64, name: &str, cents: i64) -> Product {
    Product {
        id,
        name: name.to_owned(),
        slogan: String::new(),
        description: String::new(),
        category: String::new(),
        default_price: Cents(cents),
        created_at: Millis(0),
        updated_at: instant("2021-12-31T00:00:00.007Z"),
        features: vec![],
        related: vec![],
        styles: vec![],
    }
}

fn products() -> Vec<Product> {
    let feature = |feature: &str, value: Option<&str>| Feature {
        feature: feature.to_owned(),
        value: value.map(str::to_owned),
    };
    let kettle = Product {
        slogan: "Says \"hej\" when it boils".to_owned(),
        description:
            "One line,\nanother:\ta \\ and a /, <b>&amp;</b>, 100 % – ☕ \u{1}\u{7f}\u{202e}cba'"
                .to_owned(),
        category: "Kitchen & Table".to_owned(),
        created_at: instant("2020-02-29T23:59:59.999Z"),
        features: vec![
            feature("Body", Some("Steel")),
            feature("Handle", Some("\"Oak\"")),
            feature("Body", None),
            feature("Größe", Some("")),
        ],
        related: vec![11, 9, 11, 7, 404],
        styles: kettle_styles(),
        ..product(7, "Fjord Kettle", 4_999)
    };
    let lamp = Product {
        styles: vec![
            Style {
                photos: vec![photo_of_style(Some("74-t"), Some("74"))],
                ..style(74, "No sizes", 123_456_789)
            },
            Style {
                skus: vec![sku(2, 1_000_000, "One")],
                ..style(73, "No photos", 123_456_789)
            },
        ],
        ..product(11, "Pier Lamp", 123_456_789)
    };
    let last = product(12, "Doormat", 1_000);
    vec![lamp, kettle, last, product(9, "", 5)]
}

fn kettle_styles() -> Vec<Style> {
    vec![
        Style {
            sale_price: Some(Cents(0)),
            default: true,
            photos: vec![photo_of_style(None, None)],
            skus: vec![sku(1, 1, "")],
            ..style(700, "Ünïcode ☕", 5)
        },
        style(72, "Bare", 5_500),
        Style {
            sale_price: Some(Cents(4_000)),
            default: true,
            photos: vec![
                photo_of_style(Some("71-t"), Some("71")),
                photo_of_style(None, Some("71-b")),
            ],
            // Their order as numbers is not that of their texts.
            skus: vec![sku(1_000, 0, "0.5 l"), sku(99, 4, "M"), sku(100, 12, "M")],
            ..style(71, "Moss \"Green\"", 4_999)
        },
    ]
}

fn style(style_id: i64, name: &str, cents: i64) -> Style {
    Style {
        style_id,
        name: name.to_owned(),
        original_price: Cents(cents),
        sale_price: None,
        default: false,
        photos: vec![],
        skus: vec![],
    }
}

fn url(name: &str) -> String {
    format!("https://img.example/{name}.jpg?w=300&q=80")
}

fn photo_of_style(thumbnail: Option<&str>, full: Option<&str>) -> StylePhoto {
    StylePhoto {
        thumbnail_url: thumbnail.map(url),
        url: full.map(url),
    }
}

fn sku(id: i64, quantity: i64, size: &str) -> Sku {
    Sku {
        id,
        quantity,
        size: size.to_owned(),
    }
}

/// By id they stand otherwise than by name.
fn characteristics() -> Vec<Characteristic> {
    let of = |id, product_id, name: &str| Characteristic {
        id,
        product_id,
        name: name.to_owned(),
        value_sum: 0,
        value_count: 0,
    };
    vec![
        of(14, 7, "Aroma"),
        of(12, 7, "Heft"),
        of(13, 7, "Spout \"é\""),
        of(11, 7, "Zest"),
        of(93, 9, "Heft"),
        of(91, 9, "Zest"),
    ]
}

fn review(id: i64, stars: i64, helpful: i64, date: &str, values: &[(i64, i64)]) -> Review {
    Review {
        id,
        product_id: 7,
        rating: stars,
        date: instant(date),
        summary: "Boils".to_owned(),
        body: "Two cups before the ferry.".to_owned(),
        recommend: true,
        reported: false,
        reviewer_name: "harbourmaster".to_owned(),
        reviewer_email: Some("hidden@example.org".to_owned()),
        response: None,
        helpfulness: helpful,
        photos: vec![],
        characteristics: values.to_vec(),
    }
}

/// Zest is 29 / 7, Spout 11 / 3, Aroma 4 / 1; only a reported review rated Heft.
fn reviews() -> Vec<Review> {
    vec![
        Review {
            summary: String::new(),
            reviewer_name: String::new(),
            recommend: false,
            ..review(204, 2, 0, "2019-07-04T05:06:07.008Z", &[(11, 4)])
        },
        Review {
            photos: vec![photo(9, "r9"), photo(10, "r10")],
            ..review(201, 5, 3, "2024-02-29T23:59:59.999Z", &[(11, 5)])
        },
        Review {
            response: Some("Thank you, \"friend\"!".to_owned()),
            recommend: false,
            ..review(202, 4, 12, "2023-12-31T12:00:00.000Z", &[(11, 5), (13, 4)])
        },
        Review {
            response: Some(String::new()),
            ..review(203, 4, 3, "2024-02-29T00:00:00.000Z", &[(11, 4), (13, 4)])
        },
        Review {
            reported: true,
            ..review(205, 1, 99, "2024-06-01T00:00:00.000Z", &[(11, 1), (12, 1)])
        },
        review(206, 5, 3, "2024-02-29T23:59:59.999Z", &[(11, 4)]),
        review(207, 4, 1, "2024-03-01T00:00:00.000Z", &[(11, 4), (13, 3)]),
        Review {
            body: "שלום 🫖\r\n\\o/ \u{8}\u{c}".to_owned(),
            ..review(208, 5, 0, "2020-01-01T00:00:00.001Z", &[(11, 3), (14, 4)])
        },
        Review {
            product_id: 11,
            ..review(209, 1, 0, "1969-12-31T23:00:00.000Z", &[])
        },
    ]
}

fn photo(id: i64, name: &str) -> Photo {
    Photo { id, url: url(name) }
}

fn question(id: i64, helpfulness: i64, body: &str) -> Question {
    Question {
        id,
        product_id: 7,
        body: body.to_owned(),
        date: instant("2024-03-01T17:18:19.020Z"),
        asker_name: "gull".to_owned(),
        asker_email: Some("hidden@example.org".to_owned()),
        reported: false,
        helpfulness,
    }
}

fn questions() -> Vec<Question> {
    vec![
        question(301, 6, "Does it whistle?"),
        Question {
            reported: true,
            ..question(303, 9, "Hidden?")
        },
        question(302, 6, "Is the lid \"loose\"?"),
        question(304, 10, "Für Gas – oder Strom?"),
    ]
}

fn answers() -> Vec<Answer> {
    let answer = |id, question_id, helpfulness| Answer {
        id,
        question_id,
        body: "Only on Sundays.".to_owned(),
        date: instant("2024-03-02T23:59:59.999Z"),
        answerer_name: "Seller".to_owned(),
        answerer_email: Some("hidden@example.org".to_owned()),
        reported: false,
        helpfulness,
        photos: vec![],
    };
    vec![
        Answer {
            photos: vec![photo(3, "a3"), photo(12, "a12")],
            ..answer(1_000, 301, 2)
        },
        Answer {
            answerer_name: String::new(),
            ..answer(100, 301, 5)
        },
        answer(99, 301, 2),
        Answer {
            reported: true,
            ..answer(98, 301, 7)
        },
        answer(404, 303, 0),
    ]
}
