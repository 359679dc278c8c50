//! `Link` and `X-Total-Count` of lists.

use std::collections::BTreeMap;

use atelier_conformance::{TestApp, TestResponse, cases};
use atelier_core::Limits;
use http::Method;
use serde_json::Value;

use crate::question_answers::answer;
use crate::questions::question;
use crate::{CREATED, NO_CONTENT, add, each};

/// Lists, the keys of their ids, and their lengths after [`grow`].
const LISTS: [(&str, &str, usize); 5] = [
    ("/products", "id", 6),
    ("/reviews?product_id=501", "review_id", 9),
    ("/reviews?product_id=501&sort=newest", "review_id", 9),
    ("/qa/questions?product_id=501", "question_id", 7),
    ("/qa/questions/71/answers", "answer_id", 6),
];

async fn grow(shop: &TestApp) {
    for _ in 0..3 {
        assert_eq!(add(shop, &[("product_id", "501")]).await.parts(), CREATED);
    }
    for _ in 0..5 {
        let body = question(&[("product_id", "501")]);
        assert_eq!(shop.post_text("/qa/questions", body).await.parts(), CREATED);
    }
    for _ in 0..4 {
        assert_eq!(
            shop.post_text("/qa/questions/71/answers", answer(&[]))
                .await
                .parts(),
            CREATED
        );
    }
}

fn with(target: &str, query: &str) -> String {
    format!(
        "{target}{}{query}",
        if target.contains('?') { '&' } else { '?' }
    )
}

fn ids(reply: &TestResponse, key: &str) -> Vec<Value> {
    let json = reply.json();
    each(
        json.as_array()
            .or_else(|| json["results"].as_array())
            .expect("a list"),
        key,
    )
}

fn total(reply: &TestResponse) -> Option<&str> {
    reply.header("x-total-count")
}

/// Returns the targets of `Link` by relation, for a request of `target`.
fn links(reply: &TestResponse, target: &str) -> BTreeMap<String, String> {
    let Some(header) = reply.header("link") else {
        return BTreeMap::new();
    };
    let path = target.split('?').next().unwrap_or_default();
    let link = |link: &str| {
        let (to, relation) = link.strip_prefix('<')?.split_once(">; rel=\"")?;
        let to = if to.starts_with('?') {
            format!("{path}{to}")
        } else {
            to.to_owned()
        };
        Some((relation.strip_suffix('"')?.to_owned(), to))
    };
    header
        .split(", ")
        .map(|text| link(text).unwrap_or_else(|| panic!("{text} in {header}")))
        .collect()
}

/// Returns the ids of all pages from this one on, following links of one relation.
async fn follow(shop: &TestApp, from: String, relation: &str, key: &str) -> Vec<Vec<Value>> {
    let (mut target, mut pages) = (from, vec![]);
    loop {
        let reply = shop.get(&target).await;
        assert_eq!(reply.status, 200, "{target}");
        pages.push(ids(&reply, key));
        assert!(pages.len() < 50, "no end from {target}");
        match links(&reply, &target).remove(relation) {
            Some(next) => target = next,
            None => return pages,
        }
    }
}

