//! Cross-site request forgery.

use http::{Method, StatusCode, header};
use vestibule::{
    api::FUNCTIONS,
    model::{AppError, FormOutcome},
};

use crate::support::{ALICE, Actor, ActorRequest, TestApp, TestResponse, encode};

/// Headers of a request, in their order.
type Headers = &'static [(&'static str, &'static str)];

const OWN: &str = "http://localhost:3000";

/// Requests that are refused, with and without a session.
const CROSS_SITE: [Headers; 24] = [
    &[("sec-fetch-site", "cross-site")],
    &[("sec-fetch-site", "same-site")],
    &[("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")],
    &[("sec-fetch-site", "cross-site"), ("origin", OWN)],
    &[("sec-fetch-site", "same-site"), ("origin", OWN)],
    &[("sec-fetch-site", "nonsense")],
    &[("sec-fetch-site", "")],
    &[("sec-fetch-site", "Same-Origin")],
    // The page was opened at another address of this server, or the headers were made up.
    &[("sec-fetch-site", "same-origin"), ("origin", "http://127.0.0.1:3000")],
    &[("sec-fetch-site", "same-origin"), ("origin", "https://evil.example")],
    // A refused form that is sent again by reloading.
    &[("sec-fetch-site", "none"), ("origin", "https://evil.example")],
    &[("sec-fetch-site", "none"), ("origin", "null")],
    &[("origin", "https://evil.example")],
    &[("origin", "null")],
    &[("origin", "")],
    &[("origin", "http://localhost.evil.example:3000")],
    &[("origin", "https://localhost:3000")],
    &[("origin", "http://localhost")],
    &[("origin", "http://localhost:3000/")],
    &[("origin", "HTTP://LOCALHOST:3000")],
    &[("origin", "http://127.0.0.1:3000")],
    &[("sec-fetch-site", "same-origin"), ("sec-fetch-site", "same-origin")],
    &[("sec-fetch-site", "same-origin"), ("origin", OWN), ("origin", "https://evil.example")],
    &[("origin", OWN), ("origin", OWN)],
];

/// Requests of pages of this site, and of people.
const OWN_SITE: [Headers; 6] = [
    &[("sec-fetch-site", "same-origin"), ("origin", OWN)],
    &[("sec-fetch-site", "same-origin")],
    // An extension or a proxy has set the policy `no-referrer`.
    &[("sec-fetch-site", "same-origin"), ("origin", "null")],
    &[("sec-fetch-site", "none"), ("origin", OWN)],
    &[("sec-fetch-site", "none")],
    &[("origin", OWN)],
];

/// Without either header: refused with a session cookie, even one that does not verify.
const UNKNOWN: [Headers; 3] =
    [&[], &[("referer", "https://evil.example/")], &[("referer", "http://localhost:3000/account")]];

const UNSAFE: [&str; 7] = ["POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "get"];
const CONTENT_TYPES: [&str; 6] = [
    "application/x-www-form-urlencoded",
    "text/plain",
    "multipart/form-data; boundary=x",
    "application/json",
    "application/octet-stream",
    "",
];

const REGISTRATION: [(&str, &str); 3] =
    [("name", "Mallory"), ("email", "mallory@example.org"), ("password", "chosen by another site")];
const SIGN_IN: [(&str, &str); 2] = [("email", ALICE.email), ("password", ALICE.password)];
const RENAME: [(&str, &str); 1] = [("name", "Mallory")];

async fn post(actor: &Actor, path: &str, fields: &[(&str, &str)], headers: Headers) -> TestResponse {
    with(actor.request(Method::POST, path).accept("text/html").form(fields), headers).send().await
}

fn with<'a>(request: ActorRequest<'a>, headers: Headers) -> ActorRequest<'a> {
    headers.iter().fold(request.without_origin(), |request, (name, value)| request.header(name, value))
}

#[tokio::test]
async fn whatever_the_method_the_content_type_and_the_path() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    for method in UNSAFE {
        let method: Method = method.parse().expect("a method");
        for kind in CONTENT_TYPES {
            for path in ["/api/rename", "/account", "/nowhere", "/healthz", "/favicon.svg"] {
                let request = alice.request(method.clone(), path).header("content-type", kind);
                let refused = with(request, &[("sec-fetch-site", "cross-site")]).send().await;
                assert_eq!(refused.status, StatusCode::FORBIDDEN, "{method} {kind} {path}");
            }
        }
    }
    for method in [Method::GET, Method::HEAD] {
        let request = alice.request(method, "/account").accept("text/html");
        let link = with(request, &[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")]);
        assert_eq!(link.send().await.status, StatusCode::OK, "a link from another site");
    }
}

#[tokio::test]
async fn what_comes_from_another_site_is_refused() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    for headers in CROSS_SITE.into_iter().chain(UNKNOWN) {
        for kind in CONTENT_TYPES {
            let request = alice.request(Method::POST, "/api/rename").accept("text/html");
            let request = request.header("content-type", kind).raw_body(encode(&RENAME));
            let refused = with(request, headers).send().await;
            assert_eq!(refused.status, StatusCode::FORBIDDEN, "{headers:?} {kind}");
            assert_eq!(refused.set_cookies(), [""; 0], "{headers:?}");
        }
    }
    alice.get("/account").await.hides("Mallory");
    for headers in OWN_SITE {
        post(&alice, "/api/rename", &RENAME, headers).await.leads_to("/account");
        alice.get("/account").await.shows("Mallory");
        post(&alice, "/api/rename", &[("name", "Alice")], headers).await.leads_to("/account");
    }
}

