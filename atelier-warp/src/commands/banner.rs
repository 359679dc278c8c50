//! The text that a server prints at its start: database, content, addresses, next steps.

use std::path::Path;

use atelier_core::DatabaseUrl;
use tokio::net::TcpListener;

use super::database::{DEMO_SEED, DemoCounts, Opened};
use super::sqlite_file;
use crate::cli::{ServeOptions, say};

/// Prints it.
pub(super) fn print(
    options: &ServeOptions,
    opened: &Opened,
    api: &TcpListener,
    admin: Option<&TcpListener>,
) {
    let address = |listener: &TcpListener| {
        let address = listener.local_addr();
        address.map_or_else(|_| "?".to_owned(), |address| address.to_string())
    };
    let (api, admin) = (address(api), admin.map(address));
    let mut lines = vec![
        format!(
            "Atelier {}: products, reviews, questions, cart and interactions over HTTP",
            env!("CARGO_PKG_VERSION")
        ),
        format!("✓ database   {}", database(options, opened)),
    ];
    let standbys = options.pool.database_read_url.iter();
    lines.extend(standbys.map(|url| format!("✓ reads      {}", location(url))));
    lines.push(format!("✓ {}", data(options, opened)));
    lines.extend(
        admin
            .iter()
            .map(|admin| format!("✓ probes     http://{admin}")),
    );
    // Scripts and tests wait for this line.
    lines.push(format!("✓ listening  http://{api}"));
    let base = base_path(options);
    let health = admin.as_ref().unwrap_or(&api);
    let token = if options.http_settings().tokens.is_empty() {
        ""
    } else {
        "-H 'Authorization: TOKEN' "
    };
    lines.push(String::new());
    if options.api.pages() {
        lines.push(format!("  Storefront   http://{api}/"));
        lines.push(format!(
            "  API docs     http://{api}/docs      OpenAPI  {base}/openapi.json"
        ));
    } else {
        lines.push(format!("  Products     http://{api}{base}/products"));
        lines.push(format!("  OpenAPI      http://{api}{base}/openapi.json"));
    }
    lines.push(format!(
        "  Health       http://{health}/ready      Metrics  /metrics"
    ));
    lines.push(format!(
        "  Try          curl {token}'http://{api}{base}/reviews?product_id=1&count=2'"
    ));
    lines.push(String::new());
    let embedded = options.database.database_url.is_none();
    let demo = opened.content.demo && embedded && !options.api.read_only;
    let reset = if demo {
        "Reset the demo: atelier demo reset      Your own database: --database-url      "
    } else {
        ""
    };
    lines.push(format!("{reset}Stop: Ctrl-C"));
    for line in lines {
        let indent = if line.is_empty() { "" } else { "  " };
        say(format_args!("{indent}{line}"));
    }
}

/// The database. The path of a new file is absolute, if it may be mistyped or is in the working directory.
fn database(options: &ServeOptions, opened: &Opened) -> String {
    let named = options.database.database_url.is_some();
    let location = match &opened.url {
        DatabaseUrl::Sqlite(path) if opened.created && (named || path.is_relative()) => {
            format!("sqlite  {}", sqlite_file::absolute(path).display())
        }
        url => location(url),
    };
    location + if opened.created { "   (created)" } else { "" }
}

fn location(url: &DatabaseUrl) -> String {
    match url {
        DatabaseUrl::Sqlite(path) => format!("sqlite  {}", abbreviated(path)),
        DatabaseUrl::SqliteReadOnly(path) => format!("sqlite  {}   (read-only)", abbreviated(path)),
        DatabaseUrl::Postgres(_) => url.to_string(),
    }
}

/// A path, with `~` for the home directory.
fn abbreviated(path: &Path) -> String {
    let home = std::env::var_os("HOME").filter(|home| !home.is_empty());
    match home.and_then(|home| path.strip_prefix(home).ok().map(Path::to_owned)) {
        Some(below) => format!("~/{}", below.display()),
        None => path.display().to_string(),
    }
}

fn data(options: &ServeOptions, opened: &Opened) -> String {
    let products = thousands(opened.products);
    let data = match (&opened.demo, opened.content.demo) {
        (Some(demo), _) => demo_counts(demo),
        (None, true) => format!("demo data  {products} products"),
        (None, false) if opened.products == 0 => {
            "data       0 products. Load some, with the same --database-url: atelier-etl load ./csv"
                .to_owned()
        }
        (None, false) => format!("data       {products} products"),
    };
    data + if options.api.read_only {
        "   (writes are refused)"
    } else {
        ""
    }
}

/// What a new demo contains.
pub(super) fn demo_counts(demo: &DemoCounts) -> String {
    let [products, reviews, questions] = [demo.products, demo.reviews, demo.questions]
        .map(|count| thousands(i64::try_from(count).unwrap_or(i64::MAX)));
    format!(
        "demo data  {products} products · {reviews} reviews · {questions} questions   (seed {DEMO_SEED}, {:.1} s)",
        demo.elapsed.as_secs_f64()
    )
}

/// A count with thousands separators.
fn thousands(count: i64) -> String {
    match count {
        1_000.. => format!("{},{:03}", thousands(count / 1_000), count % 1_000),
        _ => count.to_string(),
    }
}

/// A base path of the API that clients can request; empty for the root.
fn base_path(options: &ServeOptions) -> String {
    let paths = &options.api.base_path;
    if paths.iter().any(|path| path == "/") {
        return String::new();
    }
    let path = paths.first().map_or("", String::as_str);
    let campus = &*options.api.campus;
    let segments = path.trim_end_matches('/').split('/');
    let segments = segments.map(|segment| {
        if segment.starts_with('{') {
            campus
        } else {
            segment
        }
    });
    segments.collect::<Vec<_>>().join("/")
}
