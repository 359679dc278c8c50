//! `/reviews`.

use serde::Serialize;

use super::cache::Asked;
use super::decode::Unusable;
use super::fault::Fault;
use super::respond::{Rendered, json};
use super::{Answer, Call};
use crate::{
    CharacteristicId, NewReview, Noun, ProductId, Review, ReviewId, ReviewMeta, ReviewSort,
    Violations,
};

pub(super) async fn list(call: &Call<'_>) -> Result<Answer, Fault> {
    #[derive(Serialize)]
    struct Reviews<'a> {
        product: &'a str,
        /// The offset, as the original has it, not the page.
        page: i64,
        count: i64,
        results: &'a [Review],
    }
    let (given, product) = call.query.product_id()?;
    let sort = ReviewSort::parse(call.query.get("sort").as_deref());
    let page = call.page();
    let load = async {
        let listing = call.atelier.reviews(product, sort, page).await?;
        let kept = [
            ("product_id", &*product.0.to_string()),
            ("sort", sort.name()),
        ];
        call.paged(&listing, page, &kept, |results| {
            json(&Reviews {
                product: &given,
                page: page.offset(),
                count: page.count,
                results,
            })
        })
    };
    call.read(Asked::Reviews(product, sort, page), &given, load)
        .await
}

pub(super) async fn meta(call: &Call<'_>) -> Result<Answer, Fault> {
    #[derive(Serialize)]
    struct Meta<'a> {
        product_id: &'a str,
        #[serde(flatten)]
        meta: ReviewMeta,
    }
    let (given, product) = call.query.product_id()?;
    let load = async {
        Rendered::json(&Meta {
            product_id: &given,
            meta: call.atelier.review_meta(product).await?,
        })
    };
    call.read(Asked::ReviewMeta(product), &given, load).await
}

pub(super) async fn add(call: &Call<'_>) -> Result<Answer, Fault> {
    let Some(posted) = call.posted().await? else {
        return Ok(Answer::Replayed);
    };
    let new = new_review(call)?;
    Ok(call.atelier.post_review(new, posted).await?.into())
}

pub(super) async fn helpful(call: &Call<'_>) -> Result<Answer, Fault> {
    call.atelier
        .vote_for_review(review_id(call)?, call.vote())
        .await?;
    Ok(Answer::NoContent)
}

pub(super) async fn report(call: &Call<'_>) -> Result<Answer, Fault> {
    call.atelier.report_review(review_id(call)?).await?;
    Ok(Answer::NoContent)
}

fn review_id(call: &Call<'_>) -> Result<ReviewId, Fault> {
    ReviewId::parse(call.id).ok_or(Fault::NotFound(Noun::Review))
}

/// The review that a body asks for; what is missing or of another type breaks the rules of a review.
fn new_review(call: &Call<'_>) -> Result<NewReview, Fault> {
    let fields = call.fields()?;
    let read = || {
        let characteristics = fields
            .integers_by_id("characteristics")?
            .unwrap_or_default();
        Ok::<_, Unusable>(NewReview {
            product_id: ProductId(fields.id("product_id")?.ok_or(Unusable)?),
            rating: fields.integer("rating")?.ok_or(Unusable)?,
            summary: fields.text("summary")?.unwrap_or_default(),
            body: fields.text("body")?.ok_or(Unusable)?,
            recommend: fields.boolean("recommend")?.ok_or(Unusable)?,
            name: fields.text("name")?.ok_or(Unusable)?,
            email: fields.text("email")?.ok_or(Unusable)?,
            photos: fields.texts("photos")?.unwrap_or_default(),
            characteristics: characteristics
                .into_iter()
                .map(|(id, value)| (CharacteristicId(id), value))
                .collect(),
        })
    };
    read().map_err(|Unusable| {
        Fault::Invalid(Violations {
            of: Noun::Review,
            fields: vec![],
        })
    })
}
