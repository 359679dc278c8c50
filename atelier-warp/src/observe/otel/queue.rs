//! Spans on their way to the collector. That of OpenTelemetry's library drops what it has no room for, and neither counts it
//! nor tells; so no more are let into it than it has room for.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use ::metrics::counter;
use opentelemetry::Context;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, Span, SpanData, SpanExporter, SpanProcessor,
};

use super::variables;
use crate::observe::metrics::LOST;

/// Lets in as many spans as there is room for, and counts the others.
#[derive(Debug)]
pub(super) struct Queue {
    next: BatchSpanProcessor,
    line: Arc<Line>,
}

/// The spans that wait.
#[derive(Debug)]
struct Line {
    room: usize,
    waiting: AtomicUsize,
    /// How many found no room, since there last was enough.
    turned_away: AtomicU64,
    /// How many of them there were when the last batch left.
    seen: AtomicU64,
}

impl Queue {
    /// As long as the environment says.
    pub(super) fn to(exporter: impl SpanExporter + 'static) -> Self {
        let room = variables::size("OTEL_BSP_MAX_QUEUE_SIZE", 2_048);
        let batch = variables::size("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", 512);
        let every = variables::millis("OTEL_BSP_SCHEDULE_DELAY", Duration::from_secs(5));
        Self::new(exporter, room, batch, every)
    }

    fn new(
        exporter: impl SpanExporter + 'static,
        room: NonZeroUsize,
        batch: NonZeroUsize,
        every: Duration,
    ) -> Self {
        let line = Arc::new(Line {
            room: room.get(),
            waiting: AtomicUsize::new(0),
            turned_away: AtomicU64::new(0),
            seen: AtomicU64::new(0),
        });
        let leaving = Leaving {
            next: exporter,
            line: Arc::clone(&line),
        };
        let config = BatchConfigBuilder::default()
            .with_max_queue_size(room.get())
            .with_max_export_batch_size(batch.get())
            .with_scheduled_delay(every);
        let next = BatchSpanProcessor::builder(leaving).with_batch_config(config.build());
        Self {
            next: next.build(),
            line,
        }
    }
}

impl Line {
    /// Whether there is room for one more, which it takes.
    fn enter(&self) -> bool {
        let entered = self
            .waiting
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |waiting| {
                (waiting < self.room).then_some(waiting + 1)
            });
        if entered.is_ok() {
            return true;
        }
        counter!(LOST).increment(1);
        if self.turned_away.fetch_add(1, Ordering::Relaxed) == 0 {
            tracing::warn!(
                "spans are lost: the collector is too slow, and {} wait for it; OTEL_BSP_MAX_QUEUE_SIZE makes room for more",
                self.room
            );
        }
        false
    }

    /// A batch leaves. There is room again where none was left behind, and none turned away since the last.
    fn leave(&self, batch: usize) {
        let left = self.waiting.fetch_sub(batch, Ordering::Relaxed) - batch;
        let turned_away = self.turned_away.load(Ordering::Relaxed);
        let seen = self.seen.swap(turned_away, Ordering::Relaxed);
        if turned_away > 0 && seen == turned_away && left == 0 {
            self.seen.store(0, Ordering::Relaxed);
            let lost = self.turned_away.swap(0, Ordering::Relaxed);
            tracing::info!("there is room for spans again; {lost} were lost");
        }
    }
}

impl SpanProcessor for Queue {
    fn on_start(&self, span: &mut Span, context: &Context) {
        self.next.on_start(span, context);
    }

    fn on_end(&self, span: SpanData) {
        if self.line.enter() {
            self.next.on_end(span);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.next.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.next.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.next.set_resource(resource);
    }
}

/// Sends, and says so in the line.
#[derive(Debug)]
struct Leaving<E> {
    next: E,
    line: Arc<Line>,
}

impl<E: SpanExporter> SpanExporter for Leaving<E> {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let size = batch.len();
        self.line.leave(size);
        let sent = self.next.export(batch).await;
        if sent.is_err() {
            counter!(LOST).increment(u64::try_from(size).unwrap_or(u64::MAX));
        }
        sent
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.next.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.next.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.next.set_resource(resource);
    }
}
