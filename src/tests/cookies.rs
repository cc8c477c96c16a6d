//! The attributes of the session cookie.

use std::{collections::BTreeSet, time::Duration};

use crate::support::{ALICE, TestApp, TestResponse};

const TWO_WEEKS: u64 = 14 * 24 * 60 * 60;

/// A parsed `Set-Cookie`.
#[derive(Debug, PartialEq, Eq)]
struct Cookie<'a> {
    name: &'a str,
    value: &'a str,
    attributes: BTreeSet<&'a str>,
}

fn cookie(response: &TestResponse) -> Cookie<'_> {
    let mut parts = response.set_cookie().split("; ");
    let (name, value) = parts.next().and_then(|pair| pair.split_once('=')).expect("a pair");
    Cookie { name, value, attributes: parts.collect() }
}

/// Asserts exactly these attributes: any other, such as `Domain`, fails too.
#[track_caller]
fn assert_attributes(cookie: &Cookie<'_>, expected: &[&str]) {
    assert_eq!(cookie.attributes, expected.iter().copied().collect(), "of {}", cookie.name);
}

#[tokio::test]
async fn on_this_machine_it_names_the_port_and_lasts_until_the_browser_closes() {
    let app = TestApp::start().await;
    let response = app.anon().register(ALICE).await;
    let cookie = cookie(&response);
    assert_eq!(cookie.name, "id_3000");
    assert_attributes(&cookie, &["HttpOnly", "SameSite=Lax", "Path=/"]);
}

#[tokio::test]
async fn over_https_it_has_the_host_prefix_and_is_secure() {
    let app = TestApp::start_https().await;
    let response = app.anon().register(ALICE).await;
    let cookie = cookie(&response);
    assert_eq!(cookie.name, "__Host-id");
    assert_attributes(&cookie, &["HttpOnly", "SameSite=Lax", "Path=/", "Secure"]);
}

#[tokio::test]
async fn keep_me_signed_in_sets_a_max_age_of_two_weeks() {
    let max_age = format!("Max-Age={TWO_WEEKS}");
    let app = TestApp::start().await;
    app.alice().await;
    let response = app.anon().sign_in_remembered(ALICE).await;
    assert_attributes(&cookie(&response), &["HttpOnly", "SameSite=Lax", "Path=/", &max_age]);

    let app = TestApp::start_https().await;
    app.alice().await;
    let response = app.anon().sign_in_remembered(ALICE).await;
    assert_attributes(&cookie(&response), &["HttpOnly", "SameSite=Lax", "Path=/", "Secure", &max_age]);
}

#[tokio::test]
async fn keep_me_signed_in_works_without_javascript() {
    let app = TestApp::start().await;
    app.alice().await;
    let fields = [("email", ALICE.email), ("password", ALICE.password), ("remember", "on")];
    let response = app.anon().post("/api/sign_in", &fields).await;
    response.leads_to("/");
    assert!(cookie(&response).attributes.contains(format!("Max-Age={TWO_WEEKS}").as_str()));
}

#[tokio::test]
async fn sign_out_removes_it_with_the_same_attributes() {
    let app = TestApp::start().await;
    let response = app.alice().await.sign_out().await;
    let removal = cookie(&response);
    assert_eq!((removal.name, removal.value), ("id_3000", ""));
    assert_attributes(&removal, &["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=0"]);

    let app = TestApp::start_https().await;
    let response = app.alice().await.sign_out().await;
    let removal = cookie(&response);
    assert_eq!((removal.name, removal.value), ("__Host-id", ""));
    assert_attributes(&removal, &["HttpOnly", "SameSite=Lax", "Path=/", "Secure", "Max-Age=0"]);
}

#[tokio::test]
async fn it_is_set_again_only_when_a_remembered_session_was_extended() {
    let app = TestApp::start().await;
    let (transient, remembered) = (app.alice().await, app.anon());
    remembered.sign_in_remembered(ALICE).await;
    assert_eq!(remembered.get("/").await.set_cookies(), [""; 0], "nothing has changed");

    app.clock.advance(Duration::from_mins(10));
    assert_eq!(transient.get("/").await.set_cookies(), [""; 0], "a cookie without Max-Age");
    let value = remembered.cookie_value();
    let response = remembered.get("/").await;
    let renewed = cookie(&response);
    assert_eq!(renewed.value, value);
    let max_age = format!("Max-Age={TWO_WEEKS}");
    assert_attributes(&renewed, &["HttpOnly", "SameSite=Lax", "Path=/", &max_age]);
}
