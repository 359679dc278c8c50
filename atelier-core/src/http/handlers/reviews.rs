//! `/reviews`.

use serde::Serialize;

use crate::api::Atelier;
use crate::http::body::{JsonBody, to_json};
use crate::http::cache::{CacheKey, CachedReads};
use crate::http::decode::fields::{FieldReader, Fields};
use crate::http::decode::query::Query;
use crate::http::error::ApiError;
use crate::http::paging::PageLimits;
use crate::http::reply::{HandlerResult, Reply};
use crate::http::write_request::WriteRequest;
use crate::model::error::Resource;
use crate::model::ids::{CharacteristicId, ProductId, ReviewId};
use crate::model::reviews::{NewReview, Review, ReviewMeta, ReviewSort};

pub(crate) async fn list(
    atelier: &Atelier,
    reads: &CachedReads<'_>,
    query: &Query<'_>,
    limits: &PageLimits,
) -> HandlerResult {
    #[derive(Serialize)]
    struct Reviews<'a> {
        product: &'a str,
        /// The offset, not the page, as in the original service.
        page: i64,
        count: i64,
        results: &'a [Review],
    }
    let (echoed, product) = query.product_id()?;
    let sort = ReviewSort::parse(query.get("sort").as_deref());
    let page = query.page();
    let load = async {
        let reviews = atelier.reviews(product, sort, page).await?;
        let params = [
            ("product_id", &*product.0.to_string()),
            ("sort", sort.name()),
        ];
        limits.render(&reviews, page, &params, |results| {
            to_json(&Reviews {
                product: &echoed,
                page: page.offset(),
                count: page.count,
                results,
            })
        })
    };
    reads
        .get(CacheKey::Reviews(product, sort, page), &echoed, load)
        .await
}

pub(crate) async fn meta(
    atelier: &Atelier,
    reads: &CachedReads<'_>,
    query: &Query<'_>,
) -> HandlerResult {
    #[derive(Serialize)]
    struct Meta<'a> {
        product_id: &'a str,
        #[serde(flatten)]
        meta: ReviewMeta,
    }
    let (echoed, product) = query.product_id()?;
    let load = async {
        JsonBody::new(&Meta {
            product_id: &echoed,
            meta: atelier.review_meta(product).await?,
        })
    };
    reads
        .get(CacheKey::ReviewMeta(product), &echoed, load)
        .await
}

pub(crate) async fn add(atelier: &Atelier, write: &WriteRequest<'_>) -> HandlerResult {
    let key = write.idempotency_key(atelier).await?;
    let new = new_review(write.fields()?)?;
    Ok(atelier.add_review(new, key).await?.into())
}

/// Reads a new review. Fields that are missing or of another type are reported together with those that fail validation.
fn new_review(fields: Fields<'_>) -> Result<NewReview, ApiError> {
    let mut body = FieldReader::new(fields);
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
    body.reject_unreadable(&new)?;
    Ok(new)
}

pub(crate) async fn mark_helpful(atelier: &Atelier, write: &WriteRequest<'_>) -> HandlerResult {
    let id = review_id(write.id)?;
    atelier.mark_review_helpful(id, write.vote_key()).await?;
    Ok(Reply::NoContent)
}

pub(crate) async fn report(atelier: &Atelier, id: &str) -> HandlerResult {
    atelier.report_review(review_id(id)?).await?;
    Ok(Reply::NoContent)
}

fn review_id(text: &str) -> Result<ReviewId, ApiError> {
    ReviewId::parse(text).ok_or(ApiError::NotFound(Resource::Review))
}