cases! {
    async fn every_list_has_total_count(shop: TestApp) {
        grow(&shop).await;
        for (list, _, length) in LISTS {
            for query in ["count=5", "page=2", "page=99", "count=0", "count=1&page=3", "count=99999999999999999999"] {
                for base in ["", "/api/fec2/x"] {
                    let target = format!("{base}{}", with(list, query));
                    assert_eq!(total(&shop.get(&target).await), Some(&*length.to_string()), "{target}");
                }
            }
            let head = shop.request(Method::HEAD, list, &[], b"").await;
            let got = shop.get(list).await;
            assert_eq!((total(&head), head.header("link")), (total(&got), got.header("link")), "HEAD {list}");
        }
    }

    async fn empty_list_has_no_next_page(shop: TestApp) {
        for list in ["/reviews?product_id=999", "/reviews?product_id=506", "/qa/questions?product_id=999",
            "/qa/questions/999/answers", "/qa/questions/72/answers"] {
            for query in ["count=5", "page=2"] {
                let target = with(list, query);
                let reply = shop.get(&target).await;
                assert_eq!(total(&reply), Some("0"), "{target}");
                assert_eq!(links(&reply, &target).get("next"), None, "{target}");
            }
        }
    }

    async fn reported_and_new_rows_change_total_count(shop: TestApp) {
        let lists = ["/reviews?product_id=501", "/qa/questions?product_id=501", "/qa/questions/71/answers"];
        for (list, length) in lists.iter().zip(["6", "2", "2"]) {
            assert_eq!(total(&shop.get(list).await), Some(length), "{list}");
        }
        grow(&shop).await;
        for (list, length) in lists.iter().zip(["9", "7", "6"]) {
            assert_eq!(total(&shop.get(list).await), Some(length), "{list}");
        }
        for report in ["/reviews/31/report", "/qa/questions/72/report", "/qa/answers/81/report"] {
            assert_eq!(shop.put(report).await.parts(), NO_CONTENT);
        }
        for (list, length) in lists.iter().zip(["8", "6", "5"]) {
            assert_eq!(total(&shop.get(list).await), Some(length), "{list}");
        }
    }

    async fn following_next_links_visits_every_row_once(shop: TestApp) {
        grow(&shop).await;
        for (list, key, length) in LISTS {
            let all = ids(&shop.get(&with(list, "count=100")).await, key);
            assert_eq!(all.len(), length, "{list}");
            for base in ["", "/api/fec2/x"] {
                let list = format!("{base}{list}");
                assert_eq!(follow(&shop, list.clone(), "next", key).await.concat(), all, "{list}");
                for count in [1, 2, 3, length, length + 1] {
                    let pages = follow(&shop, with(&list, &format!("count={count}")), "next", key).await;
                    assert_eq!(pages.concat(), all, "{list} by {count}");
                    assert_eq!(pages.len(), length.div_ceil(count), "{list} by {count}");
                }
            }
        }
    }

    async fn prev_first_and_last_links_are_correct(shop: TestApp) {
        grow(&shop).await;
        for (list, key, length) in LISTS {
            let pages = follow(&shop, with(list, "count=2"), "next", key).await;
            let last = pages.len();
            let mut back = follow(&shop, with(list, &format!("count=2&page={last}")), "prev", key).await;
            back.reverse();
            assert_eq!(back, pages, "{list}");
            for page in 1..=last {
                let target = with(list, &format!("count=2&page={page}"));
                let told = links(&shop.get(&target).await, &target);
                assert_eq!((told.contains_key("prev"), told.contains_key("next")), (page > 1, page < last), "{target}");
                assert_eq!(ids(&shop.get(&told["first"]).await, key), pages[0], "{target}");
                assert_eq!(ids(&shop.get(&told["last"]).await, key), pages[last - 1], "{target}");
            }
            let far = with(list, &format!("count=2&page={}", length + 10));
            let told = links(&shop.get(&far).await, &far);
            assert!(!told.contains_key("next") && told.contains_key("prev"), "{far}: {told:?}");
        }
    }

    async fn following_next_links_visits_rows_beyond_size_limit(shop: TestApp) {
        grow(&shop).await;
        let all: Vec<_> = {
            let mut all = vec![];
            for (list, key, _) in LISTS {
                all.push(ids(&shop.get(&with(list, "count=100")).await, key));
            }
            all
        };
        let shop = shop.configured(Limits { max_rows: 2, ..Limits::default() });
        for ((list, key, _), all) in LISTS.into_iter().zip(all) {
            for count in ["1", "2", "3", "5", "100", "9223372036854775807"] {
                let pages = follow(&shop, with(list, &format!("count={count}")), "next", key).await;
                assert_eq!(pages.concat(), all, "{list} by {count}");
            }
        }
    }

    async fn list_with_count_zero_links_to_itself_only(shop: TestApp) {
        for (list, key, _) in LISTS {
            let target = with(list, "count=0");
            assert_eq!(follow(&shop, target.clone(), "next", key).await, [Vec::<Value>::new()], "{target}");
        }
    }

    async fn query_cannot_forge_links(shop: TestApp) {
        for forged in ["%3E%3B%20rel%3D%22next%22", "%0D%0Ax-forged%3A%20yes", "%22%3E%2C%20%3Chttps%3A%2F%2Fevil.example%3E"] {
            for name in ["sort", "page", "count", "x", "product_id"] {
                let target = format!("/reviews?product_id=501&count=1&{name}={forged}");
                let reply = shop.get(&target).await;
                assert_eq!(reply.header("x-forged"), None, "{target}");
                let link = reply.header("link").expect("a list with other pages");
                assert!(!link.contains("evil") && !link.contains('\n'), "{target}: {link}");
                assert!(links(&reply, &target).contains_key("next"), "{target}: {link}");
            }
        }
    }

    async fn only_lists_have_total_count(shop: TestApp) {
        for target in ["/products/501", "/products/501/styles", "/products/501/related", "/reviews/meta?product_id=501",
            "/cart", "/products/0", "/reviews", "/qa/questions", "/qa/questions/x/answers", "/nothing"] {
            let reply = shop.get(target).await;
            assert_eq!((total(&reply), reply.header("link")), (None, None), "{target}");
        }
    }
}
