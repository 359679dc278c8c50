//! What the database says, past the servers.

use std::collections::HashMap;

use sqlx::{Connection, PgConnection, Row};
use tokio::sync::Mutex;

use crate::Result;
use crate::traffic::Outcome;

/// The database.
pub(crate) struct WriteLedger {
    connection: Mutex<PgConnection>,
    ids: Ids,
}

/// The highest ids.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ids {
    pub(crate) products: u64,
    pub(crate) reviews: u64,
    pub(crate) questions: u64,
}

/// Sums that grow with writes that leave no row of their own.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Balance {
    votes: i64,
    pieces: i64,
}

impl WriteLedger {
    pub(crate) async fn open(url: &str) -> Result<Self> {
        let connection = PgConnection::connect(url).await.map_err(words)?;
        let mut ledger = Self {
            connection: Mutex::new(connection),
            ids: Ids {
                products: 0,
                reviews: 0,
                questions: 0,
            },
        };
        let ids =
            "select (select max(id) from products), (select coalesce(max(id), 1) from reviews),
            (select coalesce(max(id), 1) from questions)";
        let row = ledger.row(ids).await?;
        let id =
            |column| u64::try_from(row.get::<Option<i64>, _>(column).unwrap_or(0)).unwrap_or(0);
        ledger.ids = Ids {
            products: id(0),
            reviews: id(1),
            questions: id(2),
        };
        if ledger.ids.products == 0 {
            return Err("The database has no products. Load some: atelier-etl load DIR".to_owned());
        }
        Ok(ledger)
    }

    pub(crate) fn ids(&self) -> Ids {
        self.ids
    }

    async fn row(&self, query: &'static str) -> Result<sqlx::postgres::PgRow> {
        let mut connection = self.connection.lock().await;
        let row = sqlx::query(query).fetch_one(&mut *connection).await;
        row.map_err(words)
    }

    pub(crate) async fn balance(&self) -> Result<Balance> {
        let sums = "select (select coalesce(sum(helpfulness), 0)::bigint from reviews),
            (select coalesce(sum(count), 0)::bigint from cart_items)";
        let row = self.row(sums).await?;
        Ok(Balance {
            votes: row.get(0),
            pieces: row.get(1),
        })
    }

    /// How many of the acknowledged writes since `before` are not there, and how many are there more than once.
    pub(crate) async fn audit(&self, before: Balance, outcome: &Outcome) -> Result<(i64, i64)> {
        let marks = "select body, count(*) from (
                select body from reviews where body like 'mark %'
                union all select body from questions where body like 'mark %'
                union all select body from answers where body like 'mark %'
            ) as posts group by body";
        let mut connection = self.connection.lock().await;
        let rows = sqlx::query(marks).fetch_all(&mut *connection).await;
        drop(connection);
        let rows = rows.map_err(words)?;
        let kept: HashMap<String, i64> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
        let times = |mark: &String| kept.get(mark).copied().unwrap_or(0);
        let [acknowledged, unknown] = &outcome.posts;
        let mut lost = acknowledged.iter().filter(|mark| times(mark) == 0).count();
        let all = acknowledged.iter().chain(unknown);
        let mut doubled = all.filter(|mark| times(mark) > 1).count();
        let after = self.balance().await?;
        for ([acknowledged, unknown], grown) in [
            (outcome.votes, after.votes - before.votes),
            (outcome.pieces, after.pieces - before.pieces),
        ] {
            let of = |number: i64| usize::try_from(number).unwrap_or(0);
            lost += of(acknowledged - grown);
            doubled += of(grown - acknowledged - unknown);
        }
        let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        Ok((count(lost), count(doubled)))
    }
}

#[expect(clippy::needless_pass_by_value, reason = "as `map_err` hands it over")]
fn words(error: sqlx::Error) -> String {
    error.to_string()
}
