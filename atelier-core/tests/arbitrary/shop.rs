//! A small shop, and the properties of every response.

use std::cell::RefCell;
use std::collections::BTreeMap;

use atelier_core::bulk::{Answer, Batch, Characteristic, Product, Question, Review};
use atelier_core::http::{HttpApi, HttpSettings};
use atelier_core::store::{self, Provenance};
use atelier_core::{Atelier, Cents, DatabaseUrl, Millis};
use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use serde_json::value::RawValue;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

/// Maximum body size of the shop; small, so that requests exceed it often.
pub(crate) const MAX_BODY: usize = 200_000;

/// Product 501 with characteristics 61 and 62, review 31, question 71 and answer 81.
pub(crate) struct Shop {
    runtime: Runtime,
    api: HttpApi,
    answered: RefCell<BTreeMap<u16, u64>>,
    _folder: TempDir,
}

impl Shop {
    pub(crate) fn open() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("a runtime");
        let store = runtime.block_on(async {
            let url = DatabaseUrl::sqlite(folder.path().join("shop.db"));
            let filled = store::fill(&url, rows(), Provenance::Loaded("the test")).await;
            filled.expect("the rows load");
            atelier_core::open(&url, &atelier_core::StoreOptions::default())
                .await
                .expect("the store opens")
        });
        let settings = HttpSettings {
            max_body_bytes: MAX_BODY,
            ..HttpSettings::default()
        };
        Self {
            runtime,
            api: HttpApi::new(Atelier::new(store), settings),
            answered: RefCell::default(),
            _folder: folder,
        }
    }

    /// Returns the number of responses by status.
    pub(crate) fn answered(&self) -> BTreeMap<u16, u64> {
        self.answered.borrow().clone()
    }

    /// Sends a request, and checks the properties of every response.
    pub(crate) fn ask(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TestCaseError> {
        let (method, body) = (request.method().clone(), request.body().clone());
        let form = once(request.headers(), "content-type")
            .is_ok_and(|kind| kind.to_ascii_lowercase().contains("form"));
        let response = self.runtime.block_on(self.api.handle(request));
        let status = response.status().as_u16();
        *self.answered.borrow_mut().entry(status).or_default() += 1;
        check(&method, &response)?;
        if status == 201 {
            // Only JSON and forms can be stored.
            let json = serde_json::from_slice::<BTreeMap<String, &RawValue>>(&body);
            prop_assert!(form || json.is_ok(), "stored: {body:?}");
        }
        Ok(response)
    }
}

fn check(method: &Method, response: &Response<Bytes>) -> Result<(), TestCaseError> {
    const STATUSES: [u16; 11] = [200, 201, 204, 304, 400, 401, 404, 405, 413, 414, 422];
    let (status, headers) = (response.status().as_u16(), response.headers());
    let body = response.body();
    prop_assert!(STATUSES.contains(&status), "{response:?}");
    prop_assert_eq!(once(headers, "access-control-allow-origin")?, "*");
    once(headers, "x-request-id")?;
    if method == Method::HEAD || status == 204 || status == 304 {
        prop_assert!(body.is_empty(), "{response:?}");
        return Ok(());
    }
    let kind = once(headers, "content-type")?;
    let plain = !headers.contains_key("content-encoding");
    match kind {
        "application/json; charset=utf-8" if status == 200 => {
            let json = serde_json::from_slice::<serde::de::IgnoredAny>(body);
            prop_assert!(!plain || json.is_ok(), "{response:?}");
        }
        "application/problem+json" if status >= 400 => {
            let problem: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
            prop_assert_eq!(problem["status"].as_u64(), Some(u64::from(status)));
        }
        "text/plain; charset=utf-8" if status == 201 => prop_assert_eq!(&body[..], b"Created"),
        "text/plain; charset=utf-8" if status >= 400 => {
            prop_assert!(body.starts_with(b"Error: "), "{response:?}");
        }
        _ => prop_assert!(false, "{response:?}"),
    }
    Ok(())
}

/// Returns the value of a header that must occur exactly once.
fn once<'a>(headers: &'a HeaderMap, name: &str) -> Result<&'a str, TestCaseError> {
    let values: Vec<_> = headers.get_all(name).iter().collect();
    prop_assert_eq!(values.len(), 1, "{} in {:?}", name, headers);
    values[0]
        .to_str()
        .map_err(|error| TestCaseError::fail(error.to_string()))
}

fn rows() -> Batch {
    let text = || "invented".to_owned();
    let product = Product {
        id: 501,
        name: text(),
        slogan: text(),
        description: text(),
        category: text(),
        default_price: Cents(5),
        created_at: Millis(0),
        updated_at: Millis(0),
        features: vec![],
        related: vec![501],
        styles: vec![],
    };
    let review = Review {
        id: 31,
        product_id: 501,
        rating: 4,
        date: Millis(0),
        summary: text(),
        body: text().repeat(200),
        recommend: true,
        reported: false,
        reviewer_name: text(),
        reviewer_email: None,
        response: None,
        helpfulness: 0,
        photos: vec![],
        characteristics: vec![(61, 4)],
    };
    let question = Question {
        id: 71,
        product_id: 501,
        body: text(),
        date: Millis(0),
        asker_name: text(),
        asker_email: None,
        reported: false,
        helpfulness: 0,
    };
    let answer = Answer {
        id: 81,
        question_id: 71,
        body: text(),
        date: Millis(0),
        answerer_name: text(),
        answerer_email: None,
        reported: false,
        helpfulness: 0,
        photos: vec![],
    };
    let characteristics = [61, 62].map(|id| Characteristic {
        id,
        product_id: 501,
        name: text(),
        value_sum: 0,
        value_count: 0,
    });
    Batch {
        products: vec![product],
        characteristics: characteristics.into(),
        review_totals: Vec::new(),
        reviews: vec![review],
        questions: vec![question],
        answers: vec![answer],
        legacy_cart: vec![],
    }
}
