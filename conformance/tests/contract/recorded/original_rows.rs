//! Rows that lead to the responses of the original service: those in its files, and reviews that account for its totals.

use atelier_core::bulk::{
    Answer, Batch, Characteristic, Feature, Photo, Product, Question, Review, Sku, Style,
    StylePhoto,
};
use atelier_core::{Cents, Millis};
use serde_json::Value;

use super::instants::instant;

const PRODUCT: i64 = 40344;

/// The rows behind the files that `read` gives the text of.
pub(crate) fn rows(read: impl Fn(&str) -> String) -> Batch {
    let json = |name: &str| -> Value { serde_json::from_str(&read(name)).expect(name) };
    let mut products: Vec<Product> = all(&json("products-list-40344"), product);
    let full = products.iter_mut().find(|product| product.id == PRODUCT);
    let full = full.expect("the product is in the list");
    full.features = all(&json("product-info-40344")["features"], |it| Feature {
        feature: text(&it["feature"]),
        value: it["value"].as_str().map(str::to_owned),
    });
    full.related = all(&json("related-40344"), number);
    full.styles = all(&json("styles-40344")["results"], style);

    let meta = json("reviews-meta-40344");
    let named = meta["characteristics"].as_object().expect("an object");
    let characteristics = named.iter().map(|(name, it)| Characteristic {
        id: number(&it["id"]),
        product_id: PRODUCT,
        name: name.clone(),
        value_sum: 0,
        value_count: 0,
    });
    let questions = json("questions-40344")["results"].clone();
    let of_all = |question: &Value| {
        let answers = question["answers"].as_object().expect("an object");
        let of = number(&question["question_id"]);
        answers.values().map(move |it| answer(of, it)).collect()
    };
    let answers: Vec<Vec<Answer>> = all(&questions, of_all);
    Batch {
        products,
        characteristics: characteristics.collect(),
        review_totals: Vec::new(),
        reviews: reviews(all(&json("reviews-list-40344")["results"], review), &meta),
        questions: all(&questions, question),
        answers: answers.into_iter().flatten().collect(),
        legacy_cart: vec![],
    }
}

/// The reviews that are `shown`, and as many of no helpfulness and lower ids as `meta` counts beyond them.
fn reviews(shown: Vec<Review>, meta: &Value) -> Vec<Review> {
    let count = |value: &Value| -> i64 { text(value).parse().expect("a count") };
    let mut stars = vec![];
    for (star, given) in meta["ratings"].as_object().expect("an object") {
        let star: i64 = star.parse().expect("a star value");
        let shown = shown.iter().filter(|review| review.rating == star).count();
        let hidden = usize::try_from(count(given)).expect("a count") - shown;
        stars.extend(std::iter::repeat_n(star, hidden));
    }
    let shown_true = shown.iter().filter(|review| review.recommend).count();
    let recommending = count(&meta["recommended"]["true"]);
    let recommending = usize::try_from(recommending).expect("a count") - shown_true;
    let lowest = shown.iter().map(|review| review.id).min().expect("one");

    let mut reviews = shown;
    reviews.extend(
        (0i64..)
            .zip(stars)
            .enumerate()
            .map(|(n, (place, rating))| Review {
                id: lowest - 1 - place,
                rating,
                recommend: n < recommending,
                ..unseen()
            }),
    );
    for it in meta["characteristics"]
        .as_object()
        .expect("an object")
        .values()
    {
        let values = values_of_mean(&text(&it["value"]), reviews.len());
        // From the end, so that the values are not those of the reviews shown alone.
        for (review, value) in reviews.iter_mut().rev().zip(values) {
            review.characteristics.push((number(&it["id"]), value));
        }
    }
    reviews
}

fn unseen() -> Review {
    Review {
        id: 0,
        product_id: PRODUCT,
        rating: 0,
        date: Millis(0),
        summary: "On no first page".to_owned(),
        body: "Counted, and not shown.".to_owned(),
        recommend: false,
        reported: false,
        reviewer_name: "nobody".to_owned(),
        reviewer_email: None,
        response: None,
        helpfulness: 0,
        photos: vec![],
        characteristics: vec![],
    }
}

