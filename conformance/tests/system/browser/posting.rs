//! What visitors write, vote on and report.

use serde_json::{Value, json};

use crate::browser::visit::{Visit, visit};

/// Presses Tab until the focused element fulfils a condition on `it`.
async fn tab_to(visit: &mut Visit, condition: &str) {
    for _ in 0..120 {
        visit.page.press("Tab").await;
        let here = format!("((it) => {condition})(document.activeElement)");
        if visit.page.value(&here).await == true {
            return;
        }
    }
    panic!("the keyboard does not get to where {condition}");
}

async fn newest(visit: &Visit) -> Value {
    let target = "/reviews?product_id=3&sort=newest&count=1";
    visit.api(target).await["results"][0].clone()
}

#[test]
fn review_is_posted_by_keyboard_alone() {
    visit(async |mut visit| {
        visit.open("#/products/3").await;
        let before = visit.api("/reviews/meta?product_id=3").await;
        tab_to(&mut visit, "it.textContent === 'Write a review'").await;
        visit.page.press("Enter").await;
        visit
            .page
            .until("document.activeElement.name === 'rating'")
            .await;
        visit.page.press(" ").await;
        for _ in 0..3 {
            visit.page.press("ArrowRight").await;
        }
        tab_to(&mut visit, "it.name === 'recommend'").await;
        visit.page.press(" ").await;
        tab_to(&mut visit, "it.name.startsWith('character-')").await;
        visit.page.press(" ").await;
        visit.page.press("ArrowRight").await;
        for (name, text) in [
            ("summary", "Typed with no mouse"),
            ("body", "It kept me dry on the quay all week."),
            ("name", "pierwalker"),
            ("email", "pier@example.org"),
        ] {
            tab_to(&mut visit, &format!("it.name === {name:?}")).await;
            visit.page.write(text).await;
        }
        visit.page.press("Enter").await;

        let first = "#reviews .entry:first-child";
        let there =
            format!("document.querySelector('{first} h3')?.textContent === 'Typed with no mouse'");
        visit.page.until(&there).await;
        visit.page.until("!document.querySelector('dialog')").await;
        assert_eq!(
            visit.text(&format!("{first} .words")).await,
            "It kept me dry on the quay all week."
        );
        let stars = "document.querySelector('#reviews .entry .stars').getAttribute('aria-label')";
        assert_eq!(visit.page.value(stars).await, "4 of 5 stars");
        // The posted review is focused and visible.
        let led = "document.activeElement === document.querySelector('#reviews .entry')
            && document.activeElement.contains(document.elementFromPoint(innerWidth * 0.5, innerHeight * 0.5))";
        assert_eq!(visit.page.value(led).await, true);
        visit.page.screenshot("review-posted").await;

        let stored = newest(&visit).await;
        assert_eq!(
            (
                &stored["rating"],
                &stored["recommend"],
                &stored["reviewer_name"]
            ),
            (&json!(4), &json!(true), &json!("pierwalker"))
        );
        let after = visit.api("/reviews/meta?product_id=3").await;
        assert_ne!(before["characteristics"], after["characteristics"]);
        // The counts next to the name and next to the list are equal.
        let number = visit.text("#reviews .mean small").await;
        let score = visit.text(".about .score").await;
        assert!(score.ends_with(&format!(" {number}")), "{score}: {number}");
        (visit, vec![])
    });
}

