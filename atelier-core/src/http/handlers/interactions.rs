//! `/interactions`.

use crate::api::Atelier;
use crate::http::error::ApiError;
use crate::http::reply::Reply;
use crate::http::write_request::WriteRequest;
use crate::model::interactions::NewInteraction;

pub(in crate::http) async fn add(
    atelier: &Atelier,
    write: &WriteRequest<'_>,
) -> Result<Reply, ApiError> {
    let key = write.idempotency_key(atelier).await?;
    let fields = write.fields()?;
    let new = NewInteraction {
        element: fields.required_text("element"),
        widget: fields.required_text("widget"),
        time: fields.required_text("time"),
    };
    Ok(atelier.add_interaction(new, key).await?.into())
}
