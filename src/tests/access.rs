//! Access control: protected pages and functions are closed to visitors who are not signed in.

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
async fn visitors_are_redirected_to_sign_in_whatever_they_accept() {
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
            let response = app.anon().request(method, "/").accept(kind).send().await;
            response.leads_to("/login?next=%2F");
            assert_eq!(response.set_cookies(), [""; 0], "{kind}");
        }
    }
}

#[tokio::test]
async fn the_redirect_to_sign_in_has_no_body() {
    let app = TestApp::start().await;
    for accept in ["", "Accept: text/html\r\n", "Accept: application/json\r\n"] {
        let mut connection = app.connect().await;
        connection
            .send(format!("GET / HTTP/1.1\r\nHost: localhost\r\n{accept}Connection: close\r\n\r\n"))
            .await;
        let response = connection.read_to_end().await;
        assert_eq!(status(&response), 303);
        assert!(response.contains("\r\nlocation: /login?next=%2F\r\n"), "{response}");
        assert!(response.contains("\r\ncontent-length: 0\r\n"), "{response}");
        assert_eq!(
            response.find("\r\n\r\n"),
            Some(response.len() - 4),
            "a body follows the head: {response}"
        );
    }
}

#[tokio::test]
async fn no_protected_page_or_function_is_open_to_visitors() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let ended = alice.copy();
    alice.sign_out().await;
    let anonymous = app.with_anonymous_session(&Key::new("colour"), "red").await;

    for visitor in [app.anon(), ended, anonymous] {
        for page in pages::all().iter().filter(|page| is_protected(page.access)) {
            page_is_closed_to(&visitor, page.path).await;
        }
        for function in FUNCTIONS.iter().filter(|function| is_protected(function.access)) {
            function_is_closed_to(&visitor, function.path, function.page).await;
        }
    }
}

async fn page_is_closed_to(visitor: &Actor, path: &str) {
    for kind in ["text/html", "application/json", "*/*"] {
        for method in [Method::GET, Method::HEAD] {
            let response = visitor.request(method, path).accept(kind).send().await;
            assert_eq!(response.status, StatusCode::SEE_OTHER, "{path}");
            assert!(
                response.location().starts_with("/login?next="),
                "{path} redirects to {}",
                response.location()
            );
            assert_eq!(response.text(), "", "{path}");
        }
        let response = visitor.request(Method::POST, path).accept(kind).form(&[]).send().await;
        assert!(!response.status.is_success(), "POST {path} is {}", response.status);
        assert!(!response.text().contains(ALICE.name), "POST {path}");
    }
}

