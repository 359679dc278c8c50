//! The peer: what an engineer builds without Atelier, an axum server with one JSON-building query per route over normalised
//! tables, on pipelined connections. It keeps its rows in the schema `peer`.

mod queries;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::serve::ListenerExt;
use axum::{Json, Router};
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Config, NoTls, Statement};

use self::queries::{Query as Sql, TEXTS};
use crate::Result;
use crate::server::{Child, exit_with_parent};
use crate::targets::Ids;

/// Connections to PostgreSQL. Each pipelines the queries of many requests; on two cores 8 are the fastest.
const CONNECTIONS: usize = 8;

/// The largest ids of the peer's rows.
const IDS: &str = "select coalesce((select max(id) from peer.products), 0), \
    coalesce((select max(id) from peer.reviews), 0), coalesce((select max(id) from peer.questions), 0), \
    coalesce((select max(id) from peer.answers), 0)";

/// Connects to PostgreSQL and drives the connection on a task.
async fn connect(url: &str) -> Result<Client> {
    let failed =
        |error: tokio_postgres::Error| format!("the peer can't connect to its database: {error}");
    let mut config: Config = url.parse().map_err(failed)?;
    config.options("-c plan_cache_mode=force_generic_plan -c jit=off");
    let (client, connection) = config.connect(NoTls).await.map_err(failed)?;
    tokio::spawn(connection);
    Ok(client)
}

/// Creates and fills the schema `peer` from the tables of Atelier in the same database, unless it exists; returns the
/// largest ids of its rows.
pub(crate) async fn prepare(url: &str) -> Result<Ids> {
    let failed =
        |error: tokio_postgres::Error| format!("the peer's tables can't be filled: {error:?}");
    let client = connect(url).await?;
    let exists = "select 1 from information_schema.schemata where schema_name = 'peer'";
    if client
        .query_opt(exists, &[])
        .await
        .map_err(failed)?
        .is_none()
    {
        eprintln!("filling the peer's tables");
        client
            .batch_execute(include_str!("peer/schema.sql"))
            .await
            .map_err(failed)?;
        client
            .batch_execute("vacuum (analyze)")
            .await
            .map_err(failed)?;
    }
    let row = client.query_one(IDS, &[]).await.map_err(failed)?;
    let id = |place| u64::try_from(row.get::<_, i64>(place)).unwrap_or(0);
    Ok(Ids {
        products: id(0),
        reviews: id(1),
        questions: id(2),
        answers: id(3),
    })
}

/// Starts the peer as a process of its own, over the database at `url`.
pub(crate) async fn start(url: &str) -> Result<Child> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut command = tokio::process::Command::new(program);
    command.arg("peer").env("DATABASE_URL", url);
    Child::start(command, "the peer", |line| line.parse().ok()).await
}

/// Serves until standard input ends, over the database that `DATABASE_URL` names.
pub(crate) fn run() -> Result<()> {
    let url = std::env::var("DATABASE_URL").map_err(|error| format!("DATABASE_URL: {error}"))?;
    exit_with_parent();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    runtime.map_err(|error| error.to_string())?.block_on(async {
        let app = router(&url).await?;
        let failed = |error: std::io::Error| format!("the peer can't serve: {error}");
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(failed)?;
        println!("{}", listener.local_addr().map_err(failed)?);
        let listener = listener.tap_io(|stream| {
            // Without it an answer is only slower.
            let _ = stream.set_nodelay(true);
        });
        axum::serve(listener, app).await.map_err(failed)
    })
}

/// Pipelined connections with their prepared statements, used in turn.
struct Database {
    connections: Vec<(Client, Vec<Statement>)>,
    next: AtomicUsize,
}

