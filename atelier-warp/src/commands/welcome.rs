//! The first words of a server: what it serves, where, and what to open next.

use std::path::Path;

use atelier_core::DatabaseUrl;
use tokio::net::TcpListener;

use super::database::{DEMO_SEED, Filled, Opened};
use super::sqlite_file;
use crate::cli::{Options, say};

/// Says them.
pub(super) fn welcome(
    options: &Options,
    opened: &Opened,
    listener: &TcpListener,
    admin: Option<&TcpListener>,
) {
    let address = |listener: &TcpListener| {
        let address = listener.local_addr();
        address.map_or_else(|_| String::from("?"), |address| address.to_string())
    };
    let public = address(listener);
    let probes = admin.map_or_else(|| public.clone(), address);
    let version = env!("CARGO_PKG_VERSION");
    say(format_args!(
        "  Atelier {version}: products, reviews, questions, cart and interactions over HTTP"
    ));
    say(format_args!("  ✓ database   {}", database(options, opened)));
    for reader in &options.store.readers {
        say(format_args!("  ✓ reads      {}", place(reader)));
    }
    say(format_args!("  ✓ {}", data(options, opened)));
    if let Some(admin) = admin {
        say(format_args!("  ✓ probes     http://{}", address(admin)));
    }
    // Programs that start this one wait for this line.
    say(format_args!("  ✓ listening  http://{public}"));
    let api = format!("http://{public}{}", base(options));
    let token = if options.settings.tokens.is_empty() {
        ""
    } else {
        "-H 'Authorization: TOKEN' "
    };
    say("");
    if options.serving.pages {
        say(format_args!("    Storefront   http://{public}/"));
        say(format_args!(
            "    API docs     http://{public}/docs      OpenAPI  {}/openapi.json",
            base(options)
        ));
    } else {
        say(format_args!("    Products     {api}/products"));
        say(format_args!("    OpenAPI      {api}/openapi.json"));
    }
    say(format_args!(
        "    Health       http://{probes}/ready      Metrics  /metrics"
    ));
    say(format_args!(
        "    Try          curl {token}'{api}/reviews?product_id=1&count=2'"
    ));
    say("");
    let embedded = options.database.is_none();
    say(
        if opened.content.demo && embedded && !options.limits.read_only {
            "  Demo data is yours to break: atelier demo reset      Your own database: --database-url      Stop: Ctrl-C"
        } else {
            "  Stop: Ctrl-C"
        },
    );
}

/// The database. Of a named file that was made the whole path is shown: it may have been mistyped. So it is of one in the
/// working directory.
fn database(options: &Options, opened: &Opened) -> String {
    let place = match &opened.url {
        DatabaseUrl::Sqlite(path)
            if opened.created && (options.database.is_some() || path.is_relative()) =>
        {
            format!("sqlite  {}", sqlite_file::whole_path(path).display())
        }
        url => place(url),
    };
    if opened.created {
        place + "   (created)"
    } else {
        place
    }
}

fn place(url: &DatabaseUrl) -> String {
    match url {
        DatabaseUrl::Sqlite(path) => format!("sqlite  {}", short(path)),
        DatabaseUrl::SqliteReadOnly(path) => format!("sqlite  {}   (read-only)", short(path)),
        DatabaseUrl::Postgres(_) => url.to_string(),
    }
}

/// A path, with `~` for the user's folder.
fn short(path: &Path) -> String {
    let home = std::env::var_os("HOME").filter(|home| !home.is_empty());
    match home.and_then(|home| path.strip_prefix(home).ok().map(Path::to_owned)) {
        Some(below) => format!("~/{}", below.display()),
        None => path.display().to_string(),
    }
}

fn data(options: &Options, opened: &Opened) -> String {
    let products = opened.products;
    let refused = if options.limits.read_only {
        "   (changes are refused)"
    } else {
        ""
    };
    let told = match (&opened.filled, opened.content.demo) {
        (Some(filled), _) => made(filled),
        (None, true) => format!("demo data  {} products", thousands(products)),
        (None, false) if products == 0 => {
            "data       0 products. Load some, under the same --database-url: atelier-etl load ./csv"
                .to_owned()
        }
        (None, false) => format!("data       {} products", thousands(products)),
    };
    told + refused
}

/// What a demo that was made has.
pub(super) fn made(filled: &Filled) -> String {
    let [products, reviews, questions] = [filled.products, filled.reviews, filled.questions]
        .map(|count| thousands(i64::try_from(count).unwrap_or(i64::MAX)));
    format!(
        "demo data  {products} products · {reviews} reviews · {questions} questions   (seed {DEMO_SEED}, {:.1} s)",
        filled.took.as_secs_f64()
    )
}

/// A number with commas.
fn thousands(number: i64) -> String {
    let digits = number.to_string();
    let mut shown = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

/// Where the API begins.
fn base(options: &Options) -> String {
    let paths = &options.settings.base_paths;
    if paths.iter().any(|path| path == "/") {
        return String::new();
    }
    let path = paths.first().map_or("", String::as_str);
    let segment = |segment: &str| {
        if segment.starts_with('{') {
            options.settings.campus.clone()
        } else {
            segment.to_owned()
        }
    };
    let segments: Vec<_> = path.trim_end_matches('/').split('/').map(segment).collect();
    segments.join("/")
}
