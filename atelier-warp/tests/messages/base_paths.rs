//! Where the API can be, and where not.

use crate::program::Server;
use crate::{assert_refused, home, program_in};

#[test]
fn the_api_is_where_nothing_else_is() {
    for (arguments, words) in [
        (
            ["--base-path", "/,/docs/v1"],
            "--base-path can't be `/docs/v1`.\n\
             It must be a path of its own, and /docs is the server's, for its probes and pages.\n\
             Give such as: --base-path /shop\n",
        ),
        (
            ["--base-path", "/products"],
            "--base-path can't be `/products`.\n\
             It must be a path of its own, and /products is the API's.\n\
             Give such as: --base-path /shop\n",
        ),
        (
            ["--base-path", "/a%20shop"],
            "--base-path can't be `/a%20shop`.\n\
             It must be a path of segments of letters, digits, - _ . and ~, or {name} for any.\n\
             Give such as: --base-path /shop\n",
        ),
    ] {
        assert_refused(&mut program_in(&home(), &arguments), words, 2);
    }
}

#[test]
fn pages_need_the_api_at_the_root() {
    assert_refused(
        &mut program_in(&home(), &["--base-path", "/shop", "--pages"]),
        "--pages can't be on.\n\
         The pages ask the API at the root, and --base-path has no / in it.\n\
         Give such as: --base-path /,/shop, or leave --pages out\n",
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
