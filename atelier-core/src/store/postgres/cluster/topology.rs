//! What is known of the servers, and what follows from it: nothing here asks anybody.

use std::collections::VecDeque;
use std::time::Duration;

use sqlx::Row;
use sqlx::postgres::PgRow;

/// How far a standby may be behind while the primary can be asked.
const MOST_BEHIND: Duration = Duration::from_secs(1);

/// How many positions of the primary are remembered: some ten seconds of them.
const MARKS: usize = 64;

/// What a server says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Says {
    /// Which database it has: the same of a primary and its standbys, and of no other.
    database: String,
    /// When it was started.
    since: i64,
    standby: bool,
    writable: bool,
    /// Grows when a standby is promoted.
    timeline: i64,
    /// Where its log ends, in bytes.
    position: i64,
}

impl Says {
    pub(crate) fn of(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            database: row.try_get(0)?,
            since: row.try_get(1)?,
            standby: row.try_get(2)?,
            writable: row.try_get(3)?,
            timeline: row.try_get(4)?,
            position: row.try_get(5)?,
        })
    }
}

/// That what was stored before an instant (see [`Changes::now`](crate::store::topic_versions::Changes::now)) lies before a
/// position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Mark {
    position: i64,
    at: u64,
}

/// One of the servers.
#[derive(Debug, Default, Clone)]
struct Server {
    /// Its last word, as long as it can be reached.
    says: Option<Says>,
    /// Whether it was a standby, and since when it had run, when it was last reached.
    was: Option<(bool, i64)>,
    /// Up to where it has come, of what the primary had.
    caught_up: Option<Mark>,
}

/// What is known of all.
#[derive(Debug)]
pub(crate) struct Known {
    servers: Vec<Server>,
    primary: usize,
    /// The database that is meant: that of the first server that could be reached.
    database: Option<String>,
    /// The latest of a primary. One that is behind it was a primary once.
    timeline: i64,
    marks: VecDeque<Mark>,
}

/// What a server's word has changed.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Noted {
    /// Another server is the primary now.
    pub(crate) primary: Option<usize>,
    /// It is not what it was, or not the one that it was: connections to it lead to what is gone.
    pub(crate) turned: bool,
    /// It holds another database than is meant.
    pub(crate) foreign: bool,
    /// It takes itself for the primary, which another is.
    pub(crate) deposed: bool,
}

impl Known {
    pub(crate) fn new(servers: usize) -> Self {
        Self {
            servers: vec![Server::default(); servers],
            primary: 0,
            database: None,
            timeline: 0,
            marks: VecDeque::new(),
        }
    }

    /// Takes down what a server said when it was asked at an instant; nothing when it can't be reached.
    pub(crate) fn note(&mut self, server: usize, asked: u64, says: Option<Says>) -> Noted {
        let mut noted = Noted::default();
        let Some(says) = says else {
            self.servers[server].says = None;
            return noted;
        };
        let database = self.database.get_or_insert_with(|| says.database.clone());
        noted.foreign = *database != says.database;
        let is = (says.standby, says.since);
        let was = self.servers[server].was.replace(is);
        noted.turned = was.is_some_and(|was| was != is);
        self.servers[server].says = (!noted.foreign).then(|| says.clone());
        if let Some(primary) = self.elect() {
            let timeline = self.claim(primary).unwrap_or_default();
            if primary != self.primary || timeline != self.timeline {
                // Positions of another timeline say nothing about this one.
                self.marks.clear();
                for server in &mut self.servers {
                    server.caught_up = None;
                }
            }
            noted.primary = (primary != self.primary).then_some(primary);
            (self.primary, self.timeline) = (primary, timeline);
        }
        if server == self.primary && self.claim(server) == Some(self.timeline) {
            self.mark(Mark {
                position: says.position,
                at: asked,
            });
        }
        self.servers[server].caught_up = self.caught_up(server);
        noted.deposed = server != self.primary && !says.standby;
        noted
    }

    /// Who is the primary now, if anybody is known to be. Of those that say so it is the one with the latest timeline;
    /// of several the one that takes changes, and rather the one that has been it.
    fn elect(&self) -> Option<usize> {
        let all = 0..self.servers.len();
        let claims = all.filter_map(|server| Some((server, self.claim(server)?)));
        let current = claims.filter(|(_, timeline)| *timeline >= self.timeline);
        let best = current.max_by_key(|(server, timeline)| {
            let says = self.servers[*server].says.as_ref();
            let writable = says.is_some_and(|says| says.writable);
            // The first of equals.
            let order = std::cmp::Reverse(*server);
            (*timeline, writable, *server == self.primary, order)
        });
        best.map(|(server, _)| server)
    }

    /// The timeline of a server that says it is a primary.
    fn claim(&self, server: usize) -> Option<i64> {
        let says = self.servers[server].says.as_ref()?;
        (!says.standby).then_some(says.timeline)
    }

    fn mark(&mut self, mark: Mark) {
        match self.marks.back_mut() {
            // Nothing was written in between.
            Some(last) if last.position == mark.position => last.at = last.at.max(mark.at),
            _ => self.marks.push_back(mark),
        }
        if self.marks.len() > MARKS {
            self.marks.pop_front();
        }
    }

    /// Up to where a standby has come. One of another timeline may hold what the primary never had.
    fn caught_up(&self, server: usize) -> Option<Mark> {
        let of = &self.servers[server];
        let says = of.says.as_ref()?;
        if server == self.primary || !says.standby || says.timeline != self.timeline {
            return None;
        }
        let has = |mark: &&Mark| mark.position <= says.position;
        let latest = self.marks.iter().rev().find(has);
        latest
            .or_else(|| of.caught_up.as_ref().filter(has))
            .copied()
    }

    /// The instant before which all that was stored is on a server; 0 when that is not known.
    pub(crate) fn has_all_before(&self, server: usize) -> u64 {
        self.servers[server].caught_up.map_or(0, |mark| mark.at)
    }
}

/// Whether a standby that has all that was stored before an instant may answer what was changed last at another. It is
/// not too far behind `now`; when the primary can't be asked, nothing is written, and it need not keep up.
pub(crate) fn may_answer(
    has_all_before: u64,
    changed: u64,
    now: u64,
    primary_is_well: bool,
) -> bool {
    let behind = Duration::from_nanos(now.saturating_sub(has_all_before));
    has_all_before > changed && (!primary_is_well || behind <= MOST_BEHIND)
}

#[cfg(test)]
mod tests;
