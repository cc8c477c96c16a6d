//! The session cookie, as browsers are told to keep it.

use std::{collections::BTreeSet, time::Duration};

use crate::support::{ALICE, TestResponse, TestApp};

const FORTNIGHT: u64 = 14 * 24 * 60 * 60;

/// A `Set-Cookie` taken apart.
#[derive(Debug, PartialEq, Eq)]
struct Cookie<'a> {
    name: &'a str,
    value: &'a str,
    attributes: BTreeSet<&'a str>,
}

fn cookie(answer: &TestResponse) -> Cookie<'_> {
    let mut parts = answer.set_cookie().split("; ");
    let (name, value) = parts.next().and_then(|pair| pair.split_once('=')).expect("a pair");
    Cookie { name, value, attributes: parts.collect() }
}

/// Asserts exactly these attributes: one more, such as `Domain`, is a failure too.
#[track_caller]
fn assert_attributes(cookie: &Cookie<'_>, expected: &[&str]) {
    assert_eq!(cookie.attributes, expected.iter().copied().collect(), "of {}", cookie.name);
}

#[tokio::test]
async fn over_http_it_is_id_and_ends_with_the_browser() {
    let app = TestApp::start().await;
    let answer = app.anon().register(ALICE).await;
    let cookie = cookie(&answer);
    assert_eq!(cookie.name, "id");
    assert_attributes(&cookie, &["HttpOnly", "SameSite=Lax", "Path=/"]);
}

#[tokio::test]
async fn over_https_it_is_locked_to_the_host() {
    let app = TestApp::start_https().await;
    let answer = app.anon().register(ALICE).await;
    let cookie = cookie(&answer);
    assert_eq!(cookie.name, "__Host-id");
    assert_attributes(&cookie, &["HttpOnly", "SameSite=Lax", "Path=/", "Secure"]);
}

#[tokio::test]
async fn keep_me_signed_in_keeps_it_for_two_weeks() {
    let max_age = format!("Max-Age={FORTNIGHT}");
    let app = TestApp::start().await;
    app.alice().await;
    let answer = app.anon().sign_in_remembered(ALICE).await;
    assert_attributes(&cookie(&answer), &["HttpOnly", "SameSite=Lax", "Path=/", &max_age]);

    let app = TestApp::start_https().await;
    app.alice().await;
    let answer = app.anon().sign_in_remembered(ALICE).await;
    assert_attributes(&cookie(&answer), &["HttpOnly", "SameSite=Lax", "Path=/", "Secure", &max_age]);
}

#[tokio::test]
async fn keep_me_signed_in_works_without_javascript() {
    let app = TestApp::start().await;
    app.alice().await;
    let fields = [("email", ALICE.email), ("password", ALICE.password), ("remember", "on")];
    let answer = app.anon().post("/api/sign_in", &fields).await;
    answer.leads_to("/");
    assert!(cookie(&answer).attributes.contains(format!("Max-Age={FORTNIGHT}").as_str()));
}

#[tokio::test]
async fn signing_out_removes_it_with_the_attributes_it_was_set_with() {
    let app = TestApp::start().await;
    let answer = app.alice().await.sign_out().await;
    let removal = cookie(&answer);
    assert_eq!((removal.name, removal.value), ("id", ""));
    assert_attributes(&removal, &["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=0"]);

    let app = TestApp::start_https().await;
    let answer = app.alice().await.sign_out().await;
    let removal = cookie(&answer);
    assert_eq!((removal.name, removal.value), ("__Host-id", ""));
    assert_attributes(&removal, &["HttpOnly", "SameSite=Lax", "Path=/", "Secure", "Max-Age=0"]);
}

#[tokio::test]
async fn it_is_set_again_only_when_a_remembered_session_was_prolonged() {
    let app = TestApp::start().await;
    let (passing, staying) = (app.alice().await, app.anon());
    staying.sign_in_remembered(ALICE).await;
    assert_eq!(staying.get("/").await.set_cookies(), [""; 0], "nothing has changed");

    app.clock.advance(Duration::from_mins(10));
    assert_eq!(passing.get("/").await.set_cookies(), [""; 0], "ends with the browser in any case");
    let value = staying.cookie_value();
    let answer = staying.get("/").await;
    let renewed = cookie(&answer);
    assert_eq!(renewed.value, value);
    let max_age = format!("Max-Age={FORTNIGHT}");
    assert_attributes(&renewed, &["HttpOnly", "SameSite=Lax", "Path=/", &max_age]);
}
