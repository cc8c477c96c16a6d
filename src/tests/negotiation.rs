//! Browsers get pages, programs get what they can read, whatever `Accept` looks like.

use http::{Method, header};

use crate::support::{ALICE, Actor, ActorRequest, TestApp, TestResponse, WRONG_PASSWORD};

const HTML: &str = "text/html; charset=utf-8";
const PLAIN: &str = "text/plain; charset=utf-8";

/// What browsers send that go to a page, by header; over plain HTTP only the second.
const NAVIGATIONS: [(&str, &str); 2] = [("sec-fetch-mode", "navigate"), ("upgrade-insecure-requests", "1")];
/// Ways to ask for a page without them.
const OF_PAGES: [&str; 5] =
    ["TEXT/HTML", "application/xhtml+xml", "text/*", "image/png, Text/Html;q=0.5", "é, text/html"];
const OF_BROWSERS: [&str; 3] = ["*/*", "image/gif, image/jpeg, */*", "é"];
const OF_PROGRAMS: [&str; 4] =
    ["*/*", "application/json, text/plain, */*", "text/html;q=0, application/json", "text/html; Q=0.000"];

fn kind(response: &TestResponse) -> &str {
    response.header(header::CONTENT_TYPE)
}

/// A wrong password, posted in this way; and an address where there is nothing.
async fn both<'a>(
    browser: &'a Actor,
    ask: impl Fn(ActorRequest<'a>) -> ActorRequest<'a>,
) -> [TestResponse; 2] {
    let fields = [("email", ALICE.email), ("password", WRONG_PASSWORD)];
    let posted = ask(browser.request(Method::POST, "/api/sign_in")).form(&fields).send().await;
    [posted, ask(browser.request(Method::GET, "/nowhere")).send().await]
}

fn are_pages(responses: &[TestResponse; 2], asked: &str) {
    assert_eq!(responses[0].status, 303, "{asked}");
    assert_eq!(kind(&responses[1]), HTML, "{asked}");
}

#[tokio::test]
async fn whoever_asks_for_pages_gets_them() {
    let app = TestApp::start().await;
    app.alice().await;
    let browser = app.anon();
    for accept in OF_PAGES {
        are_pages(&both(&browser, |request| request.accept(accept)).await, accept);
        are_pages(&both(&browser, |request| request.accept("image/png").accept(accept)).await, accept);
    }
}

#[tokio::test]
async fn a_navigation_gets_pages_whatever_it_accepts() {
    let app = TestApp::start().await;
    app.alice().await;
    let browser = app.anon();
    for (name, value) in NAVIGATIONS {
        for accept in OF_BROWSERS {
            are_pages(&both(&browser, |request| request.accept(accept).header(name, value)).await, accept);
        }
        are_pages(&both(&browser, |request| request.header(name, value)).await, "nothing");
    }
}

#[tokio::test]
async fn programs_get_what_they_can_read() {
    let app = TestApp::start().await;
    app.alice().await;
    let program = app.anon();
    for accept in OF_PROGRAMS {
        let [posted, missing] = both(&program, |request| request.accept(accept)).await;
        assert_eq!((posted.status.as_u16(), kind(&posted)), (200, "application/json"), "{accept}");
        assert_eq!(kind(&missing), PLAIN, "{accept}");
    }
}
