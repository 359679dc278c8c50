//! The state of a cluster as a pure function of the status of its servers: which one is the primary, and how far each standby
//! has replayed.

use std::collections::VecDeque;
use std::time::Duration;

use sqlx::Row;
use sqlx::postgres::PgRow;

/// Maximum replication lag of a standby that answers reads while the primary is healthy.
const MAX_LAG: Duration = Duration::from_secs(1);

/// Number of samples of the primary's log position: about ten seconds of them.
const MAX_SAMPLES: usize = 64;

/// The status that a server reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ServerStatus {
    /// Identifies the database: the same on a primary and its standbys, different elsewhere.
    database: String,
    /// Start time of the server.
    started_at: i64,
    is_standby: bool,
    is_writable: bool,
    /// Incremented when a standby is promoted.
    timeline: i64,
    /// Position in the write-ahead log in bytes: of a primary the insert position, of a standby the replay position.
    lsn: i64,
}

impl ServerStatus {
    pub(crate) fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            database: row.try_get(0)?,
            started_at: row.try_get(1)?,
            is_standby: row.try_get(2)?,
            is_writable: row.try_get(3)?,
            timeline: row.try_get(4)?,
            lsn: row.try_get(5)?,
        })
    }
}

/// A position of the primary's log at a time: everything committed before `at` lies before `lsn`. Times are those of
/// [`TopicVersions::now`](crate::store::topic_versions::TopicVersions::now).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct LsnSample {
    lsn: i64,
    at: u64,
}

/// One of the servers.
#[derive(Debug, Default, Clone)]
struct Server {
    /// The last status; `None` while the server is unreachable.
    status: Option<ServerStatus>,
    /// Whether it was a standby, and its start time, when it was last reached.
    last_role: Option<(bool, i64)>,
    /// The latest sample that it has replayed.
    replayed: Option<LsnSample>,
}

/// The state of all servers.
#[derive(Debug)]
pub(crate) struct Topology {
    servers: Vec<Server>,
    primary: usize,
    /// The database of the first server that was reached; servers with another one are not used.
    database: Option<String>,
    /// The latest timeline of a primary. A primary with an earlier one has been superseded.
    timeline: i64,
    samples: VecDeque<LsnSample>,
}

/// The consequences of a new status.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Transition {
    /// The new primary, after a failover.
    pub(crate) primary: Option<usize>,
    /// The server was restarted, promoted or demoted: existing connections are of no use.
    pub(crate) role_changed: bool,
    /// The server holds another database.
    pub(crate) is_foreign: bool,
    /// The server is a primary, but not the one of this cluster.
    pub(crate) is_deposed: bool,
}

impl Topology {
    pub(crate) fn new(servers: usize) -> Self {
        Self {
            servers: vec![Server::default(); servers],
            primary: 0,
            database: None,
            timeline: 0,
            samples: VecDeque::new(),
        }
    }

    /// Applies the status of a server, which was requested at `now`; `None` when the server is unreachable.
    pub(crate) fn apply(
        &mut self,
        server: usize,
        now: u64,
        status: Option<ServerStatus>,
    ) -> Transition {
        let mut transition = Transition::default();
        let Some(status) = status else {
            self.servers[server].status = None;
            return transition;
        };
        let database = self.database.get_or_insert_with(|| status.database.clone());
        transition.is_foreign = *database != status.database;
        let role = (status.is_standby, status.started_at);
        let last_role = self.servers[server].last_role.replace(role);
        transition.role_changed = last_role.is_some_and(|last| last != role);
        self.servers[server].status = (!transition.is_foreign).then(|| status.clone());
        if let Some(primary) = self.elect() {
            let timeline = self.claimed_timeline(primary).unwrap_or_default();
            if primary != self.primary || timeline != self.timeline {
                // Positions of another timeline cannot be compared with those of this one.
                self.samples.clear();
                for server in &mut self.servers {
                    server.replayed = None;
                }
            }
            transition.primary = (primary != self.primary).then_some(primary);
            (self.primary, self.timeline) = (primary, timeline);
        }
        if server == self.primary && self.claimed_timeline(server) == Some(self.timeline) {
            self.add_sample(LsnSample {
                lsn: status.lsn,
                at: now,
            });
        }
        self.servers[server].replayed = self.replayed(server);
        transition.is_deposed = server != self.primary && !status.is_standby;
        transition
    }

    /// Returns the primary: of the servers that claim to be one, the one with the latest timeline; of several, one that is
    /// writable, preferably the current one.
    fn elect(&self) -> Option<usize> {
        let all = 0..self.servers.len();
        let claims = all.filter_map(|server| Some((server, self.claimed_timeline(server)?)));
        let current = claims.filter(|(_, timeline)| *timeline >= self.timeline);
        let best = current.max_by_key(|(server, timeline)| {
            let status = self.servers[*server].status.as_ref();
            let is_writable = status.is_some_and(|status| status.is_writable);
            // Among equals, the first server.
            let order = std::cmp::Reverse(*server);
            (*timeline, is_writable, *server == self.primary, order)
        });
        best.map(|(server, _)| server)
    }

    /// Returns the timeline of a server that is not in recovery.
    fn claimed_timeline(&self, server: usize) -> Option<i64> {
        let status = self.servers[server].status.as_ref()?;
        (!status.is_standby).then_some(status.timeline)
    }

    fn add_sample(&mut self, sample: LsnSample) {
        match self.samples.back_mut() {
            // Nothing was written since.
            Some(last) if last.lsn == sample.lsn => last.at = last.at.max(sample.at),
            _ => self.samples.push_back(sample),
        }
        if self.samples.len() > MAX_SAMPLES {
            self.samples.pop_front();
        }
    }

    /// Returns the latest sample that a standby has replayed. On another timeline it may hold what the primary never had.
    fn replayed(&self, server: usize) -> Option<LsnSample> {
        let state = &self.servers[server];
        let status = state.status.as_ref()?;
        if server == self.primary || !status.is_standby || status.timeline != self.timeline {
            return None;
        }
        let is_replayed = |sample: &&LsnSample| sample.lsn <= status.lsn;
        let latest = self.samples.iter().rev().find(is_replayed);
        latest
            .or_else(|| state.replayed.as_ref().filter(is_replayed))
            .copied()
    }

    /// Returns the time before which everything committed has been replayed on a server; 0 when unknown, as for a primary.
    pub(crate) fn consistent_as_of(&self, server: usize) -> u64 {
        self.servers[server].replayed.map_or(0, |sample| sample.at)
    }
}

/// Whether a standby that is consistent as of a time may answer a read of what was last modified at another. It must not lag too
/// far behind `now`, unless the primary is unhealthy and nothing is written.
pub(crate) fn may_answer(
    consistent_as_of: u64,
    last_modified: u64,
    now: u64,
    primary_is_healthy: bool,
) -> bool {
    let lag = Duration::from_nanos(now.saturating_sub(consistent_as_of));
    consistent_as_of > last_modified && (!primary_is_healthy || lag <= MAX_LAG)
}

#[cfg(test)]
mod tests;
