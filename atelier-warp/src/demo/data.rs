//! The data files in `atelier-warp/demo/`: product kinds, texts, names, colours and drawings.
//!
//! Texts are templates with placeholders in braces; see [`ProductContext::fill`](super::context::ProductContext::fill).
//! The files are part of the executable and are parsed when the first catalogue is generated.

use std::ops::Deref;
use std::sync::LazyLock;

use fastrand::Rng;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::random::pick;

/// The parsed data files.
pub(super) static DATA: LazyLock<DemoData> = LazyLock::new(DemoData::parse);

/// Characters that are percent-encoded in a `data:` URI. Path data and colours contain none of them.
const MARKUP: &AsciiSet = &CONTROLS.add(b' ').add(b'#').add(b'\'').add(b'<').add(b'>');

/// Content of all data files.
pub(super) struct DemoData {
    /// Clothing, shoes, accessories.
    pub(super) classes: [ProductClass; 3],
    pub(super) products: ProductTexts,
    pub(super) reviews: ReviewTones,
    /// Questions about any product.
    pub(super) questions: Choices<QuestionTemplate>,
    pub(super) people: People,
    pub(super) pictures: Pictures,
    /// Lines of `picture.svg`, percent-encoded: text and names of placeholders in turn.
    pub(super) picture_template: Vec<Vec<String>>,
}

/// Parses an embedded data file.
macro_rules! embedded {
    ($file:literal) => {
        parse($file, include_str!(concat!("../../demo/", $file)))
    };
}

impl DemoData {
    fn parse() -> Self {
        let encoded = |text| utf8_percent_encode(text, MARKUP).to_string();
        Self {
            classes: [
                embedded!("clothing.json"),
                embedded!("shoes.json"),
                embedded!("accessories.json"),
            ],
            products: embedded!("products.json"),
            reviews: embedded!("reviews.json"),
            questions: embedded!("questions.json"),
            people: embedded!("people.json"),
            pictures: embedded!("pictures.json"),
            picture_template: include_str!("../../demo/picture.svg")
                .lines()
                .map(|line| line.split(['{', '}']).map(encoded).collect())
                .collect(),
        }
    }
}

/// Parses a data file. A malformed file fails the unit tests, with its name and line.
fn parse<T: DeserializeOwned>(file: &str, text: &str) -> T {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("atelier-warp/demo/{file}: {error}"))
}

/// A list with at least one entry.
#[derive(Debug, Deserialize)]
#[serde(try_from = "Vec<T>", bound = "T: Deserialize<'de>")]
pub(super) struct Choices<T>(Vec<T>);

impl<T> TryFrom<Vec<T>> for Choices<T> {
    type Error = &'static str;

    fn try_from(list: Vec<T>) -> Result<Self, Self::Error> {
        if list.is_empty() {
            return Err("a list is empty; it needs at least one entry");
        }
        Ok(Self(list))
    }
}

impl<T> Choices<T> {
    /// Returns one entry.
    pub(super) fn pick(&self, rng: &mut Rng) -> &T {
        pick(rng, &self.0)
    }
}

impl<T> Deref for Choices<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

/// Product kinds with the same sizes and characteristics.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProductClass {
    /// Weight of the class when a product's kind is drawn.
    pub(super) share: i64,
    /// Names of what reviewers rate, in the order of the ids.
    pub(super) characteristics: Choices<String>,
    /// Sizes of a style, in the order of the SKU ids.
    pub(super) sizes: Choices<String>,
    /// Review sentences about the size; absent for classes of one size.
    pub(super) fit: Option<FitSentences>,
    /// Questions about any product of the class.
    #[serde(default)]
    pub(super) questions: Vec<QuestionTemplate>,
    pub(super) kinds: Choices<ProductKind>,
}

/// Review sentences by the rating of the first characteristic: 1 or 2, 3, 4 or 5.
#[derive(Deserialize)]
pub(super) struct FitSentences {
    pub(super) small: Choices<String>,
    pub(super) true_to_size: Choices<String>,
    pub(super) large: Choices<String>,
}

/// A category of products with the texts that fit it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProductKind {
    pub(super) category: String,
    /// Id of the product that always is of this kind: one of the first, which visitors see first.
    pub(super) featured: Option<i64>,
    /// Last word of a product's name, in title case.
    pub(super) nouns: Choices<String>,
    /// The nouns are plural, and one piece is a pair.
    #[serde(default)]
    pub(super) plural: bool,
    /// Carried rather than worn.
    #[serde(default)]
    pub(super) carried: bool,
    /// Lowest and highest price, in whole units.
    pub(super) prices: (i64, i64),
    pub(super) materials: Choices<String>,
    /// Without values, the value is the product's material.
    pub(super) features: Choices<FeatureValues>,
    /// What follows "for".
    pub(super) uses: Choices<String>,
    /// What follows "the"; plural if it ends in `s`.
    pub(super) parts: Choices<String>,
    pub(super) slogans: Choices<String>,
    pub(super) descriptions: Choices<String>,
    pub(super) praise: Choices<String>,
    pub(super) complaints: Choices<String>,
    pub(super) questions: Vec<QuestionTemplate>,
    pub(super) drawing: Drawing,
}

