//! Settings with which there is nothing to serve: the process ends, with a sentence about the way out.

use atelier_core::DatabaseUrl;
use atelier_test_support::runtime_api::{Ended, Lambda, http_event};

use crate::{ask, bootstrap, fill, function, get, packed};

/// What a process leaves behind that must not start.
async fn refused(lambda: Lambda) -> Ended {
    let ended = lambda.first_poll().await.expect_err("it starts");
    assert!(!ended.status.success(), "{ended:?}");
    assert!(
        ended.status.code().is_some(),
        "ended by a signal: {ended:?}"
    );
    assert!(
        !ended.log.contains("panicked") && !ended.log.contains("RUST_BACKTRACE"),
        "{}",
        ended.log
    );
    ended
}

#[tokio::test]
async fn without_a_database_it_names_the_setting() {
    for environment in [&[][..], &[("DATABASE_URL", "")]] {
        let ended = refused(bootstrap(environment).await).await;
        assert!(ended.log.contains("DATABASE_URL"), "{}", ended.log);
    }
}

#[tokio::test]
async fn tokens_are_read_as_the_server_reads_them() {
    let (url, _folder) = packed().await;
    let with =
        async |tokens| bootstrap(&[("DATABASE_URL", &*url), ("ATELIER_TOKEN", tokens)]).await;
    for commas in [",", " , "] {
        let ended = refused(with(commas).await).await;
        assert_eq!(ended.status.code(), Some(2), "{ended:?}");
        let words = "ATELIER_TOKEN names no token";
        assert!(ended.log.contains(words), "{}", ended.log);
    }
    let lambda = with("first, second").await;
    for (token, status) in [("first", 200), ("second", 200), ("third", 401)] {
        let shown = [("authorization", token)];
        let reply = ask(&lambda, http_event("GET", "/products/501", &shown, b"")).await;
        assert_eq!(reply.status, status, "{token}");
    }
    let open = with("").await;
    assert_eq!(get(&open, "/products/501").await.status, 200);
}

#[tokio::test]
async fn a_url_of_something_else_is_not_repeated() {
    let ended = refused(function("mysql://shop:canary@db/shop").await).await;
    assert!(
        ended.log.contains("postgres://USER:PASSWORD@HOST"),
        "{}",
        ended.log
    );
    assert!(!ended.log.contains("canary"), "{}", ended.log);
}

#[tokio::test]
async fn a_file_that_would_be_written_is_refused_with_the_way_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("shop.db");
    fill(&DatabaseUrl::sqlite(&path)).await;
    let before = std::fs::read(&path).expect("the file");
    let ended = refused(function(&format!("sqlite:{}", path.display())).await).await;
    assert!(ended.log.contains("?mode=ro"), "{}", ended.log);
    assert_eq!(std::fs::read(&path).expect("the file"), before);
}

#[tokio::test]
async fn a_file_that_is_not_there_is_named_and_not_made() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("none.db");
    let ended = refused(function(&format!("sqlite:{}?mode=ro", path.display())).await).await;
    assert!(ended.log.contains("none.db"), "{}", ended.log);
    assert!(!path.exists());
}

#[tokio::test]
async fn a_file_of_something_else_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("letter.db");
    std::fs::write(&path, "Dear reader, ".repeat(1_000)).expect("written");
    let ended = refused(function(&format!("sqlite:{}?mode=ro", path.display())).await).await;
    assert!(ended.log.contains("letter.db"), "{}", ended.log);
}

#[tokio::test]
async fn a_path_is_relative_to_the_folder_of_the_function() {
    let (_, folder) = packed().await;
    let program = folder.path().join("bootstrap");
    // A link, not a copy: a file that is being written can't be run.
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_bootstrap"), &program).expect("a link");
    let environment = [("DATABASE_URL", "sqlite:shop.db?mode=ro")];
    let lambda = Lambda::start(&program, &environment)
        .await
        .expect("it is there");
    assert_eq!(get(&lambda, "/products/501").await.status, 200);
}
