//! Tests of bulk loads: they are atomic, keep or replace earlier content, and leave the same store as writing row by row.

use atelier_conformance::matrix::{StoreKind, Transport, run};
use atelier_conformance::rows::{all_rows, ask};
use atelier_conformance::{TestApp, empty, seed};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use atelier_core::bulk::Batch;
use atelier_core::http::{HttpApi, HttpSettings};
use atelier_core::store::{BulkLoad, Content, Provenance, bulk_load, fill};
use atelier_core::{DatabaseUrl, Error, open};
use sqlx::{Connection, PgConnection, SqliteConnection};

const STORES: [StoreKind; 2] = [StoreKind::Sqlite, StoreKind::Postgres];
const ROWS: Provenance = Provenance::Loaded("these rows");

/// Returns tables, columns, settings and indexes, as described by the database.
async fn schema(url: &DatabaseUrl) -> Vec<String> {
    ask(
        url,
        "select format('%s.%s %s %s', table_name, column_name, data_type, is_nullable)
         from information_schema.columns where table_schema = 'public'
         union all select indexdef from pg_indexes where schemaname = 'public'
         union all select format('%s %s %s', c.relname, c.relkind, c.reloptions)
         from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'public'
         union all select format('%s %s', conname, pg_get_constraintdef(oid)) from pg_constraint
         where connamespace = 'public'::regnamespace
         order by 1",
        "select sql from sqlite_master where sql is not null order by name",
    )
    .await
}

#[test]
fn loaded_store_has_the_schema_of_a_new_one() {
    for store in STORES {
        run(store, Transport::Core, |loaded| async move {
            // Captures the whole value: if only its URL moved into the block, the store would be dropped.
            let loaded = &loaded;
            let (new, _place) = empty(store).await;
            open(&new, &atelier_core::StoreOptions::default())
                .await
                .expect("is set up")
                .close()
                .await;
            assert_eq!(schema(&loaded.url).await, schema(&new).await);
        });
    }
}

#[test]
fn stored_aggregates_equal_a_recount() {
    for store in STORES {
        run(store, Transport::Core, |_| async move {
            let rows = atelier_warp::demo::catalogue(40, 7);
            assert!(rows.reviews.iter().any(|review| review.reported));
            let shop = TestApp::with_rows(store, Transport::Core, rows).await;
            let stored = ask(
                &shop.url,
                "select concat_ws(' ', product_id, star_1, star_2, star_3, star_4, star_5, recommend_no, recommend_yes)
                 from review_totals union all
                 select concat_ws(' ', 'c', id, value_sum, value_count) from characteristics order by 1",
                "select format('%d %d %d %d %d %d %d %d', product_id, star_1, star_2, star_3, star_4, star_5,
                 recommend_no, recommend_yes) from review_totals union all
                 select format('c %d %d %d', id, value_sum, value_count) from characteristics order by 1",
            );
            let recount = ask(
                &shop.url,
                "select concat_ws(' ', product_id, count(*) filter (where rating = 1), count(*) filter (where rating = 2),
                 count(*) filter (where rating = 3), count(*) filter (where rating = 4),
                 count(*) filter (where rating = 5), count(*) filter (where not recommend),
                 count(*) filter (where recommend)) from reviews where not reported group by product_id union all
                 select concat_ws(' ', 'c', c.id, coalesce(sum(v.value::int), 0), count(v.value)) from characteristics c
                 left join (select key, value from reviews, json_each_text(characteristic_values::json)
                 where not reported) v on v.key = c.id::text group by c.id order by 1",
                "select format('%d %d %d %d %d %d %d %d', product_id, count(*) filter (where rating = 1),
                 count(*) filter (where rating = 2), count(*) filter (where rating = 3),
                 count(*) filter (where rating = 4), count(*) filter (where rating = 5),
                 count(*) filter (where not recommend), count(*) filter (where recommend))
                 from reviews where not reported group by product_id union all
                 select format('c %d %d %d', c.id, coalesce(sum(v.value), 0), count(v.value)) from characteristics c
                 left join (select key, value from reviews, json_each(characteristic_values) where not reported) v
                 on v.key = cast(c.id as text) group by c.id order by 1",
            );
            assert_eq!(stored.await, recount.await);
        });
    }
}

