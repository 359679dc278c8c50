//! The cases of the sweep: what its clients request.

use std::slice;
use std::sync::Arc;

use clap::ValueEnum;

use crate::mix::{Mix, PAGES};
use crate::targets::{Ids, Read, Source};
use crate::writes::{Encoding, Write, Writes};

/// One kind of request with uniform ids, or the mix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Case {
    Product,
    Styles,
    Related,
    Reviews,
    Meta,
    Questions,
    Answers,
    /// The list of products
    Products,
    /// Votes on random reviews
    Vote,
    Review,
    Question,
    Answer,
    Cart,
    Interaction,
    /// Nine reads to a write, half of them of 1,000 hot products
    Mix,
}

/// A group of cases that are drawn together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    Reads,
    Writes,
    Mix,
}

impl Class {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Reads => "reads",
            Self::Writes => "writes",
            Self::Mix => "mix",
        }
    }
}

impl Case {
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Product => "GET /products/{id}",
            Self::Styles => "GET /products/{id}/styles",
            Self::Related => "GET /products/{id}/related",
            Self::Reviews => "GET /reviews",
            Self::Meta => "GET /reviews/meta",
            Self::Questions => "GET /qa/questions",
            Self::Answers => "GET /qa/questions/{id}/answers",
            Self::Products => "GET /products",
            Self::Vote => "PUT /reviews/{id}/helpful",
            Self::Review => "POST /reviews",
            Self::Question => "POST /qa/questions",
            Self::Answer => "POST /qa/questions/{id}/answers",
            Self::Cart => "POST /cart",
            Self::Interaction => "POST /interactions",
            Self::Mix => "mix, 10 % writes",
        }
    }

    pub(crate) const fn class(self) -> Class {
        match self {
            Self::Mix => Class::Mix,
            _ if self.write().is_some() => Class::Writes,
            _ => Class::Reads,
        }
    }

    const fn write(self) -> Option<&'static Write> {
        Some(match self {
            Self::Vote => &Write::ReviewVote,
            Self::Review => &Write::Review,
            Self::Question => &Write::Question,
            Self::Answer => &Write::Answer,
            Self::Cart => &Write::Cart,
            Self::Interaction => &Write::Interaction,
            _ => return None,
        })
    }

    const fn read(self) -> Option<&'static Read> {
        Some(match self {
            Self::Product => &Read::Product,
            Self::Styles => &Read::Styles,
            Self::Related => &Read::Related,
            Self::Reviews => &Read::Reviews,
            Self::Meta => &Read::Meta,
            Self::Questions => &Read::Questions,
            Self::Answers => &Read::Answers,
            _ => return None,
        })
    }

    /// The requests, for data with these ids and characteristics.
    pub(crate) fn source(self, ids: Ids, characteristics: Arc<[[u64; 2]]>) -> Source {
        if let Some(read) = self.read() {
            return Source::Uniform(slice::from_ref(read), ids);
        }
        match self.write() {
            Some(write) => Source::Writes(Writes {
                kinds: slice::from_ref(write),
                ids,
                characteristics,
                encoding: Encoding::Json,
            }),
            None if self == Self::Mix => Source::Mix(Mix(ids)),
            None => {
                let pages = 1..=PAGES.min(ids.products.div_ceil(5));
                let targets: Vec<_> = pages.map(|page| format!("/products?page={page}")).collect();
                Source::listed(&targets)
            }
        }
    }
}
