//! Records all events and spans of the process.

use std::fmt::{Debug, Write};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};

use tracing::field::Field;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Every event and span since the last [`clear`], one a line: level, target, name, fields.
static LINES: Mutex<String> = Mutex::new(String::new());

struct Recorder;

/// Starts to record. The recording belongs to one test at a time: others wait until the guard is dropped.
pub(crate) fn record() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    static INSTALL: Once = Once::new();
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    INSTALL.call_once(|| {
        tracing::subscriber::set_global_default(Recorder).expect("the only subscriber");
    });
    clear();
    turn
}

/// Deletes the recorded lines.
pub(crate) fn clear() {
    lines().clear();
}

/// Returns the recorded lines.
pub(crate) fn recorded() -> String {
    lines().clone()
}

/// Counts the recorded lines that fulfil a condition.
pub(crate) fn count(condition: impl Fn(&str) -> bool) -> usize {
    lines().lines().filter(|line| condition(line)).count()
}

fn lines() -> MutexGuard<'static, String> {
    LINES.lock().unwrap_or_else(PoisonError::into_inner)
}

fn add(metadata: &Metadata<'_>, record: impl FnOnce(&mut dyn FnMut(&Field, &dyn Debug))) {
    let (level, target, name) = (metadata.level(), metadata.target(), metadata.name());
    let mut line = format!("{level} {target} {name}");
    record(&mut |field, value| write!(line, " {field}={value:?}").expect("a string grows"));
    // One line each, so that lines can be counted.
    let line = line.replace('\n', " ");
    let mut lines = lines();
    lines.push_str(&line);
    lines.push('\n');
}

impl Subscriber for Recorder {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn event(&self, event: &Event<'_>) {
        add(event.metadata(), |mut field| event.record(&mut field));
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        add(span.metadata(), |mut field| span.record(&mut field));
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        let mut line = String::new();
        values.record(&mut |field: &Field, value: &dyn Debug| {
            write!(line, " {field}={value:?}").expect("a string grows");
        });
        lines().push_str(&line.replace('\n', " "));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}