#[tokio::test]
async fn nobody_is_signed_in_registered_or_signed_out_by_another_site() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    for headers in CROSS_SITE {
        for (path, fields) in [("/api/sign_in", &SIGN_IN[..]), ("/api/register", &REGISTRATION)] {
            let refused = post(&app.anon(), path, fields, headers).await;
            assert_eq!(
                (refused.status, refused.set_cookies()),
                (StatusCode::FORBIDDEN, vec![]),
                "{headers:?}"
            );
        }
        let refused = post(&alice, "/api/sign_out", &[], headers).await;
        assert_eq!((refused.status, refused.set_cookies()), (StatusCode::FORBIDDEN, vec![]), "{headers:?}");
        alice.is_signed_in().await;
    }
    assert_eq!(app.number("SELECT count(*) FROM accounts").await, 1);
}

#[tokio::test]
async fn pages_of_this_site_sign_in_and_out() {
    let app = TestApp::start().await;
    app.alice().await;
    for headers in OWN_SITE {
        let browser = app.anon();
        post(&browser, "/api/sign_in", &SIGN_IN, headers).await.leads_to("/");
        post(&browser, "/api/sign_out", &[], headers).await.leads_to("/login");
        browser.is_signed_out().await;
    }
    post(&app.anon(), "/api/register", &REGISTRATION, OWN_SITE[0]).await.leads_to("/");
}

#[tokio::test]
async fn a_request_that_does_not_say_where_it_comes_from_must_have_no_session_cookie() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let forged = app.anon().with_cookie(Some("id_3000=nonsense".into()));
    let twice = app.anon().with_cookie(Some("a=b;id_3000=;id_3000=x".into()));
    let other = app.anon().with_cookie(Some("ID_3000=x; id_30002=y; xid_3000=z; id=w".into()));
    for headers in UNKNOWN {
        for actor in [&alice, &forged, &twice] {
            let refused = post(actor, "/api/sign_in", &SIGN_IN, headers).await;
            assert_eq!(refused.status, StatusCode::FORBIDDEN, "{headers:?}");
        }
        for actor in [&app.anon(), &other.copy()] {
            post(actor, "/api/sign_in", &SIGN_IN, headers).await.leads_to("/");
        }
    }
}

#[tokio::test]
async fn the_public_url_is_the_accepted_origin_whatever_the_host() {
    let app = TestApp::start_https().await;
    app.alice().await;
    let accepted = post(&app.anon(), "/api/sign_in", &SIGN_IN, &[("origin", "https://app.example")]).await;
    accepted.leads_to("/");
    const OTHERS: [Headers; 6] = [
        &[("origin", "https://app.example:443")],
        &[("origin", "https://app.example:8443")],
        &[("origin", "https://www.app.example")],
        &[("origin", "http://app.example")],
        &[("origin", "http://app.example"), ("host", "app.example")],
        &[("origin", "https://evil.example"), ("host", "evil.example")],
    ];
    for headers in OTHERS {
        let response = post(&app.anon(), "/api/sign_in", &SIGN_IN, headers).await;
        assert_eq!(response.status, StatusCode::FORBIDDEN, "{headers:?}");
    }
}

#[tokio::test]
async fn the_refusal_says_which_address_to_use() {
    let app = TestApp::start_https().await;
    const HEADERS: Headers = &[("origin", "http://192.0.2.7")];
    let anon = app.anon();
    let page = post(&anon, "/api/sign_in", &SIGN_IN, HEADERS).await;
    assert!(page.text().contains("<html"), "{}", page.text());
    assert!(page.text().contains("a page of <strong>https://app.example</strong>"), "{}", page.text());
    assert!(page.text().contains(r#"href="https://app.example""#), "{}", page.text());

    for accept in ["application/json", "*/*"] {
        let json = with(anon.request(Method::POST, "/api/sign_in").accept(accept).form(&SIGN_IN), HEADERS);
        let json = json.send().await;
        assert_eq!((json.status, json.json::<AppError>()), (StatusCode::FORBIDDEN, AppError::CrossSite));
    }
    let plain = with(anon.request(Method::DELETE, "/account").accept("*/*"), HEADERS).send().await;
    assert_eq!(plain.header(header::CONTENT_TYPE), "text/plain; charset=utf-8");
    assert!(plain.text().ends_with("the header Origin: https://app.example\n"), "{}", plain.text());
}

#[tokio::test]
async fn no_response_has_cors_headers() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let paths = FUNCTIONS.iter().map(|function| function.path);
    for path in paths.chain(["/", "/login", "/session/events", "/healthz", "/favicon.svg", "/nowhere"]) {
        for origin in ["https://evil.example", "null", OWN] {
            let preflight = alice.request(Method::OPTIONS, path).header("origin", origin);
            let preflight = preflight
                .header("access-control-request-method", "POST")
                .header("access-control-request-headers", "content-type");
            has_no_cors_headers(&preflight.send().await);
        }
    }
    for method in [Method::GET, Method::POST] {
        let request = alice.request(method, "/api/session_status").header("origin", OWN);
        has_no_cors_headers(&request.send().await);
    }
}

#[track_caller]
fn has_no_cors_headers(response: &TestResponse) {
    let names = response.headers.keys().map(header::HeaderName::as_str);
    let cors: Vec<_> = names.filter(|name| name.starts_with("access-control-")).collect();
    assert!(cors.is_empty(), "{cors:?}");
    assert!(!response.status.is_server_error(), "{}", response.status);
}

#[tokio::test]
async fn a_program_signs_in_without_these_headers() {
    let app = TestApp::start().await;
    app.alice().await;
    let anon = app.anon();
    let request = anon.request(Method::POST, "/api/sign_in").without_origin().form(&SIGN_IN);
    assert!(matches!(request.send().await.json(), FormOutcome::Accepted { .. }));
}
