//! What visitors do.

use crate::model::error::Resource;
use crate::model::validation::{Rules, required_text};

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
    const RESOURCE: Resource = Resource::Interaction;

    fn rules(&self) -> Vec<(&'static str, bool)> {
        let text = |text| required_text(text, usize::MAX);
        vec![
            ("element", text(&self.element)),
            ("widget", text(&self.widget)),
            ("time", text(&self.time)),
        ]
    }
}
