//! Metrics of the process, under the names that Prometheus' client libraries use. They are read from the system for each
//! scrape. OpenTelemetry's collectors read them from the host instead.

use std::fmt::{Display, Write};
use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

use rustix::process::{Resource, getrlimit};
use rustix::time::{ClockId, clock_gettime};

const CPU: &str = "process_cpu_seconds_total";
const MEMORY: &str = "process_resident_memory_bytes";
const OPEN_FDS: &str = "process_open_fds";
const MAX_FDS: &str = "process_max_fds";
const START_TIME: &str = "process_start_time_seconds";

/// The names of these metrics.
pub const NAMES: [&str; 5] = [CPU, MEMORY, OPEN_FDS, MAX_FDS, START_TIME];

/// Renders the metrics in Prometheus' text format. Values that the system does not provide are omitted.
pub(super) fn render(started: SystemTime) -> String {
    let mut text = String::new();
    let mut add = |name: &str, kind: &str, help: &str, value: Option<&dyn Display>| {
        if let Some(value) = value {
            let _ = write!(
                text,
                "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}\n\n"
            );
        }
    };
    let cpu = clock_gettime(ClockId::ProcessCPUTime);
    let cpu = format!("{}.{:09}", cpu.tv_sec, cpu.tv_nsec);
    add(
        CPU,
        "counter",
        "CPU time of the process, in user and kernel mode, in seconds.",
        Some(&cpu),
    );
    let memory = resident_bytes();
    let memory = memory.as_ref().map(|it| it as &dyn Display);
    add(MEMORY, "gauge", "Resident memory in bytes.", memory);
    let open = fs::read_dir("/proc/self/fd").ok().map(Iterator::count);
    let open = open.as_ref().map(|it| it as &dyn Display);
    add(OPEN_FDS, "gauge", "Open file descriptors.", open);
    // Prometheus writes a missing limit as infinity.
    let limit = getrlimit(Resource::Nofile).current;
    let limit = limit.map_or_else(|| "+Inf".to_owned(), |limit| limit.to_string());
    let help = "Maximum number of open file descriptors.";
    add(MAX_FDS, "gauge", help, Some(&limit));
    let started = started.duration_since(UNIX_EPOCH).unwrap_or_default();
    let started = started.as_secs_f64();
    let help = "Start time of the process, in seconds since 1970-01-01 UTC.";
    add(START_TIME, "gauge", help, Some(&started));
    text
}

fn resident_bytes() -> Option<usize> {
    let pages = fs::read_to_string("/proc/self/statm").ok()?;
    let pages: usize = pages.split(' ').nth(1)?.parse().ok()?;
    Some(pages * rustix::param::page_size())
}
