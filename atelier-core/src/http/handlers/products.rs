//! `/products`.

use serde::Serialize;

use crate::api::Atelier;
use crate::http::body::{JsonBody, to_json};
use crate::http::cache::{CacheKey, CachedReads};
use crate::http::decode::query::Query;
use crate::http::error::ApiError;
use crate::http::paging::PageLimits;
use crate::http::reply::HandlerResult;
use crate::model::error::Resource;
use crate::model::ids::ProductId;
use crate::model::money::Cents;
use crate::model::products::{Feature, Product, Style};
use crate::model::raw_json::RawJson;
use crate::model::time::Millis;

/// A product as served.
#[derive(Serialize)]
struct ProductJson<'a> {
    id: ProductId,
    campus: &'a str,
    name: &'a str,
    slogan: &'a str,
    description: &'a str,
    category: &'a str,
    default_price: Cents,
    created_at: Millis,
    updated_at: Millis,
    #[serde(skip_serializing_if = "Option::is_none")]
    features: Option<&'a RawJson<Vec<Feature>>>,
}

impl<'a> ProductJson<'a> {
    fn new(
        product: &'a Product,
        campus: &'a str,
        features: Option<&'a RawJson<Vec<Feature>>>,
    ) -> Self {
        Self {
            id: product.id,
            campus,
            name: &product.name,
            slogan: &product.slogan,
            description: &product.description,
            category: &product.category,
            default_price: product.default_price,
            created_at: product.created_at,
            updated_at: product.updated_at,
            features,
        }
    }
}

pub(crate) async fn list(
    atelier: &Atelier,
    reads: &CachedReads<'_>,
    query: &Query<'_>,
    limits: &PageLimits,
    campus: &str,
) -> HandlerResult {
    let page = query.page();
    let load = async {
        let products = atelier.products(page).await?;
        limits.render(&products, page, &[], |rows| {
            let rows = rows
                .iter()
                .map(|product| ProductJson::new(product, campus, None));
            to_json(&rows.collect::<Vec<_>>())
        })
    };
    reads.get(CacheKey::Products(page), "", load).await
}

pub(crate) async fn get(
    atelier: &Atelier,
    reads: &CachedReads<'_>,
    id: &str,
    campus: &str,
) -> HandlerResult {
    let id = product_id(id)?;
    let load = async {
        let detail = atelier.product(id).await?;
        let features = Some(&detail.features);
        JsonBody::new(&ProductJson::new(&detail.product, campus, features))
    };
    reads.get(CacheKey::Product(id), "", load).await
}

pub(crate) async fn styles(atelier: &Atelier, reads: &CachedReads<'_>, id: &str) -> HandlerResult {
    #[derive(Serialize)]
    struct Styles<'a> {
        product_id: &'a str,
        results: RawJson<Vec<Style>>,
    }
    let product = product_id(id)?;
    let load = async {
        JsonBody::new(&Styles {
            product_id: id,
            results: atelier.styles(product).await?,
        })
    };
    reads.get(CacheKey::Styles(product), id, load).await
}

pub(crate) async fn related(atelier: &Atelier, reads: &CachedReads<'_>, id: &str) -> HandlerResult {
    let product = product_id(id)?;
    let load = async { JsonBody::new(&atelier.related(product).await?) };
    reads.get(CacheKey::Related(product), "", load).await
}

fn product_id(text: &str) -> Result<ProductId, ApiError> {
    ProductId::parse(text).ok_or(ApiError::NotFound(Resource::Product))
}
