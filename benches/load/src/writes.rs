//! Requests that write, as JSON and as HTML forms.

use std::io::Write as _;
use std::sync::Arc;

use crate::targets::{Ids, Random};

/// A kind of write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Write {
    ReviewVote,
    QuestionVote,
    AnswerVote,
    Report,
    Review,
    Question,
    Answer,
    Cart,
    Interaction,
}

/// A source of writes with uniform ids.
#[derive(Debug, Clone)]
pub(crate) struct Writes {
    /// Each kind as often as the others.
    pub(crate) kinds: &'static [Write],
    pub(crate) ids: Ids,
    /// Two characteristics of each product, for reviews, or zeros. Reviews rate none when this is empty.
    pub(crate) characteristics: Arc<[[u64; 2]]>,
    pub(crate) encoding: Encoding,
}

/// Encoding of the body of a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    Json,
    /// `application/x-www-form-urlencoded`: what k6 sends for an object, and a browser for a form without script.
    Form,
}

/// Every kind of post.
pub(crate) const POSTS: &[Write] = &[
    Write::Review,
    Write::Question,
    Write::Answer,
    Write::Cart,
    Write::Interaction,
];

/// Number of different `Authorization` values, each of which owns a cart.
const OWNERS: u64 = 10_000;

const TEXT: &str = "I have worn it on the quay in wind and rain for a week, and it kept me warm and dry. \
    The sleeves are a little long for me, but the hood fits well and the pockets hold all that I carry.";

impl Writes {
    /// Writes the next request.
    pub(crate) fn next(&self, random: &mut Random, request: &mut Vec<u8>) {
        let kind = self.kinds[random.below_len(self.kinds.len())];
        match self.encoding {
            Encoding::Json => {
                kind.json(self.ids, &self.characteristics, Random::id, random, request);
            }
            Encoding::Form => kind.form(self.ids, random, request),
        }
    }
}

impl Write {
    /// Writes the request with a JSON body; `pick` draws an id from 1 to a largest one.
    pub(crate) fn json(
        self,
        ids: Ids,
        characteristics: &[[u64; 2]],
        pick: fn(&mut Random, u64) -> u64,
        random: &mut Random,
        request: &mut Vec<u8>,
    ) {
        let product = pick(random, ids.products);
        match self {
            Self::ReviewVote => put(request, "reviews", pick(random, ids.reviews), "helpful"),
            Self::QuestionVote => {
                let question = pick(random, ids.questions);
                put(request, "qa/questions", question, "helpful");
            }
            Self::AnswerVote => put(request, "qa/answers", pick(random, ids.answers), "helpful"),
            // Uniform: a popular review would soon be hidden.
            Self::Report => put(request, "reviews", random.id(ids.reviews), "report"),
            Self::Review => {
                let rating = 1 + random.below(5);
                let place = usize::try_from(product - 1).unwrap_or(usize::MAX);
                let rated = characteristics.get(place).filter(|[first, _]| *first > 0);
                let rated = rated.map_or_else(String::new, |[first, last]| {
                    format!(",\"characteristics\":{{\"{first}\":{rating},\"{last}\":{rating}}}")
                });
                let body = format!(
                    "{{\"product_id\":{product},\"rating\":{rating},\"summary\":\"Warm\",\"body\":\"{TEXT}\",\
                     \"recommend\":true,\"name\":\"pierwalker\",\"email\":\"p@example.org\",\
                     \"photos\":[\"https://img.example/r8.jpg\",\"https://img.example/r9.jpg\"]{rated}}}"
                );
                post(request, "/reviews", "", &body);
            }
            Self::Question => {
                let body = format!(
                    "{{\"product_id\":{product},\"body\":\"Does the hood come off?\",\"name\":\"gull\",\
                     \"email\":\"g@example.org\"}}"
                );
                post(request, "/qa/questions", "", &body);
            }
            Self::Answer => {
                let target = format!("/qa/questions/{}/answers", pick(random, ids.questions));
                let body =
                    "{\"body\":\"Yes, two zips.\",\"name\":\"Seller\",\"email\":\"s@example.org\"}";
                post(request, &target, "", body);
            }
            Self::Cart => {
                let owner = format!("authorization: visitor-{}\r\n", random.below(OWNERS));
                let body = format!("{{\"sku_id\":{product}}}");
                post(request, "/cart", &owner, &body);
            }
            Self::Interaction => {
                let body = "{\"element\":\"#add-to-bag\",\"widget\":\"overview\",\"time\":\"Fri Mar 01 2024\"}";
                post(request, "/interactions", "", body);
            }
        }
    }

