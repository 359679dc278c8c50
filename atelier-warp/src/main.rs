//! `atelier`: the API over HTTP, with an embedded store and a demo catalogue when no database is named.

use std::net::{IpAddr, SocketAddr};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use atelier_core::store::{self, Mark};
use atelier_core::{Atelier, Clock, DatabaseUrl, Error, Settings};
use atelier_warp::demo;
use atelier_warp::health::Health;
use atelier_warp::serve::{self, Served, Serving, Stop};
use clap::{Args, Parser, Subcommand};
use ipnet::IpNet;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// Products, reviews, questions, cart and interactions of a retail site over HTTP.
///
/// With no database named it serves a demo catalogue from an embedded SQLite file.
#[derive(Parser)]
#[command(name = "atelier", version, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: ServeArgs,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API (the default).
    Serve(ServeArgs),
    /// Bring the database's schema up to date.
    Migrate(Database),
}

#[derive(Args)]
struct ServeArgs {
    /// Where to listen.
    #[arg(
        long,
        env = "ATELIER_LISTEN",
        default_value = "127.0.0.1:3000",
        value_name = "ADDR"
    )]
    listen: SocketAddr,
    #[command(flatten)]
    database: Database,
    /// A hot standby of the PostgreSQL database, which answers reads as long as it is less than a second behind, and gets
    /// the writes when it is promoted; may be repeated. The address of one server, not of a group.
    #[arg(
        long,
        env = "DATABASE_READ_URL",
        hide_env_values = true,
        value_delimiter = ',',
        value_name = "URL"
    )]
    database_read_url: Vec<String>,
    /// Fill an empty database with a demo of this many products; the embedded one gets 1,000 unless told otherwise.
    #[arg(long, env = "ATELIER_DEMO", value_name = "N")]
    demo: Option<u32>,
    /// MiB of finished answers to keep in memory; 0 keeps none.
    #[arg(long, env = "ATELIER_CACHE", default_value_t = 64, value_name = "MIB")]
    cache: u32,
    /// Addresses or networks of the proxies in front, such as 10.0.0.0/24: a request that one of them sends again, under the
    /// same `Atelier-Retry-Key`, is carried out once. Nobody else's is looked at.
    #[arg(
        long,
        env = "ATELIER_TRUSTED_PROXIES",
        value_delimiter = ',',
        value_name = "NETWORK"
    )]
    trusted_proxies: Vec<String>,
    /// Seconds in which connections are still accepted after SIGTERM, so that no proxy meets a closed door.
    #[arg(
        long,
        env = "ATELIER_DRAIN_DELAY",
        default_value_t = 6,
        value_name = "SECONDS"
    )]
    drain_delay: u16,
    /// A token that is accepted in `Authorization`, may be repeated; without any, nobody needs one.
    #[arg(
        long,
        env = "ATELIER_TOKEN",
        hide_env_values = true,
        value_delimiter = ',',
        value_name = "TOKEN"
    )]
    token: Vec<String>,
}

#[derive(Args)]
struct Database {
    /// `sqlite:PATH` or `postgres://USER:PASSWORD@HOST:PORT/DATABASE`; without it, an embedded SQLite file.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "URL")]
    database_url: Option<String>,
}

/// A network, or the one of a single address.
fn network(text: &str) -> Result<IpNet, Failure> {
    let address = || text.parse::<IpAddr>().map(IpNet::from);
    text.parse().or_else(|_| address()).map_err(|_| Failure {
        words: format!(
            "The trusted proxy {text} is neither an address nor a network.\n\
             Give such as: --trusted-proxies 10.0.0.7,10.0.1.0/24"
        ),
        code: 2,
    })
}

/// What a list in the environment holds: a variable that is set to nothing is not set.
fn given(list: Vec<String>) -> impl Iterator<Item = String> {
    list.into_iter().filter(|item| !item.is_empty())
}

/// Products of the demo that an embedded store begins with.
const DEMO_PRODUCTS: u32 = 1_000;

/// Where the demo's chance comes from: every demo of one size is the same.
const DEMO_SEED: u64 = 42;

/// What `atelier` ends with when it can't go on: words for the operator, and the exit code.
struct Failure {
    words: String,
    code: u8,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let code = match error {
            Error::Unavailable(_) => 3,
            Error::Schema(_) => 4,
            _ => 1,
        };
        Self {
            words: error.to_string(),
            code,
        }
    }
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let filter = EnvFilter::try_from_env("ATELIER_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    let run = async {
        match cli.command {
            Some(Command::Migrate(database)) => migrate(&database).await,
            Some(Command::Serve(serve)) => self::serve(serve).await,
            None => self::serve(cli.serve).await,
        }
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let outcome = match runtime {
        Ok(runtime) => runtime.block_on(run),
        Err(error) => Err(Failure {
            words: format!("The threads can't be started: {error}."),
            code: 1,
        }),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure { words, code }) => {
            eprintln!("{words}");
            ExitCode::from(code)
        }
    }
}

impl Database {
    fn is_embedded(&self) -> bool {
        self.database_url.as_ref().is_none_or(String::is_empty)
    }

    fn url(&self) -> Result<DatabaseUrl, Failure> {
        let url = DatabaseUrl::or_embedded(self.database_url.as_deref());
        url.map_err(|error| Failure {
            words: error.to_string(),
            code: 2,
        })
    }
}

async fn migrate(database: &Database) -> Result<(), Failure> {
    let url = database.url()?;
    let steps = store::migrate(&url).await?;
    println!("{url}: {steps} migrations applied, up to date");
    Ok(())
}

