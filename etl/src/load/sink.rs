//! The one place where rows leave this crate.

use atelier_core::bulk::{Batch, Product};
use atelier_core::store::{BulkLoad, Mark, bulk_load};
use atelier_core::{DatabaseUrl, Millis};

use crate::error::Error;
use crate::load::inputs::{self, Content};
use crate::load::pipeline::blocking;
use crate::load::reader::Reader;
use crate::report::progress::{Progress, now};

/// The store that is loaded.
pub(crate) struct Target {
    pub(crate) url: DatabaseUrl,
    load: Box<dyn BulkLoad>,
}

impl Target {
    /// Claims the store at `url`.
    pub(crate) async fn open(url: DatabaseUrl) -> Result<Self, Error> {
        match bulk_load(&url).await {
            Ok(load) => Ok(Self { url, load }),
            Err(source) => Err(Error::Store { url, source }),
        }
    }

    /// Whether the files of `reader`, with this `created_at`, are what it holds. [`Error::NotEmpty`] when it holds anything else that is no demo.
    pub(crate) async fn holds(&self, reader: &Reader, created_at: Millis) -> Result<bool, Error> {
        let content = self.load.content().await.map_err(|e| self.failed(e))?;
        if !content.products || content.demo {
            return Ok(false);
        }
        let loaded = self.load.loaded().await.map_err(|e| self.failed(e))?;
        let reader = reader.clone();
        let same = blocking(move || match loaded {
            Some(known) => Content::is_of(&known, &reader.inputs, created_at, &reader.progress),
            None => Ok(false),
        });
        if same.await? {
            Ok(true)
        } else {
            Err(Error::NotEmpty {
                url: self.url.clone(),
            })
        }
    }

    /// Starts anew, or goes on with what is there. [`Error::Changed`] when that is not of these files.
    pub(crate) async fn begin(
        &self,
        of: &str,
        resume: bool,
        progress: &Progress,
    ) -> Result<(), Error> {
        let interrupted = if resume {
            let interrupted = self.load.interrupted().await;
            interrupted.map_err(|e| self.failed(e))?
        } else {
            None
        };
        let begun = match interrupted {
            Some(began) if began == of => self.load.resume().await,
            Some(began) => {
                return Err(Error::Changed {
                    url: self.url.clone(),
                    files: input::changed(&began, of),
                });
            }
            // It may have been interrupted before it had begun.
            None => self.load.begin(of).await,
        };
        begun.map_err(|e| self.failed(e))?;
        now(&progress.begun);
        Ok(())
    }

    pub(crate) async fn put(&self, batch: Batch, progress: &Progress) -> Result<(), Error> {
        let rows = rows(&batch);
        self.load.put(batch).await.map_err(|e| self.failed(e))?;
        progress.stored.add(rows);
        Ok(())
    }

    /// Exchanges what is served for what was put; `content` tells what that was.
    pub(crate) async fn finish(&self, content: &str, progress: &Progress) -> Result<(), Error> {
        now(&progress.finishing);
        let mark = Mark::Loaded(content);
        self.load.finish(mark).await.map_err(|e| self.failed(e))
    }

    fn failed(&self, source: atelier_core::Error) -> Error {
        Error::Store {
            url: self.url.clone(),
            source,
        }
    }
}

/// How many rows of the files a batch is made of.
fn rows(batch: &Batch) -> u64 {
    let products = batch.products.iter().map(rows_of_product);
    let reviews = batch.reviews.iter();
    let reviews = reviews.map(|review| 1 + review.photos.len() + review.characteristics.len());
    let answers = batch.answers.iter().map(|answer| 1 + answer.photos.len());
    let single = batch.characteristics.len() + batch.questions.len() + batch.legacy_cart.len();
    let rows = products.chain(reviews).chain(answers).sum::<usize>() + single;
    rows as u64
}

fn rows_of_product(product: &Product) -> usize {
    let styles = product.styles.iter();
    let styles = styles.map(|style| 1 + style.photos.len() + style.skus.len());
    1 + product.features.len() + product.related.len() + styles.sum::<usize>()
}
