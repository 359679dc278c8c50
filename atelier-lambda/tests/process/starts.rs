//! Invalid settings: the process exits with a message that says what to change.

use atelier_core::DatabaseUrl;
use atelier_test_support::runtime_api::{Ended, Lambda, http_event};

use crate::{ask, bootstrap, fill, function, get, packed};

/// Waits for the exit of a process that must not start.
async fn exit_of(lambda: Lambda) -> Ended {
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
async fn missing_database_url_is_reported() {
    for environment in [&[][..], &[("DATABASE_URL", "")]] {
        let ended = exit_of(bootstrap(environment).await).await;
        assert!(ended.log.contains("DATABASE_URL"), "{}", ended.log);
    }
}

#[tokio::test]
async fn tokens_are_parsed_as_by_the_server() {
    let (url, _folder) = packed().await;
    let with =
        async |tokens| bootstrap(&[("DATABASE_URL", &*url), ("ATELIER_TOKEN", tokens)]).await;
    for commas in [",", " , "] {
        let ended = exit_of(with(commas).await).await;
        assert_eq!(ended.status.code(), Some(2), "{ended:?}");
        let words = "ATELIER_TOKEN contains no token";
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
async fn url_of_another_database_is_not_quoted() {
    let ended = exit_of(function("mysql://shop:canary@db/shop").await).await;
    assert!(
        ended.log.contains("postgres://USER:PASSWORD@HOST"),
        "{}",
        ended.log
    );
    assert!(!ended.log.contains("canary"), "{}", ended.log);
}

#[tokio::test]
async fn writable_file_is_refused_with_a_hint() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("shop.db");
    fill(&DatabaseUrl::sqlite(&path)).await;
    let before = std::fs::read(&path).expect("the file");
    let ended = exit_of(function(&format!("sqlite:{}", path.display())).await).await;
    assert!(ended.log.contains("?mode=ro"), "{}", ended.log);
    assert_eq!(std::fs::read(&path).expect("the file"), before);
}

#[tokio::test]
async fn missing_file_is_reported_and_not_created() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("none.db");
    let ended = exit_of(function(&format!("sqlite:{}?mode=ro", path.display())).await).await;
    assert!(ended.log.contains("none.db"), "{}", ended.log);
    assert!(!path.exists());
}

#[tokio::test]
async fn file_of_another_format_is_reported() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("letter.db");
    std::fs::write(&path, "Dear reader, ".repeat(1_000)).expect("written");
    let ended = exit_of(function(&format!("sqlite:{}?mode=ro", path.display())).await).await;
    assert!(ended.log.contains("letter.db"), "{}", ended.log);
}

#[tokio::test]
async fn path_is_relative_to_the_folder_of_the_function() {
    let (_, folder) = packed().await;
    let program = folder.path().join("bootstrap");
    // A link instead of a copy: a concurrent fork could keep the copy open for writing, so that it could not be executed.
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_bootstrap"), &program).expect("a link");
    let environment = [("DATABASE_URL", "sqlite:shop.db?mode=ro")];
    let lambda = Lambda::start(&program, &environment)
        .await
        .expect("it is there");
    assert_eq!(get(&lambda, "/products/501").await.status, 200);
}