#[test]
fn load_into_a_store_with_products_is_refused() {
    for store in STORES {
        run(store, Transport::Core, |shop| async move {
            let shop = &shop;
            shop.store.close().await;
            let refused = fill(&shop.url, seed::rows(), ROWS).await;
            let refused = refused.expect_err("it holds products");
            assert!(refused.to_string().contains("never mixes"), "{refused}");
            let store = open(&shop.url, &atelier_core::StoreOptions::default())
                .await
                .expect("opens");
            assert_eq!(store.products(0, 0).await.expect("products").total, 6);
        });
    }
}

#[test]
fn load_replaces_the_demo_with_everything_added_to_it() {
    for store in STORES {
        run(store, Transport::Core, |_| async move {
            let (url, _place) = empty(store).await;
            let demo = atelier_warp::demo::catalogue(3, 1);
            let sku = demo
                .products
                .iter()
                .flat_map(|it| &it.styles)
                .flat_map(|it| &it.skus);
            let sku = sku.map(|sku| sku.id).next().expect("a SKU");
            fill(&url, demo, Provenance::Demo)
                .await
                .expect("an empty store");
            let content = visit(&url, Some(sku)).await;
            assert_eq!(
                content,
                Content {
                    products: true,
                    demo: true
                }
            );

            fill(&url, seed::rows(), ROWS)
                .await
                .expect("replaces the demo");
            let store = open(&url, &atelier_core::StoreOptions::default())
                .await
                .expect("opens");
            let content = store.content().await.expect("content");
            assert_eq!(
                content,
                Content {
                    products: true,
                    demo: false
                }
            );
            assert_eq!(store.products(0, 0).await.expect("products").total, 6);
            assert_eq!(visit_counts(&url).await, ["0", "0"]);
        });
    }
}

#[test]
fn reporting_a_review_removes_its_duplicate_ratings() {
    for store in STORES {
        run(store, Transport::Core, |_| async move {
            let mut rows = seed::rows();
            let reviews = rows
                .reviews
                .iter_mut()
                .find(|review| review.characteristics.len() > 1);
            let review = reviews.expect("a review with values");
            let (given, _) = review.characteristics[0];
            review.characteristics.push((given, 1));
            let (id, product) = (review.id, review.product_id);
            let shop = &TestApp::with_rows(store, Transport::Core, rows).await;
            let without = {
                let mut rows = seed::rows();
                rows.reviews.retain(|review| review.id != id);
                TestApp::with_rows(store, Transport::Core, rows).await
            };
            let reported = shop.put(&format!("/reviews/{id}/report")).await;
            assert_eq!(reported.status, 204);
            let meta = format!("/reviews/meta?product_id={product}");
            assert_eq!(
                shop.get(&meta).await.text(),
                without.get(&meta).await.text()
            );
        });
    }
}

#[test]
fn sqlite_file_of_another_program_is_not_changed() {
    run(StoreKind::Sqlite, Transport::Core, |_| async move {
        let (url, _place) = empty(StoreKind::Sqlite).await;
        let DatabaseUrl::Sqlite(path) = &url else {
            panic!("a SQLite store")
        };
        let address = format!("sqlite:{}?mode=rwc", path.display());
        let mut connection = SqliteConnection::connect(&address).await.expect("opens");
        let theirs = "create table theirs (a); insert into theirs values ('theirs')";
        sqlx::raw_sql(theirs)
            .execute(&mut connection)
            .await
            .expect("a table");
        connection.close().await.expect("closes");
        for refused in [
            fill(&url, seed::rows(), ROWS).await,
            open(&url, &atelier_core::StoreOptions::default())
                .await
                .map(drop),
        ] {
            let Err(Error::Config(why)) = refused else {
                panic!("it is not ours: {refused:?}");
            };
            assert!(why.to_string().contains("another program"), "{why}");
        }
        assert_eq!(ask(&url, "", "select a from theirs").await, ["theirs"]);
    });
}

#[test]
fn load_preserves_granted_privileges() {
    run(StoreKind::Postgres, Transport::Core, |_| async move {
        let (url, _place) = empty(StoreKind::Postgres).await;
        open(&url, &atelier_core::StoreOptions::default())
            .await
            .expect("is set up")
            .close()
            .await;
        let granted = "select concat_ws(' ', table_name, grantee, privilege_type)
            from information_schema.table_privileges where grantee = 'PUBLIC' and table_schema = 'public' order by 1";
        let DatabaseUrl::Postgres(address) = &url else {
            panic!("a PostgreSQL store")
        };
        let mut connection = PgConnection::connect(address.expose())
            .await
            .expect("connects");
        let grant = "grant select, insert on reviews to public";
        sqlx::query(grant)
            .execute(&mut connection)
            .await
            .expect("grants");
        fill(&url, seed::rows(), ROWS)
            .await
            .expect("an empty store");
        let expected = ["reviews PUBLIC INSERT", "reviews PUBLIC SELECT"];
        assert_eq!(ask(&url, granted, "").await, expected);
    });
}

