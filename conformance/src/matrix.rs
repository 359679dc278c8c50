//! The cells in which every case runs: stores x transports.

use std::future::Future;

pub use atelier_test_support::{RUNTIME, StoreKind};

use crate::TestApp;

/// How requests reach the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Transport {
    /// A call of `HttpApi::handle`.
    Core,
    /// HTTP/1.1 to the warp server over a socket.
    Warp,
    /// Events of a Lambda function, in every shape in turn.
    Lambda,
}

/// Runs `case` against a new [`TestApp`] with the rows of [`crate::seed`].
pub fn run<F: Future<Output = ()>>(
    store: StoreKind,
    transport: Transport,
    case: impl FnOnce(TestApp) -> F,
) {
    RUNTIME.block_on(async { case(TestApp::open(store, transport).await).await });
}

/// Defines each `async fn name(shop: TestApp) { .. }` as a test in every cell of the matrix: `name::sqlite_core`, and so on.
/// `make test` runs three cells, in which both stores and the socket occur; `make test-all` runs all six.
#[macro_export]
macro_rules! cases {
    ($($(#[$doc:meta])* async fn $name:ident($shop:ident: TestApp) $body:block)*) => {
        $($(#[$doc])* mod $name {
            #[allow(unused_imports, reason = "a case takes what it needs of its file")]
            use super::*;

            async fn case($shop: $crate::TestApp) $body

            $crate::cells!(case);
        })*
    };
}

/// Defines a test for every cell of the matrix, each of which calls a function with a [`TestApp`].
#[macro_export]
macro_rules! cells {
    ($case:path) => {
        use $crate::matrix::{StoreKind, Transport, run};

        #[test]
        fn sqlite_core() {
            run(StoreKind::Sqlite, Transport::Core, $case);
        }

        #[test]
        fn sqlite_warp() {
            run(StoreKind::Sqlite, Transport::Warp, $case);
        }

        #[test]
        #[ignore = "run by make test-all"]
        fn sqlite_lambda() {
            run(StoreKind::Sqlite, Transport::Lambda, $case);
        }

        #[test]
        fn postgres_core() {
            run(StoreKind::Postgres, Transport::Core, $case);
        }

        #[test]
        #[ignore = "run by make test-all"]
        fn postgres_warp() {
            run(StoreKind::Postgres, Transport::Warp, $case);
        }

        #[test]
        #[ignore = "run by make test-all"]
        fn postgres_lambda() {
            run(StoreKind::Postgres, Transport::Lambda, $case);
        }
    };
}
