//! `/products`.

use serde::Serialize;

use super::cache::Asked;
use super::fault::Fault;
use super::respond::{Rendered, json};
use super::{Answer, Call};
use crate::{Cents, Embedded, Feature, Millis, Noun, Page, Product, ProductId, Style};

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
    features: Option<&'a Embedded<Vec<Feature>>>,
}

impl<'a> Sent<'a> {
    fn new(
        product: &'a Product,
        campus: &'a str,
        features: Option<&'a Embedded<Vec<Feature>>>,
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

    fn product_id(&self) -> Result<ProductId, Fault> {
        ProductId::parse(self.id).ok_or(Fault::NotFound(Noun::Product))
    }
}

pub(super) async fn list(call: &Call<'_>) -> Result<Answer, Fault> {
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

pub(super) async fn one(call: &Call<'_>) -> Result<Answer, Fault> {
    let id = call.product_id()?;
    let load = async {
        let detail = call.atelier.product(id).await?;
        let campus = &call.atelier.settings().campus;
        Rendered::json(&Sent::new(&detail.product, campus, Some(&detail.features)))
    };
    call.read(Asked::Product(id), "", load).await
}

pub(super) async fn styles(call: &Call<'_>) -> Result<Answer, Fault> {
    #[derive(Serialize)]
    struct Styles<'a> {
        product_id: &'a str,
        results: Embedded<Vec<Style>>,
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

pub(super) async fn related(call: &Call<'_>) -> Result<Answer, Fault> {
    let id = call.product_id()?;
    let load = async { Rendered::json(&call.atelier.related(id).await?) };
    call.read(Asked::Related(id), "", load).await
}