#[test]
fn error_is_shown_and_double_click_posts_once() {
    visit(async |mut visit| {
        visit.open("#/products/3").await;
        let before = newest(&visit).await;
        visit.click("#reviews .primary", "Write").await;
        visit
            .page
            .value("document.querySelector('dialog [name=rating][value=\"5\"]').click()")
            .await;
        visit
            .page
            .value("document.querySelector('dialog [name=recommend]').click()")
            .await;
        visit.fill("name", "gull").await;
        // The form refuses addresses that the API refuses, and blanks, but not letters outside of ASCII.
        for (name, text, fits) in [
            ("body", " \u{3000}\n", false),
            ("body", "As good as new.", true),
            ("email", "gull@localhost", false),
            ("email", "gull@quay..example", false),
            ("email", "ä@ö.de", true),
            ("email", "gull@localhost", false),
        ] {
            let empty = format!("document.querySelector('dialog [name={name}]').value = ''");
            visit.page.value(&empty).await;
            visit.fill(name, text).await;
            let valid = format!("document.querySelector('dialog [name={name}]').checkValidity()");
            assert_eq!(visit.page.value(&valid).await, fits, "{name}: {text}");
        }
        visit.click("dialog .primary", "Post").await;
        let held = "document.activeElement.name === 'email'";
        assert_eq!(visit.page.value(held).await, true);
        // If the form accepted it, the error of the server would be shown.
        let through = "document.querySelector('dialog [name=email]').removeAttribute('pattern')";
        visit.page.value(through).await;
        visit.click("dialog .primary", "Post").await;
        let sentence = "Error: Review body contains invalid entries";
        visit
            .page
            .until(&format!(
                "document.querySelector('.fault').textContent === {sentence:?}"
            ))
            .await;
        visit.page.screenshot("review-refused").await;
        let read = "document.activeElement === document.querySelector('dialog .fault')";
        assert_eq!(visit.page.value(read).await, true);
        assert_eq!(newest(&visit).await, before);

        visit.fill("email", ".example").await;
        let twice = "[1, 2, 3].forEach(() => document.querySelector('dialog .primary').click())";
        visit.page.value(twice).await;
        visit.page.until("!document.querySelector('dialog')").await;
        let reviews = visit.api("/reviews?product_id=3&sort=newest&count=2").await;
        assert_eq!(reviews["results"][0]["body"], "As good as new.");
        assert_eq!(reviews["results"][1], before);
        let refused = format!(
            "\"Failed to load resource: the server responded with a status of 422 (Unprocessable Entity)\" \"{}/reviews\"",
            visit.origin
        );
        (visit, vec![refused])
    });
}

#[test]
fn questions_are_asked_answered_voted_on_and_reported() {
    visit(async |mut visit| {
        visit.open("#/products/3").await;
        visit.click("#questions .primary", "Ask").await;
        visit.fill("body", "Does it <i>shrink</i>?").await;
        visit.fill("name", "gull").await;
        visit.fill("email", "gull@example.org").await;
        visit.click("dialog .primary", "Post").await;
        let mine = "[...document.querySelectorAll('#questions .entry')].find((one) => one.textContent.includes('<i>shrink</i>'))";
        visit.page.until(mine).await;
        visit.page.until("!document.querySelector('dialog')").await;

        let within = |text: &str| {
            format!(
                "[...{mine}.querySelectorAll('button')].find((one) => one.textContent.startsWith({text:?})).click()"
            )
        };
        visit.page.value(&within("Answer")).await;
        visit.fill("body", "Not at 30 degrees.").await;
        visit.fill("name", "Seller").await;
        visit.fill("email", "s@example.org").await;
        visit.click("dialog .primary", "Post").await;
        visit
            .page
            .until(&format!(
                "{mine}?.querySelector('.answer')?.textContent.includes('30 degrees')"
            ))
            .await;
        visit.page.until("!document.querySelector('dialog')").await;

        for _ in 0..2 {
            visit
                .page
                .value(&format!("{mine}.querySelector('.answer .plain').click()"))
                .await;
        }
        visit
            .page
            .until(&format!(
                "{mine}.querySelector('.answer .plain').textContent === 'Helpful (1)'"
            ))
            .await;
        let asked = async |visit: &Visit| {
            let questions = visit.api("/qa/questions?product_id=3&count=100").await;
            let mut questions = questions["results"]
                .as_array()
                .expect("a list")
                .clone()
                .into_iter();
            questions.find(|question| question["question_body"] == "Does it <i>shrink</i>?")
        };
        let question = asked(&visit).await.expect("it is stored");
        let answers = question["answers"].as_object().expect("an object");
        let answer = answers.values().next().expect("an answer");
        assert_eq!(
            (&answer["body"], &answer["helpfulness"]),
            (&json!("Not at 30 degrees."), &json!(1))
        );

        // A report hides the row for all visitors, so the page asks for confirmation.
        visit
            .page
            .value(&format!(
                "{mine}.querySelector('.entry > .actions .plain:last-child').click()"
            ))
            .await;
        visit.click("dialog .secondary", "Keep").await;
        visit.page.until("!document.querySelector('dialog')").await;
        assert!(asked(&visit).await.is_some());
        visit
            .page
            .value(&format!(
                "{mine}.querySelector('.entry > .actions .plain:last-child').click()"
            ))
            .await;
        visit.click("dialog .primary", "Report").await;
        visit
            .page
            .until(&format!("!{mine} && !document.querySelector('dialog')"))
            .await;
        assert!(asked(&visit).await.is_none());
        (visit, vec![])
    });
}
