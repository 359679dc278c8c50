//! A batched statement returns for each of its reads exactly the rows of the single statement.

use atelier_conformance::TestApp;
use atelier_conformance::matrix::{StoreKind, Transport, run};
use atelier_core::DatabaseUrl;
use atelier_sql::READS;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::{Arguments, Column, Connection, PgConnection, Row, TypeInfo};

/// Returns the arguments of several reads: products (or questions) with everything, without reviews, without anything, with
/// reported rows only, unknown; some repeated, apart and side by side; first, later and empty pages, and pages past the end.
fn questions(name: &str) -> Vec<Vec<i64>> {
    let products = [501, 502, 9, 507, 503, 501, 501, 506, -1, i64::MAX, 505, 504];
    let pages = [(0, 5), (0, 2), (1, 2), (2, 1), (0, 0), (1, 100), (100, 5)];
    let each_page = |keys: &[i64]| {
        let of = |key: i64| pages.map(|(skip, most)| vec![key, skip, most]);
        keys.iter().flat_map(|key| of(*key)).collect::<Vec<_>>()
    };
    match name {
        "products/one" | "products/styles" | "products/related" | "reviews/meta" => {
            products.iter().map(|id| vec![*id]).collect()
        }
        "reviews/list_helpful" | "reviews/list_newest" => each_page(&products),
        "questions/list" => {
            let with = |most: i64| {
                let pages = each_page(&products).into_iter();
                pages.map(move |page| [page, vec![most]].concat())
            };
            // No answer, one, and all.
            [0, 1, 9_999].into_iter().flat_map(with).collect()
        }
        "answers/list" => each_page(&[71, 72, 73, 9, 71, 71, -1]),
        other => panic!("questions for {other}"),
    }
}

/// Returns the raw values of a row, with the types of its columns.
fn values(row: &PgRow, columns: usize) -> Vec<(String, Option<Vec<u8>>)> {
    let value = |column: usize| {
        let value = row.try_get_raw(column).expect("a column");
        // Null has no bytes.
        let bytes = value.as_bytes().ok().map(<[u8]>::to_vec);
        (row.column(column).type_info().name().to_owned(), bytes)
    };
    (0..columns).map(value).collect()
}

async fn connect(shop: &TestApp) -> PgConnection {
    let DatabaseUrl::Postgres(url) = &shop.url else {
        panic!("a PostgreSQL shop")
    };
    PgConnection::connect(url.expose()).await.expect("connects")
}

async fn ask<T>(connection: &mut PgConnection, text: &'static str, binds: Vec<T>) -> Vec<PgRow>
where
    T: 'static + Send + sqlx::Type<sqlx::Postgres> + for<'q> sqlx::Encode<'q, sqlx::Postgres>,
{
    let mut arguments = PgArguments::default();
    for bind in binds {
        arguments.add(bind).expect("a bind");
    }
    let query = sqlx::query_with(text, arguments);
    query.fetch_all(connection).await.expect("rows")
}

#[test]
fn batched_reads_return_the_rows_of_single_reads() {
    run(StoreKind::Postgres, Transport::Core, |shop| async move {
        let shop = &shop;
        let mut connection = connect(shop).await;
        let mut asked = 0;
        for read in READS {
            let Some(together) = read.batch else {
                continue;
            };
            let questions = questions(read.name);
            let binds = (0..questions[0].len()).map(|bind| {
                questions
                    .iter()
                    .map(|binds| binds[bind])
                    .collect::<Vec<_>>()
            });
            let mut batch = ask(&mut connection, together, binds.collect())
                .await
                .into_iter()
                .peekable();
            for (place, binds) in (1i64..).zip(&questions) {
                let alone = ask(&mut connection, read.text, binds.clone()).await;
                let alone: Vec<_> = alone.iter().map(|row| values(row, row.len())).collect();
                let mut rows = vec![];
                // The last column is the position of the read in the batch; rows come in its order.
                while let Some(row) = batch.next_if(|row| row.get::<i64, _>(row.len() - 1) == place)
                {
                    rows.push(values(&row, row.len() - 1));
                }
                assert_eq!(rows, alone, "{} {binds:?}", read.name);
                asked += alone.len();
            }
            assert!(batch.next().is_none(), "{}: a row of no read", read.name);
        }
        assert!(asked > 500, "there was something to compare: {asked}");
    });
}
