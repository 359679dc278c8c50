//! `/interactions`.

use super::fault::Fault;
use super::{Answer, Call};
use crate::NewInteraction;

pub(super) async fn add(call: &Call<'_>) -> Result<Answer, Fault> {
    let posted = call.posted().await?;
    let fields = call.fields()?;
    let new = NewInteraction {
        element: fields.required_text("element"),
        widget: fields.required_text("widget"),
        time: fields.required_text("time"),
    };
    Ok(call.atelier.post_interaction(new, posted).await?.into())
}
