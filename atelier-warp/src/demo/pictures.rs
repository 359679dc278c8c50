//! Pictures as `data:` URIs, which a browser shows without a request.
//!
//! They contain no quotes, spaces or parentheses, so they need no escaping in HTML, in CSS (`url(...)`) or in JSON. Path
//! data and colours are written without such characters; the template around them is percent-encoded.

use std::iter;

use fastrand::Rng;

use super::data::{Colour, DATA, Drawing};
use super::random::{chance, pick};

/// Colours of one style.
#[derive(Clone, Copy)]
pub(super) struct StyleColours {
    /// Colour of the body.
    pub(super) colour: &'static Colour,
    /// Colour of the trim: light on a dark colour, dark on a light one.
    pub(super) accent: Option<&'static Colour>,
}

impl StyleColours {
    /// Returns the name of the style: `Forest`, or `Forest & Oat`.
    pub(super) fn name(self) -> String {
        match self.accent {
            Some(accent) => format!("{} & {}", self.colour.name, accent.name),
            None => self.colour.name.clone(),
        }
    }

    /// Returns a background colour that the style stands out from.
    pub(super) fn ground(self, rng: &mut Rng) -> &'static str {
        if self.colour.dark {
            DATA.pictures.dark_grounds.pick(rng)
        } else {
            DATA.pictures.light_grounds.pick(rng)
        }
    }
}

/// Draws the colours of the three to six styles of a product. No two styles have the same first colour.
pub(super) fn style_colours(rng: &mut Rng) -> Vec<StyleColours> {
    let count = *pick(rng, &[3, 4, 5, 5, 5, 5, 6, 6]);
    let colours = &DATA.pictures.colours;
    let mut styles: Vec<StyleColours> = Vec::with_capacity(count);
    while styles.len() < count.min(colours.len()) {
        let colour = colours.pick(rng);
        if styles.iter().any(|style| style.colour == colour) {
            continue;
        }
        let mut accents = iter::repeat_with(|| colours.pick(rng));
        let accent = accents.find(|accent| accent.dark != colour.dark);
        let accent = accent.filter(|_| chance(rng, 35));
        styles.push(StyleColours { colour, accent });
    }
    styles
}

/// View of a product.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum View {
    Front,
    Back,
    Detail,
    /// From further away, in front of a landscape, a town or a window.
    Scene,
}

/// A product to draw.
#[derive(Clone, Copy)]
pub(super) struct Subject {
    pub(super) drawing: &'static Drawing,
    pub(super) colours: StyleColours,
    /// Background colour in hexadecimal.
    pub(super) ground: &'static str,
}

impl Subject {
    /// Returns a picture in front of some backdrop.
    pub(super) fn photo(self, rng: &mut Rng, view: View) -> String {
        let pictures = &DATA.pictures;
        let (shapes, lines) = match view {
            View::Front | View::Detail => (&pictures.backdrops, self.drawing.front.as_str()),
            View::Back => (&pictures.backdrops, self.drawing.back.as_str()),
            View::Scene => (&pictures.scenes, ""),
        };
        self.draw(view, shapes.pick(rng), lines)
    }

    /// Returns a smaller picture: without a backdrop, and with lines only where views would look the same.
    pub(super) fn thumbnail(self, view: View) -> String {
        match view {
            View::Front | View::Detail => self.draw(view, "", &self.drawing.front),
            View::Back | View::Scene => self.draw(view, "", ""),
        }
    }

    /// Fills in the template. A line with an empty placeholder is left out.
    fn draw(self, view: View, backdrop: &str, lines: &str) -> String {
        let drawing = self.drawing;
        let StyleColours { colour, accent } = self.colours;
        let value = |placeholder: &str| match placeholder {
            "view_box" => match view {
                View::Front | View::Back => "0,0,80,96",
                View::Detail => &drawing.detail,
                View::Scene => "-14,-27,108,130",
            },
            "ground" => self.ground,
            "backdrop" => backdrop,
            "colour" => &colour.rgb,
            "body" => &drawing.body,
            "unlined_body" if lines.is_empty() => &drawing.body,
            "unlined_body" => "",
            "lines" => lines,
            "ink" if colour.dark => "fff6",
            "ink" => "0005",
            "trim" => &drawing.trim,
            "trim_colour" => accent.map_or(&drawing.trim_colour, |accent| &accent.rgb),
            // Fails the test of the characters in pictures.
            _ => "{unknown}",
        };
        let mut svg = String::with_capacity(640);
        svg.push_str("data:image/svg+xml,");
        for line in &DATA.picture_template {
            let start = svg.len();
            for (index, piece) in line.iter().enumerate() {
                let is_placeholder = index % 2 == 1;
                let text = if is_placeholder { value(piece) } else { piece };
                if is_placeholder && text.is_empty() {
                    svg.truncate(start);
                    break;
                }
                svg.push_str(text);
            }
        }
        svg
    }
}
