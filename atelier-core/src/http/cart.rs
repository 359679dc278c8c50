//! `/cart`.

use ::http::header::AUTHORIZATION;

use super::error::ApiError;
use super::reply::Rendered;
use super::{Answer, Call};
use crate::model::cart::Owner;
use crate::model::ids::SkuId;

impl Call<'_> {
    /// Who asks, by the whole `Authorization` value.
    pub(super) fn owner(&self) -> Owner {
        Owner::of(
            self.headers
                .get(AUTHORIZATION)
                .map(::http::HeaderValue::as_bytes),
        )
    }
}

pub(super) async fn list(call: &Call<'_>) -> Result<Answer, ApiError> {
    let cart = Rendered::json(&call.atelier.cart(&call.owner()).await?)?;
    Ok(Answer::Read(cart.finish(call.gzip()).into()))
}

pub(super) async fn add(call: &Call<'_>) -> Result<Answer, ApiError> {
    let key = call.idempotency_key().await?;
    let sku = call
        .fields()?
        .id("sku_id")
        .ok()
        .flatten()
        .filter(|id| *id >= 1);
    let sku = SkuId(sku.ok_or(ApiError::SkuId)?);
    Ok(call
        .atelier
        .add_to_cart(&call.owner(), sku, key)
        .await?
        .into())
}
