//! Store that is loaded, as the destination of batches.

use atelier_core::bulk::{Batch, Product};
use atelier_core::store::{BulkLoad, Provenance, bulk_load};
use atelier_core::{DatabaseUrl, Millis};

use crate::error::Error;
use crate::load::inputs::{self, ContentId};
use crate::load::reader::Reader;
use crate::load::task::run_blocking;
use crate::report::progress::{Progress, set_now};

/// Store with an exclusive claim for a load.
pub(crate) struct StoreSink {
    pub(crate) url: DatabaseUrl,
    load: Box<dyn BulkLoad>,
}

impl StoreSink {
    /// Claims the store at `url`.
    pub(crate) async fn open(url: DatabaseUrl) -> Result<Self, Error> {
        match bulk_load(&url).await {
            Ok(load) => Ok(Self { url, load }),
            Err(source) => Err(Error::Store { url, source }),
        }
    }

    /// Whether the store already holds these inputs. Fails with [`Error::NotEmpty`] if it holds products other than the
    /// demo.
    pub(crate) async fn holds(&self, reader: &Reader, created_at: Millis) -> Result<bool, Error> {
        let content = self.load.content().await.map_err(|e| self.error(e))?;
        if !content.products || content.demo {
            return Ok(false);
        }
        let loaded = self.load.loaded().await.map_err(|e| self.error(e))?;
        let inputs = reader.inputs.clone();
        let is_same = run_blocking(move || match loaded {
            Some(stored) => ContentId::matches(&stored, &inputs, created_at),
            None => Ok(false),
        });
        if is_same.await? {
            Ok(true)
        } else {
            let url = self.url.clone();
            Err(Error::NotEmpty { url })
        }
    }

    /// Starts a load, or resumes an interrupted one. Fails with [`Error::InputsChanged`] if its fingerprint differs.
    pub(crate) async fn begin(
        &self,
        fingerprint: &str,
        resume: bool,
        progress: &Progress,
    ) -> Result<(), Error> {
        let interrupted = if resume {
            let interrupted = self.load.interrupted().await;
            interrupted.map_err(|e| self.error(e))?
        } else {
            None
        };
        let started = match interrupted {
            Some(before) if before == fingerprint => self.load.resume().await,
            Some(before) => {
                return Err(Error::InputsChanged {
                    url: self.url.clone(),
                    inputs: inputs::changed_inputs(&before, fingerprint),
                });
            }
            // With `resume` too: the load may have been interrupted before it had begun.
            None => self.load.begin(fingerprint).await,
        };
        started.map_err(|e| self.error(e))?;
        set_now(&progress.store_started);
        Ok(())
    }

    pub(crate) async fn put(&self, batch: Batch, progress: &Progress) -> Result<(), Error> {
        let rows = csv_rows(&batch);
        self.load.put(batch).await.map_err(|e| self.error(e))?;
        progress.stored.add(rows);
        Ok(())
    }

    /// Builds the indexes and replaces the served content. `content` is stored to recognize the same inputs.
    pub(crate) async fn finish(&self, content: &str, progress: &Progress) -> Result<(), Error> {
        set_now(&progress.finish_started);
        let finished = self.load.finish(Provenance::Loaded(content)).await;
        finished.map_err(|e| self.error(e))
    }

    fn error(&self, source: atelier_core::Error) -> Error {
        let url = self.url.clone();
        Error::Store { url, source }
    }
}

/// Returns the number of CSV rows that a batch is made of.
fn csv_rows(batch: &Batch) -> u64 {
    let products = batch.products.iter().map(csv_rows_of_product);
    let reviews = batch.reviews.iter();
    let reviews = reviews.map(|review| 1 + review.photos.len() + review.characteristics.len());
    let answers = batch.answers.iter().map(|answer| 1 + answer.photos.len());
    let single = batch.characteristics.len() + batch.questions.len() + batch.legacy_cart.len();
    (products.chain(reviews).chain(answers).sum::<usize>() + single) as u64
}

fn csv_rows_of_product(product: &Product) -> usize {
    let styles = product.styles.iter();
    let styles = styles.map(|style| 1 + style.photos.len() + style.skus.len());
    1 + product.features.len() + product.related.len() + styles.sum::<usize>()
}
