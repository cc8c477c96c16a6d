//! Nobody gets a byte of what is not theirs to see.

use http::{Method, StatusCode, header};
use leptos::server_fn::axum::server_fn_paths;
use vestibule::{
    access::{self, Access, Verdict},
    api::FUNCTIONS,
    pages,
    server::{http::router, sessions::Key},
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
            let answer = app.anon().request(method, "/").accept(kind).send().await;
            answer.leads_to("/login?next=%2F");
            assert_eq!(answer.set_cookies(), [""; 0], "{kind}");
        }
    }
}

#[tokio::test]
async fn strangers_get_a_head_and_no_byte_more() {
    let app = TestApp::start().await;
    for accept in ["", "Accept: text/html\r\n", "Accept: application/json\r\n"] {
        let mut connection = app.connect().await;
        connection.send(format!("GET / HTTP/1.1\r\nHost: localhost\r\n{accept}Connection: close\r\n\r\n")).await;
        let answer = connection.read_to_end().await;
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
    let anonymous = app.anonymous(&Key::new("colour"), "red").await;

    for stranger in [app.anon(), ended, anonymous] {
        for page in pages::all().iter().filter(|page| is_protected(page.access)) {
            gets_nothing_of_page(&stranger, page.path).await;
        }
        for function in FUNCTIONS.iter().filter(|function| is_protected(function.access)) {
            gets_nothing_of_function(&stranger, function.path, function.page).await;
        }
    }
}

async fn gets_nothing_of_page(stranger: &Actor, path: &str) {
    for kind in ["text/html", "application/json", "*/*"] {
        for method in [Method::GET, Method::HEAD] {
            let answer = stranger.request(method, path).accept(kind).send().await;
            assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
            assert!(answer.location().starts_with("/login?next="), "{path} leads to {}", answer.location());
            assert_eq!(answer.text(), "", "{path}");
        }
        let answer = stranger.request(Method::POST, path).accept(kind).form(&[]).send().await;
        assert!(!answer.status.is_success(), "POST {path} is {}", answer.status);
        assert!(!answer.text().contains(ALICE.name), "POST {path}");
    }
}

async fn gets_nothing_of_function(stranger: &Actor, path: &str, page: &str) {
    for kind in ["application/json", "*/*", "image/png"] {
        let answer = stranger.request(Method::POST, path).accept(kind).form(&[]).send().await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
        assert_eq!(answer.header(header::CONTENT_TYPE), "application/json");
        assert_eq!(answer.text(), r#""SignInRequired""#, "{path}");
    }
    let answer = stranger.post(path, &[]).await;
    let sign_in = access::destination(Verdict::SignIn, page).expect("a way");
    answer.leads_to(&sign_in);
}

#[test]
fn every_mounted_page_and_function_declares_its_access() {
    let functions = || FUNCTIONS.iter().map(|function| function.path);
    let declared: Vec<_> = pages::all().iter().map(|page| page.path).chain(functions()).collect();
    let mounted = router::mounted();
    let undeclared: Vec<_> = mounted.iter().filter(|path| !declared.contains(path)).collect();
    assert!(undeclared.is_empty(), "in no table of pages and functions: {undeclared:?}");
    let gone: Vec<_> = declared.iter().filter(|path| !mounted.contains(path)).collect();
    assert!(gone.is_empty(), "declared, but mounted nowhere: {gone:?}");
}

#[test]
fn every_function_has_a_page_to_come_back_to() {
    for function in FUNCTIONS {
        assert!(pages::find(function.page).is_some(), "{function:?}");
    }
}

#[tokio::test]
async fn every_form_of_every_page_posts_to_a_function_that_its_visitors_may_call() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let mut forms = 0;
    for page in pages::all() {
        let visitor = if is_protected(page.access) { &alice } else { &app.anon() };
        let answer = visitor.get(page.path).await;
        assert_eq!(answer.status, StatusCode::OK, "{page:?}");
        let tags = answer.text().split("<form ").skip(1).filter_map(|form| form.split('>').next());
        for tag in tags.filter(|tag| !tag.contains("method=\"dialog\"")) {
            let action = tag.split("action=\"").nth(1).and_then(|rest| rest.split('"').next());
            let action = action.expect("an address");
            let function = FUNCTIONS.iter().find(|function| function.path == action);
            let function = function.unwrap_or_else(|| panic!("{page:?}: {action} is no function"));
            assert!(tag.contains("method=\"post\""), "{page:?}: <form {tag}>");
            assert!(is_protected(page.access) || !is_protected(function.access), "{page:?}: {function:?}");
            forms += 1;
        }
    }
    assert!(forms > pages::all().len(), "{forms} forms");
}

#[test]
fn every_server_function_is_called_by_post_alone() {
    let functions: Vec<_> = server_fn_paths().collect();
    assert!(functions.len() >= 4, "{functions:?}");
    for (path, method) in functions {
        assert_eq!(method, Method::POST, "{path}");
        assert!(path.starts_with("/api/"), "{path} is not where functions live");
    }
}

#[tokio::test]
async fn asking_for_the_address_of_a_form_leads_to_the_form_and_does_nothing() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    for function in FUNCTIONS {
        for kind in ["text/html", "application/json"] {
            for method in [Method::GET, Method::HEAD] {
                let answer = alice.request(method, function.path).accept(kind).send().await;
                answer.leads_to(function.page);
                assert_eq!(answer.set_cookies(), [""; 0]);
            }
            for method in [Method::PUT, Method::DELETE, Method::PATCH] {
                let answer = alice.request(method, function.path).accept(kind).send().await;
                assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{}", function.path);
            }
        }
    }
    alice.is_signed_in().await;
}

#[tokio::test]
async fn a_slash_too_many_leads_to_the_page() {
    let app = TestApp::start().await;
    for (asked, found) in [
        ("/login/", "/login"),
        ("/login/?next=%2Faccount&a=b%20c", "/login?next=%2Faccount&a=b%20c"),
        ("/account/sessions/", "/account/sessions"),
    ] {
        for method in [Method::GET, Method::HEAD] {
            let answer = app.anon().request(method, asked).accept("text/html").send().await;
            assert_eq!((answer.status, answer.location()), (StatusCode::PERMANENT_REDIRECT, found));
        }
    }
    for path in
        ["/login//", "//login/", "//evil.example/", "/nowhere/", "/api/sign_in/", "/pkg/", "/healthz/"]
    {
        let answer = app.anon().get(path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn those_who_are_signed_in_have_no_business_at_the_door() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    for path in ["/login", "/register", "/login?next=%2F%2Fevil.example", "/login?next=%2Fsession%2Fevents"] {
        alice.get(path).await.leads_to("/");
    }
    alice.get("/login?next=%2Faccount%3Fa%3Db%2520c").await.leads_to("/account?a=b%20c");
}

#[tokio::test]
async fn the_way_to_sign_in_remembers_the_query() {
    let app = TestApp::start().await;
    let answer = app.anon().get("/?tab=2&from=mail").await;
    answer.leads_to("/login?next=%2F%3Ftab%3D2%26from%3Dmail");
}

/// Whether strangers may not see it.
fn is_protected(access: Access) -> bool {
    matches!(access, Access::SignedIn | Access::RecentlyAuthenticated | Access::Admin)
}
