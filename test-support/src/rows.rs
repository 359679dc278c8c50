//! The rows of a database, read past the API.

use sqlx::{Connection, PgConnection, SqliteConnection};

/// Returns the rows of a query with one text column, which is written once for each database.
pub async fn ask(url: &str, postgres: &'static str, sqlite: &'static str) -> Vec<String> {
    let rows = if url.starts_with("sqlite:") {
        let mut connection = SqliteConnection::connect(url).await.expect("opens");
        sqlx::query_scalar(sqlite).fetch_all(&mut connection).await
    } else {
        let mut connection = PgConnection::connect(url).await.expect("connects");
        sqlx::query_scalar(postgres)
            .fetch_all(&mut connection)
            .await
    };
    rows.expect("the query succeeds")
}

/// Returns every value of every loaded row, and the next ids, as strings in a fixed order.
pub async fn all_rows(url: &str) -> Vec<String> {
    ask(
        url,
        "select 'p ' || p::text from products p union all select 's ' || s::text from styles s
         union all select 'r ' || r::text from reviews r union all select 't ' || t::text from review_totals t
         union all select 'c ' || c::text from characteristics c union all select 'q ' || q::text from questions q
         union all select 'a ' || a::text from answers a union all select 'l ' || l::text from legacy_cart l
         union all select concat_ws(' ', sequencename, last_value) from pg_sequences where last_value is not null
         order by 1",
        "select concat_ws('|', 'p', id, position, default_price, created_at, updated_at, name, slogan, description,
           category, features, related) from products
         union all select concat_ws('|', 's', product_id, results) from styles
         union all select concat_ws('|', 'r', id, product_id, rating, date, helpfulness, recommend, reported, summary,
           body, reviewer_name, quote(reviewer_email), quote(response), photos, characteristic_values) from reviews
         union all select concat_ws('|', 't', product_id, star_1, star_2, star_3, star_4, star_5, recommend_no,
           recommend_yes) from review_totals
         union all select concat_ws('|', 'c', id, product_id, value_sum, value_count, name) from characteristics
         union all select concat_ws('|', 'q', id, product_id, date, helpfulness, reported, body, asker_name,
           quote(asker_email)) from questions
         union all select concat_ws('|', 'a', id, question_id, date, helpfulness, reported, body, answerer_name,
           quote(answerer_email), photos, photo_urls) from answers
         union all select concat_ws('|', 'l', id, product_id, active, user_session) from legacy_cart
         union all select concat_ws('|', name, seq) from sqlite_sequence order by 1",
    )
    .await
}
