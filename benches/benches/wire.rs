//! A request over a socket and back, on one connection: a cached response, and one that is rendered each time.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use atelier_benches::memory;
use atelier_core::http::HttpApi;
use atelier_warp::health::Health;
use atelier_warp::observe::Telemetry;
use atelier_warp::serve::{self, ServerConfig, Shutdown};
use criterion::{Criterion, criterion_group, criterion_main};
use tokio::runtime::Runtime;

/// Serves for as long as `runtime` lives.
fn address(runtime: &Runtime, api: HttpApi) -> SocketAddr {
    runtime.block_on(async {
        let listener = serve::listen(([127, 0, 0, 1], 0).into()).expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(serve::serve(
            api,
            listener,
            Health::default(),
            ServerConfig::default(),
            Telemetry::default(),
            std::future::pending::<Shutdown>(),
        ));
        address
    })
}

/// Sends a request and reads as much as came the first time.
fn round_trip(stream: &mut TcpStream, request: &[u8], answer: &mut [u8]) {
    stream.write_all(request).expect("the server reads");
    stream.read_exact(answer).expect("the server answers");
}

fn wire(criterion: &mut Criterion) {
    let threads = Runtime::new().expect("threads");
    let mut group = criterion.benchmark_group("wire");
    for (name, cache) in [("kept", 1 << 20), ("rendered", 0)] {
        let api = memory(cache);
        let mut stream = TcpStream::connect(address(&threads, api)).expect("a connection");
        stream.set_nodelay(true).expect("a socket");
        for target in ["/products/1", "/reviews?product_id=1"] {
            let request =
                format!("GET {target} HTTP/1.1\r\nhost: localhost\r\nx-request-id: x\r\n\r\n");
            stream
                .write_all(request.as_bytes())
                .expect("the server reads");
            let mut answer = vec![0; 1 << 16];
            let length = stream.read(&mut answer).expect("the server answers");
            answer.truncate(length);
            group.bench_function(format!("{name}{target}"), |bencher| {
                bencher.iter(|| round_trip(&mut stream, request.as_bytes(), &mut answer));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, wire);
criterion_main!(benches);
