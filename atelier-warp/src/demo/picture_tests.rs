use atelier_core::bulk::{Batch, StylePhoto};

use super::catalogue;

fn style_photos(batch: &Batch) -> impl Iterator<Item = &StylePhoto> {
    let styles = batch.products.iter().flat_map(|product| &product.styles);
    styles.flat_map(|style| &style.photos)
}

/// Every picture of the catalogue.
fn pictures(batch: &Batch) -> impl Iterator<Item = &str> {
    style_photos(batch)
        .flat_map(|photo| [&photo.url, &photo.thumbnail_url])
        .map(|url| url.as_deref().expect("every photo has both"))
        .chain(
            batch
                .reviews
                .iter()
                .flat_map(|review| &review.photos)
                .map(|photo| &*photo.url),
        )
        .chain(
            batch
                .answers
                .iter()
                .flat_map(|answer| &answer.photos)
                .map(|photo| &*photo.url),
        )
}

#[test]
fn pictures_need_no_escaping_wherever_they_stand() {
    let safe =
        |character: char| character.is_ascii_alphanumeric() || "%:/+,.=-".contains(character);
    for picture in pictures(&catalogue(300, 42)) {
        let path = picture
            .strip_prefix("data:image/svg+xml,")
            .expect("the media type");
        assert!(path.chars().all(safe), "{picture}");
    }
}

#[test]
fn pictures_are_small_and_thumbnails_smaller() {
    let demo = catalogue(1000, 42);
    assert!(pictures(&demo).all(|picture| picture.len() <= 600));
    for photo in style_photos(&demo) {
        assert!(
            photo.thumbnail_url.as_ref().map(String::len) < photo.url.as_ref().map(String::len)
        );
    }
    let bytes: usize = pictures(&demo).map(str::len).sum();
    assert!(bytes < 14_000_000, "{bytes} bytes of pictures");
}

#[test]
fn pictures_are_well_formed() {
    for picture in pictures(&catalogue(1000, 42)) {
        let encoded = picture
            .strip_prefix("data:image/svg+xml,")
            .expect("the media type");
        let xml = decoded(encoded);
        assert!(
            xml.starts_with("<svg xmlns='http://www.w3.org/2000/svg' "),
            "{xml}"
        );
        assert!(is_balanced(&xml), "{xml}");
    }
}

fn decoded(text: &str) -> String {
    let mut parts = text.split('%');
    let mut decoded = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (code, rest) = part.split_at(2);
        decoded.push(char::from(
            u8::from_str_radix(code, 16).expect("two hexadecimal digits"),
        ));
        decoded.push_str(rest);
    }
    decoded
}

/// Whether every attribute is quoted and every element closed in its turn.
fn is_balanced(xml: &str) -> bool {
    let mut open = Vec::new();
    let mut tags = xml.split('<');
    if tags.next() != Some("") {
        return false;
    }
    for tag in tags {
        let Some(tag) = tag.strip_suffix('>') else {
            return false;
        };
        if let Some(name) = tag.strip_prefix('/') {
            if open.pop() != Some(name) {
                return false;
            }
            continue;
        }
        let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        let unquoted: Vec<&str> = attributes
            .trim_end_matches('/')
            .split('\'')
            .step_by(2)
            .collect();
        if !matches!(unquoted.split_last(), Some((&"", names)) if names.iter().all(|name| name.ends_with('=')))
        {
            return false;
        }
        if !tag.ends_with('/') {
            open.push(name);
        }
    }
    open.is_empty()
}
