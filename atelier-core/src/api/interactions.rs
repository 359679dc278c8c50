//! Operations on interactions.

use super::Atelier;
use crate::model::error::Result;
use crate::model::idempotency::{IdempotencyKey, WriteOutcome};
use crate::model::interactions::NewInteraction;
use crate::model::validation::Valid;

impl Atelier {
    /// Records an interaction: `POST /interactions`. With a key, a repeated request is not stored again.
    /// [`Error::Invalid`](crate::Error::Invalid) if a field is blank.
    pub async fn add_interaction(
        &self,
        new: NewInteraction,
        key: Option<IdempotencyKey>,
    ) -> Result<WriteOutcome<()>> {
        let new = Valid::check(new)?;
        let context = self.write_context(key);
        self.writable_store()?.add_interaction(new, context).await
    }
}
