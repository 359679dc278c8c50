//! Reviews and rating totals.

use std::collections::BTreeMap;

use serde::ser::{SerializeMap, SerializeStruct};
use serde::{Deserialize, Serialize, Serializer};

use crate::model::error::Resource;
use crate::model::ids::{CharacteristicId, ProductId, ReviewId};
use crate::model::raw_json::RawJson;
use crate::model::time::Millis;
use crate::model::validation::{Rules, email, optional_text, photos, required_text};

/// The order of a list of reviews.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ReviewSort {
    /// Helpfulness descending, then id descending. The order `relevant` is the same.
    #[default]
    Helpful,
    /// Time descending, then id descending.
    Newest,
}

impl ReviewSort {
    /// Returns the name in queries.
    pub fn name(self) -> &'static str {
        match self {
            Self::Helpful => "helpful",
            Self::Newest => "newest",
        }
    }

    /// Parses a name; every text but `newest` is the default.
    pub fn parse(text: Option<&str>) -> Self {
        if text == Some("newest") {
            Self::Newest
        } else {
            Self::Helpful
        }
    }
}

/// A review that is not reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Review {
    /// Identifier.
    pub review_id: ReviewId,
    /// Stars, 1 to 5.
    pub rating: i64,
    /// Headline; empty if there is none.
    pub summary: String,
    /// Whether the author recommends the product.
    pub recommend: bool,
    /// Response of the seller; `None` and empty are distinct.
    pub response: Option<String>,
    /// Text.
    pub body: String,
    /// Time of creation; serialised as midnight of that day.
    #[serde(serialize_with = "day")]
    pub date: Millis,
    /// Name of the author.
    pub reviewer_name: String,
    /// Number of helpful votes.
    pub helpfulness: i64,
    /// Photos by ascending id.
    pub photos: RawJson<Vec<Photo>>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
pub(crate) fn day<S: Serializer>(date: &Millis, serializer: S) -> Result<S::Ok, S::Error> {
    date.day().serialize(serializer)
}

/// A photo of a review or an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are the keys of the JSON")]
pub struct Photo {
    pub id: i64,
    pub url: String,
}

/// Rating totals of a product, reported reviews excluded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReviewMeta {
    /// Number of reviews with one to five stars.
    pub ratings: [i64; 5],
    /// Number of reviews that do not recommend the product.
    pub recommended_no: i64,
    /// Number of reviews that recommend the product.
    pub recommended_yes: i64,
    /// All characteristics of the product by ascending id.
    pub characteristics: Vec<CharacteristicMean>,
}

/// Ratings of one characteristic, such as `Fit`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CharacteristicMean {
    /// Identifier.
    pub id: CharacteristicId,
    /// Name.
    pub name: String,
    /// Sum of the values.
    pub sum: i64,
    /// Number of values.
    pub count: i64,
}

impl CharacteristicMean {
    /// Returns the exact mean with 16 decimals, rounded half up; `None` without values.
    pub fn value(&self) -> Option<String> {
        const ONE: i128 = 10_000_000_000_000_000;
        let (sum, count) = (i128::from(self.sum), i128::from(self.count));
        if count <= 0 {
            return None;
        }
        let scaled = (2 * sum * ONE + count).div_euclid(2 * count);
        Some(format!("{}.{:016}", scaled / ONE, scaled % ONE))
    }
}

/// Serialises the three objects of `/reviews/meta`, without the product id. Counts are strings; zero counts are left out.
impl Serialize for ReviewMeta {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut meta = serializer.serialize_struct("ReviewMeta", 3)?;
        let stars = ["1", "2", "3", "4", "5"].into_iter().zip(self.ratings);
        meta.serialize_field("ratings", &Counts(stars.collect()))?;
        let recommended = vec![
            ("false", self.recommended_no),
            ("true", self.recommended_yes),
        ];
        meta.serialize_field("recommended", &Counts(recommended))?;
        meta.serialize_field("characteristics", &Means(&self.characteristics))?;
        meta.end()
    }
}

struct Counts(Vec<(&'static str, i64)>);

impl Serialize for Counts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(
            self.0
                .iter()
                .filter(|(_, n)| *n != 0)
                .map(|(key, n)| (key, n.to_string())),
        )
    }
}

struct Means<'a>(&'a [CharacteristicMean]);

impl Serialize for Means<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Mean {
            id: CharacteristicId,
            value: Option<String>,
        }
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for mean in self.0 {
            map.serialize_entry(
                &mean.name,
                &Mean {
                    id: mean.id,
                    value: mean.value(),
                },
            )?;
        }
        map.end()
    }
}

/// A new review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewReview {
    /// An existing product.
    pub product_id: ProductId,
    /// 1 to 5.
    pub rating: i64,
    /// At most 60 characters, may be empty.
    pub summary: String,
    /// Not blank, at most 1,000 characters.
    pub body: String,
    /// Whether the author recommends the product.
    pub recommend: bool,
    /// Not blank, at most 60 characters.
    pub name: String,
    /// E-mail address of at most 60 characters; stored, never served.
    pub email: String,
    /// At most 5, each a non-empty text of at most 2,048 characters, or 65,536 of a `data:` address.
    pub photos: Vec<String>,
    /// Values of the characteristics of the product, 1 to 5. Other characteristics are ignored.
    pub characteristics: BTreeMap<CharacteristicId, i64>,
}

impl Rules for NewReview {
    const RESOURCE: Resource = Resource::Review;

    fn rules(&self) -> Vec<(&'static str, bool)> {
        vec![
            ("product_id", self.product_id.0 >= 1),
            ("rating", (1..=5).contains(&self.rating)),
            ("summary", optional_text(&self.summary, 60)),
            ("body", required_text(&self.body, 1_000)),
            ("recommend", true),
            ("name", required_text(&self.name, 60)),
            ("email", email(&self.email)),
            ("photos", photos(&self.photos)),
            // Validated by the store, which knows the characteristics of the product.
            ("characteristics", true),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean(sum: i64, count: i64) -> Option<String> {
        CharacteristicMean {
            id: CharacteristicId(1),
            name: String::new(),
            sum,
            count,
        }
        .value()
    }

    #[test]
    fn means_are_exact_to_the_sixteenth_decimal() {
        for (sum, count, value) in [
            (11, 3, Some("3.6666666666666667")),
            (1_000, 333, Some("3.0030030030030030")),
            (4, 1, Some("4.0000000000000000")),
            (1_849, 540, Some("3.4240740740740741")),
            (0, 0, None),
            // 2^-17 has 17 decimals and ends in 5: half up.
            (1, 131_072, Some("0.0000076293945313")),
            (i64::MAX, 1, Some("9223372036854775807.0000000000000000")),
        ] {
            assert_eq!(mean(sum, count).as_deref(), value, "{sum} / {count}");
        }
    }

    #[test]
    fn zero_counts_are_left_out() {
        let meta = ReviewMeta {
            ratings: [0, 0, 0, 2, 1],
            recommended_yes: 3,
            ..ReviewMeta::default()
        };
        let text = serde_json::to_string(&meta).expect("serialises");
        assert_eq!(
            text,
            r#"{"ratings":{"4":"2","5":"1"},"recommended":{"true":"3"},"characteristics":{}}"#
        );
    }
}
