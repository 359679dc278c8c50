//! `/interactions`.

use super::error::ApiError;
use super::{Answer, Call};
use crate::model::interactions::NewInteraction;

pub(super) async fn add(call: &Call<'_>) -> Result<Answer, ApiError> {
    let key = call.idempotency_key().await?;
    let fields = call.fields()?;
    let new = NewInteraction {
        element: fields.required_text("element"),
        widget: fields.required_text("widget"),
        time: fields.required_text("time"),
    };
    Ok(call.atelier.add_interaction(new, key).await?.into())
}
