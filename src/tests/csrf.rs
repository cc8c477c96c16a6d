//! Other sites cannot act in a visitor's name.

use http::{Method, StatusCode};

use crate::support::{ALICE, Actor, TestResponse, ActorRequest, TestApp, encode};

/// What browsers say of a request that another site made them send.
const FOREIGN: [&[(&str, &str)]; 7] = [
    &[("sec-fetch-site", "cross-site")],
    &[("sec-fetch-site", "same-site")],
    &[("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")],
    &[("sec-fetch-site", "nonsense")],
    &[("origin", "https://evil.example")],
    &[("origin", "null")],
    &[("origin", "http://localhost.evil.example:3000")],
];

/// What they say of one that comes from this site, or from no site at all.
const OURS: [&[(&str, &str)]; 5] = [
    &[("sec-fetch-site", "same-origin"), ("origin", "http://localhost:3000")],
    &[("sec-fetch-site", "same-origin")],
    &[("sec-fetch-site", "none")],
    &[("origin", "http://localhost:3000")],
    &[],
];

const REGISTRATION: [(&str, &str); 3] =
    [("name", "Mallory"), ("email", "mallory@example.org"), ("password", "planted by another site")];
const SIGN_IN: [(&str, &str); 2] = [("email", ALICE.email), ("password", ALICE.password)];

async fn post(actor: &Actor, path: &str, fields: &[(&str, &str)], said: &[(&str, &str)]) -> TestResponse {
    with(actor.request(Method::POST, path).accept("text/html").form(fields), said).send().await
}

fn with<'a>(request: ActorRequest<'a>, headers: &[(&str, &str)]) -> ActorRequest<'a> {
    headers.iter().fold(request, |request, (name, value)| request.header(name, value))
}

#[tokio::test]
async fn other_sites_cannot_sign_anybody_in() {
    let app = TestApp::start().await;
    app.alice().await;
    for said in FOREIGN {
        let victim = app.anon();
        let answer = post(&victim, "/api/sign_in", &SIGN_IN, said).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{said:?}");
        assert_eq!(answer.set_cookies(), [""; 0], "{said:?}");
    }
}

#[tokio::test]
async fn other_sites_cannot_register_anybody() {
    let app = TestApp::start().await;
    for said in FOREIGN {
        let answer = post(&app.anon(), "/api/register", &REGISTRATION, said).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{said:?}");
    }
    assert_eq!(app.number("SELECT count(*) FROM accounts").await, 0);
}

#[tokio::test]
async fn other_sites_cannot_sign_anybody_out() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    for said in FOREIGN {
        let answer = post(&alice, "/api/sign_out", &[], said).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{said:?}");
        assert_eq!(answer.set_cookies(), [""; 0], "{said:?}");
        alice.is_signed_in().await;
    }
}

#[tokio::test]
async fn a_body_that_needs_no_permission_to_be_sent_is_refused_as_well() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    for kind in ["text/plain", "multipart/form-data; boundary=x", "application/json"] {
        for function in ["/api/sign_in", "/api/register", "/api/sign_out"] {
            let request = alice.request(Method::POST, function).header("content-type", kind);
            let answer = request.header("sec-fetch-site", "cross-site").send().await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{kind} to {function}");
        }
    }
    alice.is_signed_in().await;
}

#[tokio::test]
async fn forms_of_this_site_pass() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    for said in OURS {
        alice.sign_in(ALICE).await;
        let browser = app.anon();
        post(&browser, "/api/sign_in", &SIGN_IN, said).await.leads_to("/");
        browser.is_signed_in().await;
        post(&browser, "/api/sign_out", &[], said).await.leads_to("/login");
        browser.is_signed_out().await;
    }
    post(&app.anon(), "/api/register", &REGISTRATION, OURS[0]).await.leads_to("/");
}

#[tokio::test]
async fn the_public_url_is_the_origin_whatever_the_proxy_calls_this_server() {
    let app = TestApp::start_https().await;
    app.alice().await;
    let said = [("origin", "https://app.example")];
    post(&app.anon(), "/api/sign_in", &SIGN_IN, &said).await.leads_to("/");
    for origin in ["https://app.example:8443", "https://www.app.example", "http://app.example"] {
        let answer = post(&app.anon(), "/api/sign_in", &SIGN_IN, &[("origin", origin)]).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{origin}");
    }
}

#[tokio::test]
async fn links_from_other_sites_open_pages() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let link = [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")];
    let answer = with(alice.request(Method::GET, "/").accept("text/html"), &link).send().await;
    answer.shows(ALICE.name);
}

#[tokio::test]
async fn the_refusal_is_a_page_to_browsers_and_a_sentence_to_others() {
    let app = TestApp::start().await;
    let said = [("sec-fetch-site", "cross-site")];
    let page = post(&app.anon(), "/api/sign_in", &SIGN_IN, &said).await;
    assert!(page.text().contains("You don't have access to this page"), "{}", page.text());
    assert!(page.text().contains("<html"), "{}", page.text());

    let anon = app.anon();
    let request = anon.request(Method::POST, "/api/sign_in").accept("*/*").body(encode(&SIGN_IN));
    let sentence = with(request, &said).send().await;
    assert_eq!(sentence.status, StatusCode::FORBIDDEN);
    assert!(!sentence.text().contains('<'), "{}", sentence.text());
}
