//! Pictures as `data:` URIs: they show with no network and no server behind them.
//!
//! They hold no quotes, blanks or parentheses, so that they are valid as they stand in HTML, in CSS (`url(...)`) and in
//! JSON. Path data is written without such characters; the markup round it is encoded here.

use super::drawings::Drawing;
use super::palette::Colour;

/// What a picture shows of a garment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum View {
    Front,
    Back,
    Detail,
    /// From further away, in front of a landscape, a town or a window.
    Scene,
}

/// What is drawn, and in which colours.
#[derive(Clone, Copy)]
pub(super) struct Subject<'a> {
    pub(super) drawing: &'a Drawing,
    pub(super) colour: &'a Colour,
    /// The second colour of a style, if it has one.
    pub(super) accent: Option<&'a Colour>,
    /// The colour behind it, in hexadecimal.
    pub(super) ground: &'a str,
}

/// Pale shapes behind a garment in its box: floor, circle, arch, slope, frame, wave.
const BACKDROPS: [&str; 6] = [
    "M0,74h80v22H0z",
    "M40,10a38,38,0,1,1-.1,0z",
    "M12,96V44a28,28,0,0,1,56,0v52z",
    "M0,66,80,34v62H0z",
    "M8,8h64v80H8z",
    "M0,76q20-16,40-4t40-8v32H0z",
];

/// Pale shapes behind a garment in the wider box of a scene: hills, town, windows, sun.
const SCENES: [&str; 4] = [
    "M-14,103V66q27-30,54-6t54-18v61z",
    "M-14,103V38H0v16h9V14h17v36h22V26h14v30h14V4h14v48h4v51z",
    "M-14,80H94v23H-14zM-8-20h44v70H-8zM44-20h44v70H44z",
    "M76-18a15,15,0,1,1-.1,0zM-14,78q54-12,108,0v25H-14z",
];

/// A picture of `subject`. Every number stands for some backdrop.
pub(super) fn photo(subject: Subject, view: View, backdrop: usize) -> String {
    let flat = BACKDROPS[backdrop % BACKDROPS.len()];
    match view {
        View::Front | View::Detail => draw(subject, view, flat, subject.drawing.front),
        View::Back => draw(subject, view, flat, subject.drawing.back),
        View::Scene => draw(subject, view, SCENES[backdrop % SCENES.len()], ""),
    }
}

/// The same in fewer bytes: nothing behind the garment, and only the lines that tell one view from another.
pub(super) fn thumbnail(subject: Subject, view: View) -> String {
    match view {
        View::Front | View::Detail => draw(subject, view, "", subject.drawing.front),
        View::Back | View::Scene => draw(subject, view, "", ""),
    }
}

fn draw(subject: Subject, view: View, shape: &str, lines: &str) -> String {
    let Subject {
        drawing,
        colour,
        accent,
        ground,
    } = subject;
    let seen = match view {
        View::Front | View::Back => "0,0,80,96",
        View::Detail => drawing.detail,
        View::Scene => "-14,-27,108,130",
    };
    let ink = match lines {
        "" => "",
        _ if colour.dark => "fff6",
        _ => "0005",
    };
    let trim = accent.map_or(drawing.plain, |accent| accent.rgb);

    let mut svg = String::with_capacity(640);
    svg.extend([
        "data:image/svg+xml,%3Csvg%20xmlns=%27http://www.w3.org/2000/svg%27%20viewBox=%27",
        seen,
        "%27%3E%3Ccircle%20r=%27199%27%20fill=%27%23",
        ground,
        "%27/%3E",
    ]);
    if !shape.is_empty() {
        path(&mut svg, "fff8", "", &[shape]);
    }
    path(&mut svg, colour.rgb, ink, &[drawing.body, lines]);
    if !trim.is_empty() {
        path(&mut svg, trim, "", &[drawing.trim]);
    }
    svg.push_str("%3C/svg%3E");
    svg
}

/// Appends a path. Colours are in hexadecimal; without `stroke` it has no outline.
fn path(svg: &mut String, fill: &str, stroke: &str, data: &[&str]) {
    svg.extend(["%3Cpath%20fill=%27%23", fill]);
    if !stroke.is_empty() {
        svg.extend(["%27%20stroke=%27%23", stroke]);
    }
    svg.push_str("%27%20d=%27");
    svg.extend(data.iter().copied());
    svg.push_str("%27/%3E");
}
