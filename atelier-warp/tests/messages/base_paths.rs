//! Base paths and pages.

use crate::program::Server;
use crate::{assert_fails, home, program_in};

#[test]
fn pages_need_the_api_at_the_root() {
    assert_fails(
        &mut program_in(&home(), &["--base-path", "/shop", "--pages"]),
        "--pages cannot be on.\n\
         The pages request the API at the root, and --base-path lacks /.\n\
         Add it, as in --base-path /,/shop, or omit --pages.\n",
        2,
    );
    let home = home();
    let server = Server::start(&mut program_in(
        &home,
        &["--base-path", "/shop", "--demo", "1"],
    ));
    for (target, status) in [
        ("/shop/products/1", 200),
        ("/shop/openapi.json", 200),
        ("/", 404),
        ("/docs", 404),
    ] {
        let answer = server.get(target);
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{target}: {answer}"
        );
    }
    let products = format!("Products     http://{}/shop/products", server.address);
    let (_, words) = server.stop("INT");
    assert!(words.contains(&products), "{words}");
}
