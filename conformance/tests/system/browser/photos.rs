//! Photos from a visitor's device.

use std::path::Path;

use serde_json::{Value, json};

use crate::browser::visit::{Visit, visit};

/// A photo in camera size, which takes a while to scale down.
fn photo(folder: &Path, name: &str) -> String {
    let (width, height) = (2_000_u32, 1_500_u32);
    let size = width * height * 3;
    let mut bytes = b"BM".to_vec();
    for number in [54 + size, 0, 54, 40, width, height, 24 << 16 | 1, 0, size] {
        bytes.extend(number.to_le_bytes());
    }
    bytes.resize(54, 0);
    bytes.extend((0..size).map(|place| (place / 977).to_le_bytes()[0]));
    file(folder, name, &bytes)
}

fn file(folder: &Path, name: &str, bytes: &[u8]) -> String {
    let path = folder.join(name);
    std::fs::write(&path, bytes).expect("a file");
    path.to_str().expect("a text").to_owned()
}

/// Chooses files in the open form.
async fn choose(visit: &mut Visit, files: &[String]) {
    let input = json!({"expression": "document.querySelector('dialog [type=file]')"});
    let input = visit.page.call("Runtime.evaluate", input).await;
    let chosen = json!({"files": files, "objectId": input["result"]["objectId"]});
    visit.page.call("DOM.setFileInputFiles", chosen).await;
}

/// Makes the form post itself as soon as files are chosen.
async fn hurry(visit: &mut Visit) {
    let hurry = "document.querySelector('dialog [type=file]').addEventListener('change',
        () => document.querySelector('dialog .primary').click(), { once: true })";
    visit.page.value(hurry).await;
}

async fn write(visit: &mut Visit, body: &str) {
    visit.fill("body", body).await;
    visit.fill("name", "gull").await;
    visit.fill("email", "gull@example.org").await;
}

fn pictures(photos: &Value) -> usize {
    let photos = photos.as_array().expect("a list").iter();
    let urls = photos.filter_map(|photo| photo.get("url").unwrap_or(photo).as_str());
    urls.filter(|url| url.starts_with("data:image/jpeg"))
        .count()
}

#[test]
fn photos_are_posted_when_submitted_before_they_are_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let photos = ["quay.bmp", "gull.bmp", "rain.bmp"].map(|name| photo(folder.path(), name));
    visit(async |mut visit| {
        visit.open("#/products/3").await;
        visit.click("#reviews .primary", "Write").await;
        for name in ["rating", "recommend"] {
            let choose = format!("document.querySelector('dialog [name={name}]').click()");
            visit.page.value(&choose).await;
        }
        write(&mut visit, "As in the pictures.").await;
        hurry(&mut visit).await;
        choose(&mut visit, &photos).await;
        visit.page.until("!document.querySelector('dialog')").await;
        let newest = visit.api("/reviews?product_id=3&sort=newest&count=1").await;
        let newest = &newest["results"][0];
        assert_eq!(newest["body"], "As in the pictures.");
        assert_eq!(pictures(&newest["photos"]), 3);
        let shown = "document.querySelectorAll('#reviews .entry:first-child .thumb').length";
        assert_eq!(visit.page.value(shown).await, 3);
        (visit, vec![])
    });
}

#[test]
fn unusable_photo_is_refused_with_a_message() {
    let folder = tempfile::tempdir().expect("a folder");
    let photos = ["1", "2", "3", "4", "5", "last"].map(|name| photo(folder.path(), name));
    let broken = file(folder.path(), "notes.png", b"These are only words.");
    visit(async |mut visit| {
        visit.open("#/products/3").await;
        visit.click("#questions .actions .plain", "Answer").await;
        write(&mut visit, "See for yourself.").await;
        hurry(&mut visit).await;
        choose(&mut visit, &[broken]).await;
        let said = "document.querySelector('dialog .fault')?.textContent";
        visit.page.until(said).await;
        assert_eq!(
            visit.text("dialog .fault").await,
            "notes.png can't be read as a picture. Post again to go on without."
        );
        // Two choices in quick succession.
        choose(&mut visit, &photos[..3]).await;
        choose(&mut visit, &photos[3..]).await;
        let told =
            "document.querySelector('dialog [role=status]')?.textContent.includes('left out')";
        visit.page.until(told).await;
        visit.page.screenshot("photos-left-out").await;
        assert_eq!(
            visit.text("dialog [role=status]").await,
            "1 photo left out: five are the most."
        );
        visit.click("dialog .primary", "Post").await;
        visit.page.until("!document.querySelector('dialog')").await;
        let questions = visit.api("/qa/questions?product_id=3&count=100").await;
        let questions = questions["results"].as_array().expect("a list").iter();
        let mut answers =
            questions.flat_map(|question| question["answers"].as_object().expect("an object"));
        let answer = answers.find(|(_, answer)| answer["body"] == "See for yourself.");
        let (_, answer) = answer.expect("it is stored");
        assert_eq!(pictures(&answer["photos"]), 5);
        (visit, vec![])
    });
}
