//! `/cart`.

use ::http::HeaderMap;

use crate::api::Atelier;
use crate::http::body::JsonBody;
use crate::http::decode::negotiation::accepts_gzip;
use crate::http::error::ApiError;
use crate::http::reply::{HandlerResult, Reply};
use crate::http::write_request::{WriteRequest, owner};
use crate::model::ids::SkuId;

pub(crate) async fn list(atelier: &Atelier, headers: &HeaderMap) -> HandlerResult {
    let cart = JsonBody::new(&atelier.cart(&owner(headers)).await?)?;
    Ok(Reply::Read(cart.encode(accepts_gzip(headers)).into()))
}

pub(crate) async fn add(atelier: &Atelier, write: &WriteRequest<'_>) -> HandlerResult {
    let key = write.idempotency_key(atelier).await?;
    let sku = write.fields()?.id("sku_id").ok().flatten();
    let sku = sku.filter(|id| *id >= 1).ok_or(ApiError::InvalidSkuId)?;
    let outcome = atelier.add_to_cart(&write.owner(), SkuId(sku), key).await?;
    Ok(outcome.into())
}
