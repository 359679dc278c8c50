//! Operations on carts.

use super::Atelier;
use crate::model::cart::{CartItem, Owner};
use crate::model::error::Result;
use crate::model::idempotency::{IdempotencyKey, WriteOutcome};
use crate::model::ids::SkuId;

impl Atelier {
    /// Lists the items of a cart, in the order in which each SKU was first added: `GET /cart`. At most
    /// [`Limits::max_rows`](crate::Limits::max_rows) items.
    pub async fn cart(&self, owner: &Owner) -> Result<Vec<CartItem>> {
        self.store().cart(owner, self.limits().max_rows).await
    }

    /// Adds one unit of a SKU to a cart: `POST /cart`. With a key, a repeated request is not stored again. Whether the SKU
    /// exists is not checked.
    pub async fn add_to_cart(
        &self,
        owner: &Owner,
        sku: SkuId,
        key: Option<IdempotencyKey>,
    ) -> Result<WriteOutcome<()>> {
        let context = self.write_context(key);
        self.writable_store()?
            .add_to_cart(owner, sku, context)
            .await
    }
}
