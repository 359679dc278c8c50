//! What visitors do.

use crate::once::{Posted, Stored};
use crate::valid::{Rules, Valid, required_text};
use crate::{Atelier, Noun, Result};

/// Something that a visitor did, to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewInteraction {
    /// What was used; not blank.
    pub element: String,
    /// Where on the page; not blank.
    pub widget: String,
    /// When, in whatever words; not blank, never parsed.
    pub time: String,
}

impl Rules for NewInteraction {
    const NOUN: Noun = Noun::Interaction;

    fn rules(&self) -> Vec<(&'static str, bool)> {
        let text = |text| required_text(text, usize::MAX);
        vec![
            ("element", text(&self.element)),
            ("widget", text(&self.widget)),
            ("time", text(&self.time)),
        ]
    }
}

impl Atelier {
    /// Keeps an interaction: `POST /interactions`. [`Error::Invalid`](crate::Error::Invalid) when a field is blank.
    pub async fn add_interaction(&self, new: NewInteraction) -> Result<()> {
        self.post_interaction(new, self.posted(None)).await?.now()
    }

    pub(crate) async fn post_interaction(
        &self,
        new: NewInteraction,
        posted: Posted,
    ) -> Result<Stored<()>> {
        let new = Valid::check(new)?;
        self.store_to_change()?.add_interaction(new, posted).await
    }
}
