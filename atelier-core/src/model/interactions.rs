//! Interactions.

use crate::model::error::Resource;
use crate::model::validation::{Rules, required_text};

/// A new interaction of a visitor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewInteraction {
    /// Element of the page; not blank.
    pub element: String,
    /// Widget of the page; not blank.
    pub widget: String,
    /// Time as sent by the client; not blank, never parsed.
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
