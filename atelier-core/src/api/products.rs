//! Operations on products.

use super::Atelier;
use crate::model::error::{Error, Resource, Result};
use crate::model::ids::ProductId;
use crate::model::pagination::{Page, Paginated};
use crate::model::products::{Product, ProductDetail, Style};
use crate::model::raw_json::RawJson;

impl Atelier {
    /// Lists products by ascending id: `GET /products`.
    pub async fn products(&self, page: Page) -> Result<Paginated<Product>> {
        let limit = page.limit(self.limits().max_rows);
        self.store().products(page.offset(), limit).await
    }

    /// Returns a product with its features: `GET /products/{product_id}`. [`Error::NotFound`] if the product does not exist.
    pub async fn product(&self, id: ProductId) -> Result<ProductDetail> {
        let product = self.store().product(id).await?;
        product.ok_or(Error::NotFound(Resource::Product))
    }

    /// Lists the styles of a product by ascending id: `GET /products/{product_id}/styles`. [`Error::NotFound`] if the product
    /// does not exist.
    pub async fn styles(&self, product: ProductId) -> Result<RawJson<Vec<Style>>> {
        let styles = self.store().styles(product).await?;
        styles.ok_or(Error::NotFound(Resource::Product))
    }

    /// Lists the ids of related products in stored order: `GET /products/{product_id}/related`. [`Error::NotFound`] if the
    /// product does not exist.
    pub async fn related(&self, product: ProductId) -> Result<RawJson<Vec<ProductId>>> {
        let related = self.store().related(product).await?;
        related.ok_or(Error::NotFound(Resource::Product))
    }
}
