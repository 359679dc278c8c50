//! Settings of the server.

use std::time::Duration;

use ipnet::IpNet;

use crate::mount::Limits;

/// Settings of [`serve`](crate::serve::serve).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerConfig {
    /// Limits on bodies.
    pub limits: Limits,
    /// Maximum number of concurrent connections. Connections above it are closed at once.
    pub max_connections: usize,
    /// Timeout of reading a request's headers, and of an idle connection. It must be longer than the idle timeout of a proxy in
    /// front, which could otherwise send a request to a connection that is being closed.
    pub header_timeout: Duration,
    /// Timeout of a write: how long a client may accept no byte of a response.
    pub write_timeout: Duration,
    /// How long the server accepts connections after a graceful shutdown began.
    pub drain_delay: Duration,
    /// How long requests in flight may take after that.
    pub shutdown_timeout: Duration,
    /// Networks of the operator's proxies, whose forwarding headers are trusted.
    pub trusted_proxies: Vec<IpNet>,
    /// Whether to serve the pages `/` and `/docs`.
    pub pages: bool,
    /// Whether to serve health checks and metrics; [`probes`](crate::probes) serves them on another port.
    pub probes: bool,
    /// Tokens by which hosted load testers verify that the operator controls the server: `TOKEN` is the response to `/TOKEN/`,
    /// `/TOKEN.txt` and `/TOKEN.html`.
    pub load_test_tokens: Vec<String>,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            max_connections: 10_000,
            header_timeout: Duration::from_secs(10),
            write_timeout: Duration::from_secs(10),
            drain_delay: Duration::from_secs(6),
            shutdown_timeout: Duration::from_secs(20),
            trusted_proxies: vec![],
            pages: true,
            probes: true,
            load_test_tokens: vec![],
        }
    }
}
