//! Cross-site request forgery.

use http::{Method, StatusCode};

use crate::support::{ALICE, Actor, ActorRequest, TestApp, TestResponse, encode};

/// Headers of requests from other sites.
const CROSS_SITE: [&[(&str, &str)]; 7] = [
    &[("sec-fetch-site", "cross-site")],
    &[("sec-fetch-site", "same-site")],
    &[("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")],
    &[("sec-fetch-site", "nonsense")],
    &[("origin", "https://evil.example")],
    &[("origin", "null")],
    &[("origin", "http://localhost.evil.example:3000")],
];

/// Headers of requests from this site or the address bar, and of clients that send none of these.
const SAME_ORIGIN: [&[(&str, &str)]; 5] = [
    &[("sec-fetch-site", "same-origin"), ("origin", "http://localhost:3000")],
    &[("sec-fetch-site", "same-origin")],
    &[("sec-fetch-site", "none")],
    &[("origin", "http://localhost:3000")],
    &[],
];

const REGISTRATION: [(&str, &str); 3] =
    [("name", "Mallory"), ("email", "mallory@example.org"), ("password", "chosen by another site")];
const SIGN_IN: [(&str, &str); 2] = [("email", ALICE.email), ("password", ALICE.password)];

async fn post(actor: &Actor, path: &str, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> TestResponse {
    with(actor.request(Method::POST, path).accept("text/html").form(fields), headers).send().await
}

fn with<'a>(request: ActorRequest<'a>, headers: &[(&str, &str)]) -> ActorRequest<'a> {
    headers.iter().fold(request, |request, (name, value)| request.header(name, value))
}

#[tokio::test]
async fn cross_site_sign_in_is_refused() {
    let app = TestApp::start().await;
    app.alice().await;
    for headers in CROSS_SITE {
        let victim = app.anon();
        let response = post(&victim, "/api/sign_in", &SIGN_IN, headers).await;
        assert_eq!(response.status, StatusCode::FORBIDDEN, "{headers:?}");
        assert_eq!(response.set_cookies(), [""; 0], "{headers:?}");
    }
}

#[tokio::test]
async fn cross_site_registration_is_refused() {
    let app = TestApp::start().await;
    for headers in CROSS_SITE {
        let response = post(&app.anon(), "/api/register", &REGISTRATION, headers).await;
        assert_eq!(response.status, StatusCode::FORBIDDEN, "{headers:?}");
    }
    assert_eq!(app.number("SELECT count(*) FROM accounts").await, 0);
}

#[tokio::test]
async fn cross_site_sign_out_is_refused() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    for headers in CROSS_SITE {
        let response = post(&alice, "/api/sign_out", &[], headers).await;
        assert_eq!(response.status, StatusCode::FORBIDDEN, "{headers:?}");
        assert_eq!(response.set_cookies(), [""; 0], "{headers:?}");
        alice.is_signed_in().await;
    }
}

#[tokio::test]
async fn cross_site_requests_without_a_cors_preflight_are_refused() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    for kind in ["text/plain", "multipart/form-data; boundary=x", "application/json"] {
        for function in ["/api/sign_in", "/api/register", "/api/sign_out"] {
            let request = alice.request(Method::POST, function).header("content-type", kind);
            let response = request.header("sec-fetch-site", "cross-site").send().await;
            assert_eq!(response.status, StatusCode::FORBIDDEN, "{kind} to {function}");
        }
    }
    alice.is_signed_in().await;
}

#[tokio::test]
async fn forms_of_this_site_are_accepted() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    for headers in SAME_ORIGIN {
        alice.sign_in(ALICE).await;
        let browser = app.anon();
        post(&browser, "/api/sign_in", &SIGN_IN, headers).await.leads_to("/");
        browser.is_signed_in().await;
        post(&browser, "/api/sign_out", &[], headers).await.leads_to("/login");
        browser.is_signed_out().await;
    }
    post(&app.anon(), "/api/register", &REGISTRATION, SAME_ORIGIN[0]).await.leads_to("/");
}

#[tokio::test]
async fn the_public_url_is_the_accepted_origin() {
    let app = TestApp::start_https().await;
    app.alice().await;
    let headers = [("origin", "https://app.example")];
    post(&app.anon(), "/api/sign_in", &SIGN_IN, &headers).await.leads_to("/");
    for origin in ["https://app.example:8443", "https://www.app.example", "http://app.example"] {
        let response = post(&app.anon(), "/api/sign_in", &SIGN_IN, &[("origin", origin)]).await;
        assert_eq!(response.status, StatusCode::FORBIDDEN, "{origin}");
    }
}

#[tokio::test]
async fn links_from_other_sites_work() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let link = [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")];
    let response = with(alice.request(Method::GET, "/").accept("text/html"), &link).send().await;
    response.shows(ALICE.name);
}

#[tokio::test]
async fn the_refusal_is_a_page_for_browsers_and_plain_text_for_others() {
    let app = TestApp::start().await;
    let headers = [("sec-fetch-site", "cross-site")];
    let page = post(&app.anon(), "/api/sign_in", &SIGN_IN, &headers).await;
    assert!(page.text().contains("You don't have access to this page"), "{}", page.text());
    assert!(page.text().contains("<html"), "{}", page.text());

    let anon = app.anon();
    let request = anon.request(Method::POST, "/api/sign_in").accept("*/*").body(encode(&SIGN_IN));
    let plain = with(request, &headers).send().await;
    assert_eq!(plain.status, StatusCode::FORBIDDEN);
    assert!(!plain.text().contains('<'), "{}", plain.text());
}
