//! `/interactions`.

use crate::api::Atelier;
use crate::http::reply::HandlerResult;
use crate::http::write_request::WriteRequest;
use crate::model::interactions::NewInteraction;

pub(crate) async fn add(atelier: &Atelier, write: &WriteRequest<'_>) -> HandlerResult {
    let key = write.idempotency_key(atelier).await?;
    let fields = write.fields()?;
    let new = NewInteraction {
        element: fields.required_text("element"),
        widget: fields.required_text("widget"),
        time: fields.required_text("time"),
    };
    Ok(atelier.add_interaction(new, key).await?.into())
}
