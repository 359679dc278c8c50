//! `/cart`.

use ::http::HeaderMap;

use crate::api::Atelier;
use crate::http::body::JsonBody;
use crate::http::decode::negotiation::accepts_gzip;
use crate::http::error::ApiError;
use crate::http::reply::Reply;
use crate::http::write_request::{WriteRequest, owner};
use crate::model::ids::SkuId;

pub(in crate::http) async fn list(
    atelier: &Atelier,
    headers: &HeaderMap,
) -> Result<Reply, ApiError> {
    let cart = JsonBody::new(&atelier.cart(&owner(headers)).await?)?;
    Ok(Reply::Read(cart.encode(accepts_gzip(headers)).into()))
}

pub(in crate::http) async fn add(
    atelier: &Atelier,
    write: &WriteRequest<'_>,
) -> Result<Reply, ApiError> {
    let key = write.idempotency_key(atelier).await?;
    let sku = write.fields()?.id("sku_id").ok().flatten();
    let sku = sku.filter(|id| *id >= 1).ok_or(ApiError::InvalidSkuId)?;
    let outcome = atelier.add_to_cart(&write.owner(), SkuId(sku), key).await?;
    Ok(outcome.into())
}
