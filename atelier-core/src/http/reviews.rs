//! `/reviews`.

use serde::Serialize;

use super::cache::Asked;
use super::decode::{Fields, Reading};
use super::fault::Fault;
use super::respond::{Rendered, json};
use super::{Answer, Call};
use crate::{
    CharacteristicId, NewReview, Noun, ProductId, Review, ReviewId, ReviewMeta, ReviewSort, Valid,
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
    let posted = call.posted().await?;
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

/// The review that a body asks for. A field that is missing or of another type is named with those that break a rule.
fn new_review(call: &Call<'_>) -> Result<Valid<NewReview>, Fault> {
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
    Ok(Valid::check_read(new, body.unusable())?)
}
