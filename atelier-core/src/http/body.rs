//! Response bodies: JSON, compression and entity tags.

use ::http::HeaderValue;
use bytes::Bytes;
use tokio::sync::OwnedSemaphorePermit;

use super::encoding;
use super::error::ApiError;
use super::in_flight::{self, InFlight};
use crate::large_reads::{self, Permit};
use crate::model::error::{Error, Failure};

/// Serialises a value as JSON.
pub(super) fn to_json(value: &impl serde::Serialize) -> Result<Vec<u8>, ApiError> {
    // Most bodies fit, so the buffer is rarely copied while it grows.
    let mut json = Vec::with_capacity(4_096);
    match serde_json::to_writer(&mut json, value) {
        Ok(()) => Ok(json),
        Err(error) => {
            let failure = Failure::new("a response can't be serialised as JSON");
            Err(Error::Internal(failure.with_source(error)).into())
        }
    }
}

/// Headers of a list response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ListHeaders {
    /// `Link`; `None` if the list has no other page.
    pub(super) link: Option<String>,
    /// `X-Total-Count`: number of rows in the list.
    pub(super) total: i64,
}

/// The JSON body of a response, before compression.
pub(super) struct JsonBody {
    json: Vec<u8>,
    list: Option<ListHeaders>,
    /// Held until the body is encoded.
    permit: Option<Permit>,
    /// Held until the body has been sent and is no longer cached.
    in_flight: Option<OwnedSemaphorePermit>,
}

impl From<Vec<u8>> for JsonBody {
    fn from(json: Vec<u8>) -> Self {
        Self {
            json,
            list: None,
            permit: None,
            in_flight: None,
        }
    }
}

impl JsonBody {
    pub(super) fn new(value: &impl serde::Serialize) -> Result<Self, ApiError> {
        to_json(value).map(Self::from)
    }

    pub(super) fn list(json: Vec<u8>, headers: ListHeaders) -> Self {
        Self {
            json,
            list: Some(headers),
            permit: None,
            in_flight: None,
        }
    }

    /// Attaches the permit of the read that the body was made of, and acquires that of its bytes.
    pub(super) async fn with_permits(
        self,
        permit: Option<Permit>,
        in_flight: &InFlight,
    ) -> Result<Self, ApiError> {
        Ok(Self {
            permit,
            in_flight: in_flight.acquire(self.json.len()).await?,
            ..self
        })
    }

    /// Compresses the body if `gzip` is accepted and worthwhile, and computes its tag.
    pub(super) fn encode(self, gzip: bool) -> EncodedResponse {
        let is_large = self.json.len() > large_reads::BYTES;
        large_reads::run_blocking_if(is_large, || self.encode_here(gzip))
    }

    fn encode_here(self, gzip: bool) -> EncodedResponse {
        let gzip = gzip && encoding::is_worth_compressing(self.json.len());
        let (link, total) = self.list.map(|list| (list.link, list.total)).unzip();
        let etag = etag(&self.json, gzip);
        let body = if gzip {
            encoding::gzip(&self.json)
        } else {
            self.json
        };
        drop(self.permit);
        EncodedResponse {
            etag,
            gzip,
            link: link
                .flatten()
                .and_then(|link| HeaderValue::try_from(link).ok()),
            total: total.map(HeaderValue::from),
            body: in_flight::body(body, self.in_flight),
        }
    }
}

/// A response as it is cached: the encoded body, and the headers that do not depend on the request.
#[derive(Debug)]
pub(super) struct EncodedResponse {
    pub(super) body: Bytes,
    pub(super) gzip: bool,
    pub(super) etag: HeaderValue,
    pub(super) link: Option<HeaderValue>,
    pub(super) total: Option<HeaderValue>,
}

impl EncodedResponse {
    /// Returns the size in bytes, for the capacity of the cache.
    pub(super) fn len(&self) -> usize {
        self.body.len() + self.link.as_ref().map_or(0, HeaderValue::len)
    }
}

/// Returns the strong entity tag of a body: a hash of the uncompressed bytes, with a suffix for the compressed form.
pub fn etag(body: &[u8], gzip: bool) -> HeaderValue {
    let tag = format!(
        "\"{:032x}{}\"",
        xxhash_rust::xxh3::xxh3_128(body),
        if gzip { "-gzip" } else { "" }
    );
    HeaderValue::try_from(tag).unwrap_or(HeaderValue::from_static("\"\""))
}
