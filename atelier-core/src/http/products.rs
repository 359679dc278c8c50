//! `/products`.

use serde::Serialize;

use super::cache::Asked;
use super::error::ApiError;
use super::reply::{Rendered, json};
use super::{Answer, Call};
use crate::model::error::Resource;
use crate::model::ids::ProductId;
use crate::model::money::Cents;
use crate::model::pagination::Page;
use crate::model::products::{Feature, Product, Style};
use crate::model::raw_json::RawJson;
use crate::model::time::Millis;

/// A product as it is sent.
#[derive(Serialize)]
struct Sent<'a> {
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

impl<'a> Sent<'a> {
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

impl Call<'_> {
    /// The page that the query asks for.
    pub(super) fn page(&self) -> Page {
        Page::parse(
            self.query.get("page").as_deref(),
            self.query.get("count").as_deref(),
        )
    }

    fn product_id(&self) -> Result<ProductId, ApiError> {
        ProductId::parse(self.id).ok_or(ApiError::NotFound(Resource::Product))
    }
}

pub(super) async fn list(call: &Call<'_>) -> Result<Answer, ApiError> {
    let page = call.page();
    let load = async {
        let listing = call.atelier.products(page).await?;
        let campus = &call.atelier.settings().campus;
        call.paged(&listing, page, &[], |rows| {
            let sent = rows.iter().map(|product| Sent::new(product, campus, None));
            json(&sent.collect::<Vec<_>>())
        })
    };
    call.read(Asked::Products(page), "", load).await
}

pub(super) async fn one(call: &Call<'_>) -> Result<Answer, ApiError> {
    let id = call.product_id()?;
    let load = async {
        let detail = call.atelier.product(id).await?;
        let campus = &call.atelier.settings().campus;
        Rendered::json(&Sent::new(&detail.product, campus, Some(&detail.features)))
    };
    call.read(Asked::Product(id), "", load).await
}

pub(super) async fn styles(call: &Call<'_>) -> Result<Answer, ApiError> {
    #[derive(Serialize)]
    struct Styles<'a> {
        product_id: &'a str,
        results: RawJson<Vec<Style>>,
    }
    let id = call.product_id()?;
    let load = async {
        Rendered::json(&Styles {
            product_id: call.id,
            results: call.atelier.styles(id).await?,
        })
    };
    call.read(Asked::Styles(id), call.id, load).await
}

pub(super) async fn related(call: &Call<'_>) -> Result<Answer, ApiError> {
    let id = call.product_id()?;
    let load = async { Rendered::json(&call.atelier.related(id).await?) };
    call.read(Asked::Related(id), "", load).await
}