async fn function_is_closed_to(visitor: &Actor, path: &str, page: &str) {
    for kind in ["application/json", "*/*", "image/png"] {
        let response = visitor.request(Method::POST, path).accept(kind).form(&[]).send().await;
        assert_eq!(response.status, StatusCode::UNAUTHORIZED, "{path}");
        assert_eq!(response.header(header::CONTENT_TYPE), "application/json");
        assert_eq!(response.text(), r#""SignInRequired""#, "{path}");
    }
    let response = visitor.post(path, &[]).await;
    let sign_in = access::destination(Verdict::SignIn, page).expect("a redirect");
    response.leads_to(&sign_in);
}

#[test]
fn every_mounted_page_and_function_declares_its_access() {
    let functions = || FUNCTIONS.iter().map(|function| function.path);
    let declared: Vec<_> =
        pages::all().iter().map(|page| page.path).chain([pages::DATA]).chain(functions()).collect();
    let mounted = router::mounted();
    let undeclared: Vec<_> = mounted.iter().filter(|path| !declared.contains(path)).collect();
    assert!(undeclared.is_empty(), "not in the tables of pages and functions: {undeclared:?}");
    let unmounted: Vec<_> = declared.iter().filter(|path| !mounted.contains(path)).collect();
    assert!(unmounted.is_empty(), "declared, but not mounted: {unmounted:?}");
}

#[test]
fn every_function_names_a_page_to_return_to() {
    for function in FUNCTIONS {
        assert!(pages::find(function.page).is_some(), "{function:?}");
    }
}

#[tokio::test]
async fn every_form_posts_to_a_function_that_the_visitors_of_its_page_may_call() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let mut forms = 0;
    for page in pages::all() {
        let visitor = if is_protected(page.access) { &alice } else { &app.anon() };
        let response = visitor.get(page.path).await;
        assert_eq!(response.status, StatusCode::OK, "{page:?}");
        let tags = response.text().split("<form ").skip(1).filter_map(|form| form.split('>').next());
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
fn every_server_function_takes_only_post() {
    let functions: Vec<_> = server_fn_paths().collect();
    assert!(functions.len() >= 4, "{functions:?}");
    for (path, method) in functions {
        assert_eq!(method, Method::POST, "{path}");
        assert!(path.starts_with("/api/"), "{path} is not below /api/");
    }
}

#[tokio::test]
async fn a_get_of_a_function_redirects_to_its_page_and_does_nothing() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    for function in FUNCTIONS {
        for kind in ["text/html", "application/json"] {
            for method in [Method::GET, Method::HEAD] {
                let response = alice.request(method, function.path).accept(kind).send().await;
                response.leads_to(function.page);
                assert_eq!(response.set_cookies(), [""; 0]);
            }
            for method in [Method::PUT, Method::DELETE, Method::PATCH] {
                let response = alice.request(method, function.path).accept(kind).send().await;
                assert_eq!(response.status, StatusCode::METHOD_NOT_ALLOWED, "{}", function.path);
            }
        }
    }
    alice.is_signed_in().await;
}

#[tokio::test]
async fn a_trailing_slash_or_needless_encoding_redirects_to_the_usual_address() {
    let app = TestApp::start().await;
    for (path, target) in [
        ("/login/", "/login"),
        ("/login/?next=%2Faccount&a=b%20c", "/login?next=%2Faccount&a=b%20c"),
        ("/account/sessions/", "/account/sessions"),
        ("/account/data/", "/account/data"),
        ("/api/sign_in/?a=b", "/api/sign_in?a=b"),
        ("/.well-known/change-password/", "/.well-known/change-password"),
        ("/forgot%2Dpassword?a=%2D", "/forgot-password?a=%2D"),
        ("/%6cogin/", "/login"),
    ] {
        for method in [Method::GET, Method::HEAD] {
            let response = app.anon().request(method, path).accept("text/html").send().await;
            assert_eq!((response.status, response.location()), (StatusCode::PERMANENT_REDIRECT, target));
        }
    }
    for path in ["/login//", "//login/", "//evil.example/", "/nowhere/", "/pkg/", "/healthz/", "/%2Flogin/"] {
        let response = app.anon().get(path).await;
        assert_eq!(response.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn signed_in_users_are_redirected_away_from_sign_in() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    for path in ["/login", "/register", "/login?next=%2F%2Fevil.example", "/login?next=%2Fsession%2Fevents"] {
        alice.get(path).await.leads_to("/");
    }
    alice.get("/login?next=%2Faccount%3Fa%3Db%2520c").await.leads_to("/account?a=b%20c");
}

#[tokio::test]
async fn the_redirect_to_sign_in_preserves_the_query() {
    let app = TestApp::start().await;
    let response = app.anon().get("/?tab=2&from=mail").await;
    response.leads_to("/login?next=%2F%3Ftab%3D2%26from%3Dmail");
}

#[tokio::test]
async fn the_return_address_is_kept_byte_for_byte() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    for address in [
        "/account/activity?q=a%20b",
        "/account?",
        "/account?%",
        "/account?a=%zz&b=%C3%A9&c=%c3%a9&d=%00%0d%0a",
        "/account?next=%2Flogin&next=/register",
        "/account?a=b?c=d//e/../f&&=;,:@!$()*+",
        "/account?q='`{}|^~[]\\",
        "/account?rejected=x&signed-in=1",
    ] {
        let mut connection = app.connect().await;
        let head = "HTTP/1.1\r\nHost: localhost\r\nConnection: close";
        connection.send(format!("GET {address} {head}\r\n\r\n")).await;
        let response = connection.read_to_end().await;
        let location = response.split("location: ").nth(1).and_then(|rest| rest.split("\r\n").next());
        let (page, query) = location.and_then(|location| location.split_once('?')).expect("a query");
        assert_eq!(page, "/login", "{address}");
        let next = url::form_urlencoded::parse(query.as_bytes()).next().expect("a return address").1;
        let fields = [("email", ALICE.email), ("password", ALICE.password), ("next", next.as_ref())];
        app.anon().post("/api/sign_in", &fields).await.leads_to(address);
        alice.post("/api/confirm", &fields[1..]).await.leads_to(address);
    }
}

/// Whether it is closed to visitors who are not signed in.
fn is_protected(access: Access) -> bool {
    matches!(access, Access::SignedIn | Access::RecentlyAuthenticated | Access::Admin)
}
