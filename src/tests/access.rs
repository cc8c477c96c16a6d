//! Nobody gets a byte of what is not theirs to see.

use http::{Method, StatusCode, header};
use leptos::server_fn::axum::server_fn_paths;
use vestibule::{
    access::{self, Access, Verdict},
    server::router,
};

use crate::support::{ALICE, Actor, TestApp, status};

#[tokio::test]
async fn strangers_are_sent_to_sign_in_whatever_they_accept() {
    let app = TestApp::start().await;
    let kinds = [
        "text/html",
        "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        "application/json",
        "*/*",
        "image/png",
        "nonsense",
        "",
    ];
    for kind in kinds {
        for method in [Method::GET, Method::HEAD] {
            let answer = app.anon().ask(method, "/").accept(kind).send().await;
            answer.leads_to("/login?next=%2F");
            assert_eq!(answer.set_cookies(), [""; 0], "{kind}");
        }
    }
}

#[tokio::test]
async fn strangers_get_a_head_and_no_byte_more() {
    let app = TestApp::start().await;
    for accept in ["", "Accept: text/html\r\n", "Accept: application/json\r\n"] {
        let mut wire = app.wire().await;
        wire.send(format!("GET / HTTP/1.1\r\nHost: localhost\r\n{accept}Connection: close\r\n\r\n")).await;
        let answer = wire.rest().await;
        assert_eq!(status(&answer), 303);
        assert!(answer.contains("\r\nlocation: /login?next=%2F\r\n"), "{answer}");
        assert!(answer.contains("\r\ncontent-length: 0\r\n"), "{answer}");
        assert_eq!(answer.find("\r\n\r\n"), Some(answer.len() - 4), "something follows the head: {answer}");
    }
}

#[tokio::test]
async fn strangers_get_nothing_of_any_protected_page_or_function() {
    let app = TestApp::start().await;
    let anybody = app.alice().await;
    let ended = anybody.copy();
    anybody.sign_out().await;
    let nameless = app.anon();
    nameless.fail_to_sign_in(ALICE.email).await;
    assert!(nameless.cookie().is_some(), "has a session without an account");

    for stranger in [app.anon(), ended, nameless] {
        for path in protected() {
            if access::is_function(&path) {
                gets_nothing_of_function(&stranger, &path).await;
            } else {
                gets_nothing_of_page(&stranger, &path).await;
            }
        }
    }
}

async fn gets_nothing_of_page(stranger: &Actor, path: &str) {
    for kind in ["text/html", "application/json", "*/*"] {
        for method in [Method::GET, Method::HEAD] {
            let answer = stranger.ask(method, path).accept(kind).send().await;
            assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
            assert!(answer.location().starts_with("/login?next="), "{path} leads to {}", answer.location());
            assert_eq!(answer.text(), "", "{path}");
        }
        let answer = stranger.ask(Method::POST, path).accept(kind).form(&[]).send().await;
        assert!(!answer.status.is_success(), "POST {path} is {}", answer.status);
        assert!(!answer.text().contains(ALICE.name), "POST {path}");
    }
}

async fn gets_nothing_of_function(stranger: &Actor, path: &str) {
    for kind in ["application/json", "*/*", "image/png"] {
        let answer = stranger.ask(Method::POST, path).accept(kind).form(&[]).send().await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
        assert_eq!(answer.header(header::CONTENT_TYPE), "application/json");
        assert_eq!(answer.text(), r#""SignInRequired""#, "{path}");
    }
    let answer = stranger.post(path, &[]).await;
    let sign_in = access::destination(Verdict::SignIn, access::page_of(path)).expect("a way");
    answer.leads_to(&sign_in);
}

#[test]
fn every_mounted_page_and_function_declares_its_access() {
    let mounted = router::mounted();
    assert!(mounted.len() >= access::patterns().count(), "{mounted:?}");
    let undeclared: Vec<_> = mounted.iter().filter(|path| access::of(path).is_none()).collect();
    assert!(undeclared.is_empty(), "no line in the table of access.rs for {undeclared:?}");
}

#[test]
fn every_declared_access_is_of_something_mounted() {
    let mounted = router::mounted();
    let gone: Vec<_> =
        access::patterns().filter(|(pattern, _)| !mounted.iter().any(|path| path == pattern)).collect();
    assert!(gone.is_empty(), "declared in access.rs, but mounted nowhere: {gone:?}");
}

#[test]
fn every_server_function_is_called_by_post_alone() {
    let functions: Vec<_> = server_fn_paths().collect();
    assert!(functions.len() >= 4, "{functions:?}");
    for (path, method) in functions {
        assert_eq!(method, Method::POST, "{path}");
        assert!(access::is_function(path), "{path} is not where functions live");
    }
}

#[tokio::test]
async fn calling_a_function_by_get_does_nothing() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    for (path, _) in server_fn_paths() {
        for kind in ["text/html", "application/json"] {
            for method in [Method::GET, Method::HEAD, Method::PUT, Method::DELETE] {
                let answer = alice.ask(method.clone(), path).accept(kind).send().await;
                let refused = [StatusCode::METHOD_NOT_ALLOWED, StatusCode::NOT_FOUND];
                assert!(refused.contains(&answer.status), "{method} {path} is {}", answer.status);
                assert_eq!(answer.set_cookies(), [""; 0]);
            }
        }
    }
    alice.is_signed_in().await;
}

#[tokio::test]
async fn those_who_are_signed_in_have_no_business_at_the_door() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    for path in ["/login", "/register", "/login?next=%2F%2Fevil.example"] {
        alice.get(path).await.leads_to("/");
    }
}

#[tokio::test]
async fn the_way_to_sign_in_remembers_the_query() {
    let app = TestApp::start().await;
    let answer = app.anon().get("/?tab=2&from=mail").await;
    answer.leads_to("/login?next=%2F%3Ftab%3D2%26from%3Dmail");
}

/// Every path that strangers may not see, with something in the place of its parameters.
fn protected() -> Vec<String> {
    let guarded = [Access::SignedIn, Access::Fresh, Access::Admin];
    let paths: Vec<_> = access::patterns()
        .filter(|(_, access)| guarded.contains(access))
        .map(|(pattern, _)| pattern.split('/').map(concrete).collect::<Vec<_>>().join("/"))
        .collect();
    assert!(paths.len() >= 3, "{paths:?}");
    paths
}

fn concrete(segment: &str) -> &str {
    if segment.starts_with('{') { "something" } else { segment }
}