async fn serve(args: ServeArgs) -> Result<(), Failure> {
    let url = args.database.url()?;
    let trusted_proxies = given(args.trusted_proxies)
        .map(|proxy| network(&proxy))
        .collect::<Result<_, _>>()?;
    let readers = readers(args.database_read_url)?;
    // The port first: who can't have it should not wait for a demo to be made.
    let listener = listen(args.listen)?;
    let mut store = atelier_core::open_with_readers(&url, &readers).await?;
    let products = args.demo.unwrap_or(if args.database.is_embedded() {
        DEMO_PRODUCTS
    } else {
        0
    });
    let empty = !store.content().await?.products;
    if empty && products > 0 {
        store.close().await;
        store::fill(&url, demo::catalogue(products, DEMO_SEED), Mark::Demo).await?;
        store = atelier_core::open_with_readers(&url, &readers).await?;
    }
    let settings = Settings {
        tokens: given(args.token).collect(),
        cache: (args.cache as usize).saturating_mul(1_024 * 1_024),
        ..Settings::default()
    };
    let atelier = Atelier::with(Arc::clone(&store), settings, Clock::System);
    let health = Health::default();
    health.watch(atelier.clone()).await?;
    tokio::spawn(sweep(atelier.clone()));
    let content = store.content().await?;
    // Before anybody is told that it serves: who ends it then means a drain.
    let stop = stopped()?;
    welcome(&url, &readers, &listener, content.products, content.demo);

    let serving = Serving {
        trusted_proxies,
        drain_delay: Duration::from_secs(args.drain_delay.into()),
        ..Serving::default()
    };
    let served = Arc::new(Served::default());
    serve::serve(
        atelier,
        listener,
        health,
        serving,
        Arc::clone(&served),
        stop,
    )
    .await;
    store.close().await;
    let (requests, failed) = (
        served.requests.load(Ordering::Relaxed),
        served.failed.load(Ordering::Relaxed),
    );
    println!("stopped: {requests} requests, {failed} failed");
    Ok(())
}

/// The addresses of the standbys.
fn readers(urls: Vec<String>) -> Result<Vec<DatabaseUrl>, Failure> {
    let readers = given(urls).map(|url| DatabaseUrl::parse(&url));
    readers.collect::<Result<_, _>>().map_err(|error| Failure {
        words: error.to_string(),
        code: 2,
    })
}

/// Forgets old idempotency keys, now and then.
async fn sweep(atelier: Atelier) {
    let mut every = tokio::time::interval(Duration::from_mins(10));
    loop {
        every.tick().await;
        if let Err(error) = atelier.sweep().await {
            tracing::warn!("what is old is still kept: {error}");
        }
    }
}

fn listen(address: SocketAddr) -> Result<TcpListener, Failure> {
    serve::listen(address).map_err(|error| {
        let why = match error.kind() {
            std::io::ErrorKind::AddrInUse => "Another program has the port.".to_owned(),
            _ => format!("The system says: {error}."),
        };
        let next = SocketAddr::new(address.ip(), address.port().checked_add(1).unwrap_or(3_000));
        Failure {
            words: format!("Cannot listen on {address}.\n{why}\nTry: atelier --listen {next}"),
            code: 1,
        }
    })
}

fn welcome(
    url: &DatabaseUrl,
    readers: &[DatabaseUrl],
    listener: &TcpListener,
    products: bool,
    demo: bool,
) {
    let address = listener
        .local_addr()
        .map_or_else(|_| String::from("?"), |address| address.to_string());
    let data = match (products, demo) {
        (_, true) => "the demo catalogue, yours to break",
        (true, false) => "your products",
        (false, false) => {
            "no products yet: load some with atelier-etl load DIR, or start with --demo 1000"
        }
    };
    println!(
        "  Atelier {}: products, reviews, questions, cart and interactions over HTTP",
        env!("CARGO_PKG_VERSION")
    );
    println!("  ✓ database   {url}");
    for reader in readers {
        println!("  ✓ reads      {reader}");
    }
    println!("  ✓ data       {data}");
    println!("  ✓ listening  http://{address}");
    println!();
    println!("    Storefront   http://{address}/");
    println!("    API docs     http://{address}/docs      OpenAPI  /openapi.json");
    println!("    Health       http://{address}/ready");
    println!("    Try          curl 'http://{address}/reviews?product_id=1&count=2'");
    println!();
    println!("  Your own database: --database-url      Stop: Ctrl-C");
}

/// Resolves when the process is told to end: by SIGTERM with a drain, by Ctrl-C at once. A second signal ends the process.
fn stopped() -> Result<impl Future<Output = Stop>, Failure> {
    let on = |kind: SignalKind| {
        signal(kind).map_err(|error| Failure {
            words: format!("Signals can't be received: {error}."),
            code: 1,
        })
    };
    let (mut terminate, mut interrupt) =
        (on(SignalKind::terminate())?, on(SignalKind::interrupt())?);
    Ok(async move {
        let stop = first(&mut terminate, &mut interrupt).await;
        tokio::spawn(async move {
            first(&mut terminate, &mut interrupt).await;
            std::process::exit(130);
        });
        stop
    })
}

async fn first(terminate: &mut Signal, interrupt: &mut Signal) -> Stop {
    tokio::select! {
        _ = terminate.recv() => Stop::Drain,
        _ = interrupt.recv() => Stop::Now,
    }
}