/// A feature and its possible values.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FeatureValues {
    pub(super) name: String,
    pub(super) values: Option<Choices<String>>,
}

/// A question with answers of the shop and of customers.
#[derive(Deserialize)]
pub(super) struct QuestionTemplate {
    pub(super) question: String,
    pub(super) seller: String,
    pub(super) customers: Choices<String>,
}

/// SVG path data of a product, without spaces, in a box 80 wide and 96 high.
///
/// `front` and `back` are painted in one path with `body`. An area in them that runs the same way round as the body is
/// filled; one that runs the other way round is cut out, such as the opening of a hood.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Drawing {
    /// Filled with the colour of the style.
    pub(super) body: String,
    /// Seams, zips and laces of the front.
    pub(super) front: String,
    /// Seams, zips and laces of the back.
    pub(super) back: String,
    /// Filled with the accent colour of the style, or with `trim_colour`.
    pub(super) trim: String,
    /// Colour of soles, lenses and buckles in styles without an accent, in hexadecimal. Empty: no trim.
    #[serde(default)]
    pub(super) trim_colour: String,
    /// View box of the close-up.
    pub(super) detail: String,
}

/// Names and texts of any product.
#[derive(Deserialize)]
pub(super) struct ProductTexts {
    pub(super) name_prefixes: Choices<String>,
    pub(super) name_qualifiers: Choices<String>,
    pub(super) slogans: Choices<String>,
    /// First sentences of a description.
    pub(super) openings: Choices<String>,
    /// Last sentences of a description.
    pub(super) closings: Choices<String>,
    /// Features that any product may have; without values, the feature has none.
    pub(super) promises: Choices<FeatureValues>,
}

/// Review texts by rating.
#[derive(Deserialize)]
pub(super) struct ReviewTones {
    /// Four and five stars.
    pub(super) positive: ReviewTone,
    /// Three stars.
    pub(super) mixed: ReviewTone,
    /// One and two stars.
    pub(super) negative: ReviewTone,
}

/// Sentences of reviews with similar ratings.
#[derive(Deserialize)]
pub(super) struct ReviewTone {
    pub(super) summaries: Choices<String>,
    pub(super) openings: Choices<String>,
    /// Sentences about any product.
    pub(super) details: Choices<String>,
    /// Sentences about a part of the product.
    pub(super) parts: Choices<String>,
    pub(super) closings: Choices<String>,
    /// Responses of the shop.
    pub(super) responses: Choices<String>,
    /// Percentage of the reviews that the shop responds to.
    pub(super) response_percent: i64,
}

/// Parts of nicknames and email addresses.
#[derive(Deserialize)]
pub(super) struct People {
    pub(super) first_names: Choices<String>,
    pub(super) adjectives: Choices<String>,
    pub(super) nouns: Choices<String>,
    pub(super) mail_hosts: Choices<String>,
}

/// Colours and backdrops of pictures. Colours are hexadecimal, three digits.
#[derive(Deserialize)]
pub(super) struct Pictures {
    pub(super) colours: Choices<Colour>,
    /// Backgrounds of dark colours.
    pub(super) dark_grounds: Choices<String>,
    /// Backgrounds of light colours.
    pub(super) light_grounds: Choices<String>,
    /// Backgrounds of customers' pictures.
    pub(super) outdoor_grounds: Choices<String>,
    /// Path data of pale shapes behind a product: floor, circle, arch, slope, frame, wave.
    pub(super) backdrops: Choices<String>,
    /// Path data of pale shapes behind a product in the wider box of a scene: hills, town, windows, sun.
    pub(super) scenes: Choices<String>,
}

/// A colour of a style.
#[derive(Debug, PartialEq, Deserialize)]
pub(super) struct Colour {
    pub(super) name: String,
    pub(super) rgb: String,
    /// Seams are drawn light on it, and its accent is a light colour.
    pub(super) dark: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(
        expected = "atelier-warp/demo/people.json: missing field `adjectives` at line 3 column 1"
    )]
    fn incomplete_file_is_reported_with_name_and_line() {
        parse::<People>("people.json", "{\n  \"first_names\": [\"Mara\"]\n}\n");
    }

    #[test]
    #[should_panic(expected = "empty.json: a list is empty; it needs at least one entry")]
    fn empty_list_is_refused() {
        parse::<Choices<String>>("empty.json", "[]");
    }
}
