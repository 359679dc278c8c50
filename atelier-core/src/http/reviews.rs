//! `/reviews`.

use serde::Serialize;

use super::cache::Asked;
use super::decode::{Fields, Reading};
use super::error::ApiError;
use super::reply::{Rendered, json};
use super::{Answer, Call};
use crate::model::error::Resource;
use crate::model::ids::{CharacteristicId, ProductId, ReviewId};
use crate::model::reviews::{NewReview, Review, ReviewMeta, ReviewSort};

pub(super) async fn list(call: &Call<'_>) -> Result<Answer, ApiError> {
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

pub(super) async fn meta(call: &Call<'_>) -> Result<Answer, ApiError> {
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

pub(super) async fn add(call: &Call<'_>) -> Result<Answer, ApiError> {
    let key = call.idempotency_key().await?;
    let new = new_review(call)?;
    Ok(call.atelier.add_review(new, key).await?.into())
}

pub(super) async fn helpful(call: &Call<'_>) -> Result<Answer, ApiError> {
    call.atelier
        .mark_review_helpful(review_id(call)?, call.retry_key())
        .await?;
    Ok(Answer::NoContent)
}

pub(super) async fn report(call: &Call<'_>) -> Result<Answer, ApiError> {
    call.atelier.report_review(review_id(call)?).await?;
    Ok(Answer::NoContent)
}

fn review_id(call: &Call<'_>) -> Result<ReviewId, ApiError> {
    ReviewId::parse(call.id).ok_or(ApiError::NotFound(Resource::Review))
}

/// The review that a body asks for. A field that is missing or of another type is named with those that break a rule.
fn new_review(call: &Call<'_>) -> Result<NewReview, ApiError> {
    let mut body = Reading::of(call.fields()?);
    let new = NewReview {
        product_id: ProductId(body.required("product_id", Fields::id)),
        rating: body.required("rating", Fields::integer),
        summary: body.optional("summary", Fields::text),
        body: body.required("body", Fields::text),
        recommend: body.required("recommend", Fields::boolean),
        name: body.required("name", Fields::text),
        email: body.required("email", Fields::text),
        photos: body.optional("photos", Fields::texts),
        characteristics: body
            .optional("characteristics", Fields::integers_by_id)
            .into_iter()
            .map(|(id, value)| (CharacteristicId(id), value))
            .collect(),
    };
    body.reject_unusable(&new)?;
    Ok(new)
}
