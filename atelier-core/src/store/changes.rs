//! The writes of the API as statements with their parameters.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash, Hasher};

use atelier_sql::{Write, answers, cart, interactions, questions, reviews};
use serde::Serialize;

use crate::model::cart::Owner;
use crate::model::error::{Error, Failure, Result};
use crate::model::idempotency::IdempotencyKey;
use crate::model::ids::{QuestionId, SkuId};
use crate::model::interactions::NewInteraction;
use crate::model::questions::{NewAnswer, NewQuestion};
use crate::model::reviews::NewReview;
use crate::model::time::Millis;
use crate::store::Topic;
use crate::store::backend::Change;
use crate::store::random::random;
use crate::store::rows::Value;
use crate::store::topic_versions::{self, Invalidates};

/// Stands for the id of the parent in the ids of new photos, until the statement knows it. JSON text cannot contain it.
const PARENT_ID: &str = "\u{1}";

pub(crate) fn add_review(new: NewReview, now: Millis) -> Result<Change> {
    let (valid, out_of_range): (BTreeMap<_, _>, BTreeMap<_, _>) = new
        .characteristics
        .iter()
        .map(|(id, value)| (id.0, *value))
        .partition(|(_, value)| (1..=5).contains(value));
    let out_of_range: Vec<_> = out_of_range.into_keys().collect();
    Ok(Change {
        write: reviews::ADD,
        row: new.product_id.0,
        key: None,
        topic: Some(Topic::Reviews(new.product_id)),
        invalidates: topic_versions::reviews,
        binds: vec![
            new.product_id.0.into(),
            new.rating.into(),
            now.0.into(),
            new.summary.into(),
            new.body.into(),
            new.recommend.into(),
            new.name.into(),
            new.email.into(),
            photos(&new.photos)?.into(),
            PARENT_ID.to_owned().into(),
            json(&valid)?.into(),
            json(&out_of_range)?.into(),
        ],
    })
}

pub(crate) fn add_question(new: NewQuestion, now: Millis) -> Change {
    Change {
        write: questions::ADD,
        row: new.product_id.0,
        key: None,
        topic: Some(Topic::Questions(new.product_id)),
        invalidates: topic_versions::questions,
        binds: vec![
            new.product_id.0.into(),
            now.0.into(),
            new.body.into(),
            new.name.into(),
            new.email.into(),
        ],
    }
}

pub(crate) fn add_answer(question: QuestionId, new: NewAnswer, now: Millis) -> Result<Change> {
    Ok(Change {
        write: answers::ADD,
        row: question.0,
        key: None,
        topic: Some(Topic::Answers(question)),
        invalidates: topic_versions::answers,
        binds: vec![
            question.0.into(),
            now.0.into(),
            new.body.into(),
            new.name.into(),
            new.email.into(),
            photos(&new.photos)?.into(),
            PARENT_ID.to_owned().into(),
            json(&new.photos)?.into(),
        ],
    })
}

pub(crate) fn add_to_cart(owner: &Owner, sku: SkuId, now: Millis) -> Change {
    let mut hasher = DefaultHasher::new();
    owner.as_str().hash(&mut hasher);
    Change {
        write: cart::ADD,
        row: hasher.finish().cast_signed(),
        key: None,
        topic: None,
        invalidates: topic_versions::nothing,
        binds: vec![owner.as_str().to_owned().into(), sku.0.into(), now.0.into()],
    }
}

pub(crate) fn add_interaction(new: NewInteraction, now: Millis) -> Change {
    Change {
        write: interactions::ADD,
        // It locks no row that another write locks.
        row: random().cast_signed(),
        key: None,
        topic: None,
        invalidates: topic_versions::nothing,
        binds: vec![
            now.0.into(),
            new.element.into(),
            new.widget.into(),
            new.time.into(),
        ],
    }
}

/// Adds a vote to the row with an id, once per key.
pub(crate) fn vote(
    write: Write,
    id: i64,
    key: Option<IdempotencyKey>,
    now: Millis,
    invalidates: Invalidates,
) -> Change {
    let scope = key.map(|key| key.scope);
    Change {
        write,
        row: id,
        // All votes with one key are for one row, and the statement counts them once.
        key: None,
        topic: None,
        invalidates,
        binds: vec![id.into(), scope.into(), now.0.into()],
    }
}

/// Hides the row with an id.
pub(crate) fn report(write: Write, id: i64, invalidates: Invalidates) -> Change {
    Change {
        write,
        row: id,
        key: None,
        topic: None,
        invalidates,
        binds: vec![id.into()],
    }
}

/// Executes one statement of a sweep.
pub(crate) fn sweep(write: Write, binds: &[i64]) -> Change {
    Change {
        write,
        row: 0,
        key: None,
        topic: None,
        invalidates: topic_versions::nothing,
        binds: binds.iter().copied().map(Value::from).collect(),
    }
}

/// Encodes new photos. The id of a photo is the id of its parent followed by a digit, so it is unique when that one is.
fn photos(urls: &[String]) -> Result<String> {
    let mut text = String::from("[");
    for (digit, url) in urls.iter().enumerate() {
        let url = json(url)?;
        let comma = if digit == 0 { "" } else { "," };
        let _ = write!(text, "{comma}{{\"id\":{PARENT_ID}{digit},\"url\":{url}}}");
    }
    text.push(']');
    Ok(text)
}

fn json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value)
        .map_err(|error| Error::Internal(Failure::new("JSON").with_source(error)))
}