#[test]
fn load_into_an_empty_store_preserves_interactions() {
    for store in STORES {
        run(store, Transport::Core, |_| async move {
            let (url, _place) = empty(store).await;
            visit(&url, None).await;
            fill(&url, seed::rows(), ROWS)
                .await
                .expect("an empty store");
            assert_eq!(visit_counts(&url).await, ["0", "1"]);
        });
    }
}

/// Records an interaction, and adds one unit of `sku` to a cart. Returns the content of the store before.
async fn visit(url: &DatabaseUrl, sku: Option<i64>) -> Content {
    let store = open(url, &atelier_core::StoreOptions::default())
        .await
        .expect("opens");
    let content = store.content().await.expect("content");
    let atelier = atelier_core::Atelier::new(store.clone());
    let api = HttpApi::new(atelier, HttpSettings::default());
    let post = |target: &str, body: String| {
        let request = http::Request::post(target).header("content-type", "application/json");
        request.body(bytes::Bytes::from(body)).expect("a request")
    };
    let click = r#"{"element":"a","widget":"b","time":"now"}"#.to_owned();
    let mut answers = vec![api.handle(post("/interactions", click)).await];
    if let Some(sku) = sku {
        answers.push(
            api.handle(post("/cart", format!(r#"{{"sku_id":{sku}}}"#)))
                .await,
        );
    }
    for answer in answers {
        assert_eq!(answer.status(), 201);
    }
    store.close().await;
    content
}

/// Returns the number of cart items, and that of interactions.
async fn visit_counts(url: &DatabaseUrl) -> Vec<String> {
    let text = "select cast(count(*) as text) from cart_items union all select cast(count(*) as text) from interactions";
    ask(url, text, text).await
}

/// Returns the seed rows, one kind in each batch, as `atelier-etl` stores them.
fn batches() -> Vec<Batch> {
    let rows = seed::rows().in_order().with_totals();
    let none = Batch::default;
    let mut batches: Vec<Batch> = rows
        .products
        .into_iter()
        .map(|product| Batch {
            products: vec![product],
            ..none()
        })
        .collect();
    batches.extend(rows.reviews.into_iter().map(|review| Batch {
        reviews: vec![review],
        ..none()
    }));
    batches.push(Batch {
        characteristics: rows.characteristics,
        review_totals: rows.review_totals,
        ..none()
    });
    batches.push(Batch {
        questions: rows.questions,
        legacy_cart: rows.legacy_cart,
        ..none()
    });
    batches.push(Batch {
        answers: rows.answers,
        ..none()
    });
    batches
}

async fn put(load: &dyn BulkLoad, batches: &[Batch]) {
    for rows in batches {
        load.put(rows.clone()).await.expect("rows are put");
    }
}

#[test]
fn load_interrupted_at_any_batch_can_be_resumed() {
    for store in STORES {
        run(store, Transport::Core, |whole| async move {
            let whole = &whole;
            let batches = batches();
            for end in (0..=batches.len()).step_by(5) {
                let (url, _place) = empty(store).await;
                let load = bulk_load(&url).await.expect("a claim");
                assert_eq!(load.interrupted().await.expect("a store"), None);
                load.begin("these").await.expect("begins");
                put(&*load, &batches[..end]).await;
                drop(load);
                // Nothing of it is served.
                let served = open(&url, &atelier_core::StoreOptions::default())
                    .await
                    .expect("opens");
                assert!(!served.content().await.expect("content").products);
                served.close().await;

                let load = bulk_load(&url).await.expect("a claim");
                let begun = load.interrupted().await.expect("a store");
                assert_eq!(begun.as_deref(), Some("these"));
                load.resume().await.expect("resumes");
                put(&*load, &batches).await;
                load.finish(ROWS).await.expect("finishes");
                assert_eq!(load.interrupted().await.expect("a store"), None);
                assert_eq!(
                    load.loaded().await.expect("a mark").as_deref(),
                    Some("these rows")
                );
                drop(load);
                assert_eq!(
                    all_rows(&url).await,
                    all_rows(&whole.url).await,
                    "{end} of {}",
                    batches.len()
                );
                assert_eq!(schema(&url).await, schema(&whole.url).await);
            }
        });
    }
}

#[test]
fn resumed_load_with_missing_rows_fails() {
    // On SQLite so few rows are one transaction, which is rolled back with the first load.
    run(StoreKind::Postgres, Transport::Core, |_| async move {
        let (url, _place) = empty(StoreKind::Postgres).await;
        let batches = batches();
        let load = bulk_load(&url).await.expect("a claim");
        load.begin("").await.expect("begins");
        put(&*load, &batches).await;
        load.resume().await.expect("resumes");
        put(&*load, &batches[1..]).await;
        let missed = load.finish(ROWS).await;
        let missed = missed.expect_err("a product was not put").to_string();
        assert!(
            missed.contains("5 rows were put into the table styles and it holds 6"),
            "{missed}"
        );
    });
}

#[test]
fn second_concurrent_load_is_refused() {
    for store in STORES {
        run(store, Transport::Core, |_| async move {
            let (url, _place) = empty(store).await;
            let first = bulk_load(&url).await.expect("a claim");
            assert!(matches!(bulk_load(&url).await, Err(Error::Config(_))));
            drop(first);
            let second = bulk_load(&url).await.expect("the claim is released");
            second.begin("").await.expect("begins");
        });
    }
}

/// Sends requests until `done`, and returns the names of product 1 in the order in which they were served.
async fn read_until(shop: &TestApp, done: &AtomicBool) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    while !done.load(Ordering::SeqCst) {
        for target in [
            "/products/1",
            "/products/1/styles",
            "/reviews?product_id=1",
            "/reviews/meta?product_id=1",
            "/qa/questions?product_id=1",
        ] {
            let reply = shop.get(target).await;
            assert_eq!(reply.status, 200, "{target}: {}", reply.text());
            if target == "/products/1" {
                names.push(reply.json()["name"].to_string());
                names.dedup();
            }
        }
        let voted = shop.put("/reviews/1/helpful").await.status.as_u16();
        assert!([204, 404].contains(&voted), "{voted}");
    }
    names
}

#[test]
fn running_server_serves_the_old_rows_and_then_the_new_ones() {
    run(StoreKind::Postgres, Transport::Core, |_| async move {
        let (url, _place) = empty(StoreKind::Postgres).await;
        let old = atelier_warp::demo::catalogue(30, 1);
        let new = atelier_warp::demo::catalogue(30, 2);
        let names = [&old, &new].map(|rows| format!("{:?}", rows.products[0].name));
        assert_ne!(names[0], names[1]);
        fill(&url, old, Provenance::Demo)
            .await
            .expect("an empty store");
        let shop = &TestApp::over(url.clone(), Transport::Warp).await;
        let done = AtomicBool::new(false);
        let loading = async {
            let load = bulk_load(&url).await.expect("a claim");
            let rows = new.in_order().with_totals();
            for _ in 0..5 {
                load.begin("").await.expect("begins");
                load.put(rows.clone()).await.expect("rows are put");
            }
            load.finish(Provenance::Demo)
                .await
                .expect("replaces the demo");
            // The clock is stopped, so cached responses are replaced only because the load invalidates them.
            let change = async {
                let name = async || shop.get("/products/1").await.json()["name"].to_string();
                while name().await != names[1] {}
            };
            let changed = tokio::time::timeout(Duration::from_mins(1), change).await;
            changed.expect("the new rows are served");
            // Lets each reader send further requests.
            for _ in 0..20 {
                // A cached response never yields to other tasks.
                tokio::task::yield_now().await;
                let reply = shop.get("/products/1").await;
                assert_eq!(reply.json()["name"].to_string(), names[1]);
            }
            done.store(true, Ordering::SeqCst);
        };
        let readers = (0..8).map(|_| read_until(shop, &done));
        let ((), seen) = tokio::join!(loading, futures_util::future::join_all(readers));
        let changed = seen.iter().filter(|seen| seen[..] == names).count();
        assert!(changed > 0, "no reader saw the change: {seen:?}");
        // The old name, then the new one, and never the old one again.
        assert!(
            seen.iter()
                .all(|seen| names.ends_with(seen) || names.starts_with(seen)),
            "{seen:?}"
        );
    });
}

#[test]
fn load_into_a_served_sqlite_file_is_refused() {
    run(StoreKind::Sqlite, Transport::Core, |shop| async move {
        let shop = &shop;
        let Err(Error::Config(why)) = bulk_load(&shop.url).await else {
            panic!("it is served");
        };
        assert!(
            why.to_string().contains("in use by another program"),
            "{why}"
        );
        assert_eq!(shop.get("/products/501").await.status, 200);
    });
}
