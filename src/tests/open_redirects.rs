//! Wherever a return address can be given, a browser stays on this site and comes to one of its pages.

use http::{Method, StatusCode};
use scraper::{Html, Selector};
use url::Url;
use vestibule::{
    model::{FormOutcome, ReturnTo},
    pages,
};

use crate::support::{ALICE, Actor, TestApp, TestResponse, encode};

/// What attackers write in the place of a return address.
fn hostile() -> Vec<String> {
    let addresses: Vec<String> =
        serde_json::from_str(include_str!("corpora/return_addresses.json")).expect("an array of texts");
    assert!(addresses.len() >= 60, "only {} addresses", addresses.len());
    addresses
}

/// Asserts that a browser finds a page of the app at this address. (That page judges a `next` in its own query.)
fn assert_leads_to_a_page(app: &TestApp, address: &str, why: &str) {
    let public_url = Url::parse(&app.config.public_url.origin()).expect("a URL");
    let url = public_url.join(address).expect("a URL");
    assert_eq!(url.origin(), public_url.origin(), "{why:?} led to {url}");
    assert!(pages::find(url.path()).is_some(), "{why:?} led to {url}, which is no page");
}

/// The return address in the form of a page.
fn next_of(page: &TestResponse) -> Option<String> {
    let page = Html::parse_document(page.text());
    let field = Selector::parse("input[name=next]").expect("a selector");
    page.select(&field).next().and_then(|field| field.value().attr("value").map(str::to_owned))
}

fn with_next(page: &str, next: &str) -> String {
    format!("{page}?{}", encode(&[("next", next)]).replace('+', "%20"))
}

#[tokio::test]
async fn a_page_for_visitors_sends_those_who_are_signed_in_to_a_page() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    for next in hostile() {
        for page in ["/login", "/register"] {
            let response = alice.get(&with_next(page, &next)).await;
            assert_eq!(response.status, StatusCode::SEE_OTHER, "{next:?}");
            assert_leads_to_a_page(&app, response.location(), &next);
        }
    }
}

#[tokio::test]
async fn a_form_carries_no_return_address_but_that_of_a_page() {
    let app = TestApp::start().await;
    let (alice, anon) = (app.alice().await, app.anon());
    for next in hostile() {
        let pages = [(&anon, "/login"), (&anon, "/register"), (&alice, "/confirm")];
        for (actor, path) in pages {
            let page = actor.get(&with_next(path, &next)).await;
            assert_eq!(page.status, StatusCode::OK, "{path} {next:?}");
            if let Some(field) = next_of(&page) {
                assert_leads_to_a_page(&app, &field, &next);
            }
        }
    }
}

#[tokio::test]
async fn a_rejected_form_keeps_no_return_address_but_that_of_a_page() {
    let app = TestApp::start().await;
    for next in hostile() {
        let response =
            app.anon().post("/api/sign_in", &[("email", ""), ("password", ""), ("next", &next)]).await;
        assert_eq!(response.status, StatusCode::SEE_OTHER, "{next:?}");
        assert_leads_to_a_page(&app, response.location(), &next);
        if let Some((_, query)) = response.location().split_once('?') {
            let kept = ReturnTo::from_query(query).expect("a return address");
            assert_leads_to_a_page(&app, kept.as_str(), &next);
        }
    }
}

#[tokio::test]
async fn an_accepted_form_leads_to_a_page() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let fields = |next| [("email", ALICE.email), ("password", ALICE.password), ("next", next)];
    // Each of them takes a hash of the password, so these stand for all.
    for next in [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "/login?next=//evil.example",
        "/account/data",
    ] {
        for function in ["/api/sign_in", "/api/confirm"] {
            let response = alice.post(function, &fields(next)).await;
            assert_leads_to_a_page(&app, response.location(), next);
            let outcome = alice.call(function, &fields(next)).await.json();
            let FormOutcome::Accepted { next: page, .. } = outcome else { panic!("{outcome:?}") };
            assert_leads_to_a_page(&app, page.as_str(), next);
        }
    }
}

#[tokio::test]
async fn no_address_that_is_asked_for_leads_away() {
    let app = TestApp::start().await;
    let public_url = Url::parse(&app.config.public_url.origin()).expect("a URL");
    for path in hostile()
        .iter()
        .filter(|path| path.starts_with('/') && path.bytes().all(|byte| byte.is_ascii_graphic()))
    {
        for path in [path.clone(), format!("{path}/")] {
            let mut connection = app.connect().await;
            let head = format!(
                "GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\nConnection: close\r\n\r\n"
            );
            connection.send(head).await;
            let response = connection.read_to_end().await;
            for location in response.lines().filter_map(|line| line.strip_prefix("location: ")) {
                let url = public_url.join(location).expect("a URL");
                assert_eq!(url.origin(), public_url.origin(), "{path} led to {location}");
            }
        }
    }
}

#[tokio::test]
async fn headers_that_name_another_site_lead_nowhere() {
    let app = TestApp::start().await;
    let anon: Actor = app.anon();
    for header in ["referer", "origin", "x-forwarded-host", "x-original-url", "x-rewrite-url", "forwarded"] {
        let request = anon.request(Method::GET, "/account").accept("text/html");
        let response = request.header(header, "https://evil.example/account").send().await;
        response.leads_to("/login?next=%2Faccount");
    }
}