    /// Writes the request with a form as its body, with every field that fits into one.
    fn form(self, ids: Ids, random: &mut Random, request: &mut Vec<u8>) {
        let product = random.id(ids.products);
        let text = TEXT.replace(',', "%2C").replace(' ', "+");
        let (target, body) = match self {
            Self::Review => (
                "/reviews".to_owned(),
                format!(
                    "product_id={product}&rating={}&summary=Warm&body={text}&recommend=true&name=pierwalker\
                     &email=p%40example.org",
                    1 + random.below(5)
                ),
            ),
            Self::Question => (
                "/qa/questions".to_owned(),
                format!(
                    "product_id={product}&body=Does+the+hood+come+off%3F&name=gull&email=g%40example.org"
                ),
            ),
            Self::Answer => (
                format!("/qa/questions/{}/answers", random.id(ids.questions)),
                "body=Yes%2C+two+zips.&name=Seller&email=s%40example.org".to_owned(),
            ),
            Self::Cart => ("/cart".to_owned(), format!("sku_id={product}")),
            Self::Interaction => (
                "/interactions".to_owned(),
                "element=%23add-to-bag&widget=overview&time=Fri+Mar+01+2024".to_owned(),
            ),
            // A PUT has no body.
            _ => return self.json(ids, &[], Random::id, random, request),
        };
        send(
            request,
            &target,
            "content-type: application/x-www-form-urlencoded\r\n",
            &body,
        );
    }
}

fn put(request: &mut Vec<u8>, resource: &str, id: u64, action: &str) {
    // Writing into memory never fails.
    let _ = write!(
        request,
        "PUT /{resource}/{id}/{action} HTTP/1.1\r\nhost: atelier\r\ncontent-length: 0\r\n\r\n"
    );
}

fn post(request: &mut Vec<u8>, target: &str, header: &str, body: &str) {
    let headers = format!("{header}content-type: application/json\r\n");
    send(request, target, &headers, body);
}

fn send(request: &mut Vec<u8>, target: &str, headers: &str, body: &str) {
    let _ = write!(
        request,
        "POST {target} HTTP/1.1\r\nhost: atelier\r\n{headers}content-length: {}\r\n\r\n{body}",
        body.len()
    );
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    const IDS: Ids = Ids {
        products: 3,
        reviews: 9,
        questions: 7,
        answers: 20,
    };

    /// Head and body of a request of this kind, with the content length that its head tells.
    fn drawn(kinds: &'static [Write], encoding: Encoding) -> (String, String) {
        let writes = Writes {
            kinds,
            ids: IDS,
            characteristics: Arc::new([[11, 12], [0, 0], [31, 33]]),
            encoding,
        };
        let (mut random, mut request) = (Random::new(1), Vec::new());
        writes.next(&mut random, &mut request);
        let text = String::from_utf8(request).expect("UTF-8");
        let (head, body) = text.split_once("\r\n\r\n").expect("a head");
        let length = format!("content-length: {}", body.len());
        assert!(head.ends_with(&length), "{head}");
        (head.to_owned(), body.to_owned())
    }

    #[test]
    fn json_posts_have_valid_bodies() {
        for kind in POSTS.chunks(1) {
            let (head, body) = drawn(kind, Encoding::Json);
            assert!(head.contains("content-type: application/json"), "{head}");
            let body: Value = serde_json::from_str(&body).expect("JSON");
            assert!(body.as_object().is_some_and(|fields| !fields.is_empty()));
        }
    }

    #[test]
    fn review_rates_characteristics_of_its_product_only() {
        let (_, body) = drawn(&[Write::Review], Encoding::Json);
        let body: Value = serde_json::from_str(&body).expect("JSON");
        let rated: Vec<_> = body["characteristics"]
            .as_object()
            .map_or_else(Vec::new, |rated| rated.keys().cloned().collect());
        let expected: &[&str] = match body["product_id"].as_u64() {
            Some(1) => &["11", "12"],
            Some(3) => &["31", "33"],
            _ => &[],
        };
        assert_eq!(rated, expected, "{body}");
    }

    #[test]
    fn form_posts_have_the_flat_fields_of_the_json() {
        for kind in POSTS.chunks(1) {
            let (head, form) = drawn(kind, Encoding::Form);
            assert!(head.contains("application/x-www-form-urlencoded"), "{head}");
            let (_, json) = drawn(kind, Encoding::Json);
            let json: Value = serde_json::from_str(&json).expect("JSON");
            let fields = json.as_object().expect("an object").iter();
            let flat = fields.filter(|(_, value)| !value.is_array() && !value.is_object());
            let mut names: Vec<_> = flat.map(|(name, _)| name.clone()).collect();
            let pairs = form
                .split('&')
                .map(|pair| pair.split_once('=').expect("a value"));
            let mut given: Vec<_> = pairs.map(|(name, _)| name.to_owned()).collect();
            names.sort();
            given.sort();
            assert_eq!(given, names);
            assert!(!form.contains([' ', '@', ',']), "{form}");
        }
    }

    #[test]
    fn votes_have_no_body() {
        let (head, body) = drawn(&[Write::ReviewVote], Encoding::Json);
        assert!(
            head.starts_with("PUT /reviews/") && body.is_empty(),
            "{head}"
        );
    }
}
