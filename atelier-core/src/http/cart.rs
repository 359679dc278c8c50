//! `/cart`.

use ::http::header::AUTHORIZATION;

use super::fault::Fault;
use super::respond::Rendered;
use super::{Answer, Call};
use crate::{Owner, SkuId};

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

pub(super) async fn list(call: &Call<'_>) -> Result<Answer, Fault> {
    let cart = Rendered::json(&call.atelier.cart(&call.owner()).await?)?;
    Ok(Answer::Read(cart.finish(call.gzip()).into()))
}

pub(super) async fn add(call: &Call<'_>) -> Result<Answer, Fault> {
    let posted = call.posted().await?;
    let sku = call
        .fields()?
        .id("sku_id")
        .ok()
        .flatten()
        .filter(|id| *id >= 1);
    let sku = SkuId(sku.ok_or(Fault::SkuId)?);
    Ok(call
        .atelier
        .post_to_cart(&call.owner(), sku, posted)
        .await?
        .into())
}