/// As few values as have this mean, rounded half up at the 16th decimal; at most `most`.
fn values_of_mean(mean: &str, most: usize) -> Vec<i64> {
    const ONE: i128 = 10_000_000_000_000_000;
    let mean: i128 = mean.replace('.', "").parse().expect("a mean");
    let most = i128::try_from(most).expect("a count");
    let sum = |n: i128| (mean * n + ONE / 2).div_euclid(ONE);
    // mean - 1/2 <= ONE * sum / n < mean + 1/2
    let exact = |n: &i128| ((2 * mean - 1) * n..(2 * mean + 1) * n).contains(&(2 * ONE * sum(*n)));
    let n = (1..=most).find(exact).expect("a mean of whole numbers");
    let (each, more) = (sum(n).div_euclid(n), sum(n).rem_euclid(n));
    let value = |place| i64::try_from(each + i128::from(place < more)).expect("a value");
    (0..n).map(value).collect()
}

fn product(it: &Value) -> Product {
    Product {
        id: number(&it["id"]),
        name: text(&it["name"]),
        slogan: text(&it["slogan"]),
        description: text(&it["description"]),
        category: text(&it["category"]),
        default_price: cents(&it["default_price"]),
        created_at: instant(&text(&it["created_at"])),
        updated_at: instant(&text(&it["updated_at"])),
        features: vec![],
        related: vec![],
        styles: vec![],
    }
}

fn style(it: &Value) -> Style {
    let skus = it["skus"].as_object().expect("an object").iter();
    Style {
        style_id: number(&it["style_id"]),
        name: text(&it["name"]),
        original_price: cents(&it["original_price"]),
        sale_price: (!it["sale_price"].is_null()).then(|| cents(&it["sale_price"])),
        default: it["default?"] == true,
        photos: all(&it["photos"], |photo| StylePhoto {
            thumbnail_url: Some(text(&photo["thumbnail_url"])),
            url: Some(text(&photo["url"])),
        }),
        skus: skus
            .map(|(id, sku)| Sku {
                id: id.parse().expect("an id"),
                quantity: number(&sku["quantity"]),
                size: text(&sku["size"]),
            })
            .collect(),
    }
}

fn review(it: &Value) -> Review {
    Review {
        id: number(&it["review_id"]),
        rating: number(&it["rating"]),
        date: instant(&text(&it["date"])),
        summary: text(&it["summary"]),
        body: text(&it["body"]),
        recommend: it["recommend"] == true,
        reviewer_name: text(&it["reviewer_name"]),
        response: it["response"].as_str().map(str::to_owned),
        helpfulness: number(&it["helpfulness"]),
        ..unseen()
    }
}

fn question(it: &Value) -> Question {
    Question {
        id: number(&it["question_id"]),
        product_id: PRODUCT,
        body: text(&it["question_body"]),
        date: instant(&text(&it["question_date"])),
        asker_name: text(&it["asker_name"]),
        asker_email: None,
        reported: false,
        helpfulness: number(&it["question_helpfulness"]),
    }
}

fn answer(question_id: i64, it: &Value) -> Answer {
    let photos: Vec<String> = all(&it["photos"], text);
    Answer {
        id: number(&it["id"]),
        question_id,
        body: text(&it["body"]),
        date: instant(&text(&it["date"])),
        answerer_name: text(&it["answerer_name"]),
        answerer_email: None,
        reported: false,
        helpfulness: number(&it["helpfulness"]),
        photos: (1..)
            .zip(photos)
            .map(|(id, url)| Photo { id, url })
            .collect(),
    }
}

fn all<T>(list: &Value, row: impl Fn(&Value) -> T) -> Vec<T> {
    list.as_array().expect("a list").iter().map(row).collect()
}

fn number(value: &Value) -> i64 {
    value.as_i64().expect("a whole number")
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

fn cents(value: &Value) -> Cents {
    Cents(text(value).replace('.', "").parse().expect("money"))
}