type Parameters<'a> = &'a [&'a (dyn ToSql + Sync)];

impl Database {
    async fn open(url: &str) -> Result<Self> {
        let mut connections = Vec::new();
        for _ in 0..CONNECTIONS {
            let client = connect(url).await?;
            let mut statements = Vec::new();
            for text in TEXTS {
                let statement = client.prepare(text).await;
                statements.push(statement.map_err(|error| format!("{error:?}: {text}"))?);
            }
            connections.push((client, statements));
        }
        let next = AtomicUsize::new(0);
        Ok(Self { connections, next })
    }

    /// Answers with the text of the first column, or 404 when there is no row; 204 never has a text.
    async fn answer(&self, query: Sql, status: StatusCode, parameters: Parameters<'_>) -> Response {
        let next = self.next.fetch_add(1, Ordering::Relaxed);
        let (client, statements) = &self.connections[next % self.connections.len()];
        let row = client
            .query_opt(&statements[query as usize], parameters)
            .await;
        match row.and_then(|row| row.map(|row| row.try_get::<_, String>(0)).transpose()) {
            // A vote for nothing is 204 too.
            Ok(_) if status == StatusCode::NO_CONTENT => status.into_response(),
            Ok(Some(text)) => {
                (status, [(header::CONTENT_TYPE, "application/json")], text).into_response()
            }
            Ok(None) => StatusCode::NOT_FOUND.into_response(),
            Err(error) => {
                // Without the detail, which may hold the values of the row.
                let message = error.as_db_error().map(|error| error.message().to_owned());
                let message = message.unwrap_or_else(|| error.to_string());
                (StatusCode::INTERNAL_SERVER_ERROR, message).into_response()
            }
        }
    }

    async fn read(&self, query: Sql, parameters: Parameters<'_>) -> Response {
        self.answer(query, StatusCode::OK, parameters).await
    }

    async fn create(&self, query: Sql, parameters: Parameters<'_>) -> Response {
        self.answer(query, StatusCode::CREATED, parameters).await
    }
}

type Shared = State<Arc<Database>>;

#[derive(Deserialize)]
struct List {
    #[serde(default)]
    product_id: i64,
    page: Option<i64>,
    count: Option<i64>,
    sort: Option<String>,
}

impl List {
    fn count(&self) -> i64 {
        self.count.unwrap_or(5)
    }

    fn offset(&self) -> i64 {
        (self.page.unwrap_or(1) - 1).max(0) * self.count()
    }
}

#[derive(Deserialize)]
struct Review {
    product_id: i64,
    rating: i32,
    summary: String,
    body: String,
    recommend: bool,
    name: String,
    email: String,
    #[serde(default)]
    photos: Vec<String>,
    #[serde(default)]
    characteristics: BTreeMap<String, i32>,
}

/// A question, or an answer when there is no product.
#[derive(Deserialize)]
struct Post {
    #[serde(default)]
    product_id: i64,
    body: String,
    name: String,
    email: String,
    #[serde(default)]
    photos: Vec<String>,
}

#[derive(Deserialize)]
struct CartItem {
    sku_id: i64,
}

#[derive(Deserialize)]
struct Interaction {
    element: String,
    widget: String,
    time: String,
}

async fn post_review(State(database): Shared, Json(review): Json<Review>) -> Response {
    let ids = review.characteristics.keys().map(|id| id.parse());
    let Ok(ids) = ids.collect::<std::result::Result<Vec<i64>, _>>() else {
        return StatusCode::UNPROCESSABLE_ENTITY.into_response();
    };
    let values: Vec<i32> = review.characteristics.values().copied().collect();
    let parameters: Parameters<'_> = &[
        &review.product_id,
        &review.rating,
        &review.summary,
        &review.body,
        &review.recommend,
        &review.name,
        &review.email,
        &review.photos,
        &ids,
        &values,
    ];
    database.create(Sql::AddReview, parameters).await
}

/// The routes, over the database at `url`.
async fn router(url: &str) -> Result<Router> {
    let by_id = |query| {
        get(
            move |State(database): Shared, Path(id): Path<i64>| async move {
                database.read(query, &[&id]).await
            },
        )
    };
    let update = |query| {
        put(
            move |State(database): Shared, Path(id): Path<i64>| async move {
                database.answer(query, StatusCode::NO_CONTENT, &[&id]).await
            },
        )
    };
    let router = Router::new()
        .route(
            "/products",
            get(|State(database): Shared, Query(list): Query<List>| async move {
                database.read(Sql::Products, &[&list.count(), &list.offset()]).await
            }),
        )
        .route("/products/{id}", by_id(Sql::Product))
        .route("/products/{id}/styles", by_id(Sql::Styles))
        .route("/products/{id}/related", by_id(Sql::Related))
        .route(
            "/reviews",
            get(|State(database): Shared, Query(list): Query<List>| async move {
                let newest = list.sort.as_deref() == Some("newest");
                let (count, offset) = (list.count(), list.offset());
                let parameters: Parameters<'_> = &[&list.product_id, &count, &offset, &newest];
                database.read(Sql::Reviews, parameters).await
            })
            .post(post_review),
        )
        .route(
            "/reviews/meta",
            get(|State(database): Shared, Query(list): Query<List>| async move {
                database.read(Sql::Meta, &[&list.product_id]).await
            }),
        )
        .route("/reviews/{id}/helpful", update(Sql::VoteReview))
        .route("/reviews/{id}/report", update(Sql::ReportReview))
        .route(
            "/qa/questions",
            get(|State(database): Shared, Query(list): Query<List>| async move {
                let (count, offset) = (list.count(), list.offset());
                database.read(Sql::Questions, &[&list.product_id, &count, &offset]).await
            })
            .post(|State(database): Shared, Json(post): Json<Post>| async move {
                let Post { product_id, body, name, email, .. } = &post;
                database.create(Sql::AddQuestion, &[product_id, body, name, email]).await
            }),
        )
        .route("/qa/questions/{id}/helpful", update(Sql::VoteQuestion))
        .route(
            "/qa/questions/{id}/answers",
            get(|State(database): Shared, Path(id): Path<i64>, Query(list): Query<List>| async move {
                database.read(Sql::Answers, &[&id, &list.count(), &list.offset()]).await
            })
            .post(|State(database): Shared, Path(id): Path<i64>, Json(post): Json<Post>| async move {
                let Post { body, name, email, photos, .. } = &post;
                database.create(Sql::AddAnswer, &[&id, body, name, email, photos]).await
            }),
        )
        .route("/qa/answers/{id}/helpful", update(Sql::VoteAnswer))
        .route(
            "/cart",
            post(|State(database): Shared, headers: HeaderMap, Json(item): Json<CartItem>| async move {
                let owner = headers.get(header::AUTHORIZATION).and_then(|owner| owner.to_str().ok());
                database.create(Sql::AddCartItem, &[&owner.unwrap_or(""), &item.sku_id]).await
            }),
        )
        .route(
            "/interactions",
            post(|State(database): Shared, Json(Interaction { element, widget, time }): Json<Interaction>| async move {
                database.create(Sql::AddInteraction, &[&element, &widget, &time]).await
            }),
        );
    Ok(router.with_state(Arc::new(Database::open(url).await?)))
}
