//! A rejected form without JavaScript comes back in a signed cookie, and writes nothing.

use std::time::Duration;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use http::Method;

use vestibule::api::FUNCTIONS;

use crate::support::{ALICE, Actor, TestApp, WRONG_PASSWORD};

const EVENTS: &str = "SELECT count(*) FROM events";

/// Opens the sign-in page with this cookie and no other.
async fn login_with(app: &TestApp, cookie: &str) -> String {
    let anon = app.anon();
    let answer =
        anon.request(Method::GET, "/login").accept("text/html").header("cookie", cookie).send().await;
    answer.text().to_owned()
}

/// The cookie of a sign-in that was rejected, as `name=value`.
async fn rejected(actor: &Actor) -> String {
    let answer = actor.post("/api/sign_in", &[("email", ALICE.email), ("password", "")]).await;
    answer.leads_to("/login");
    answer.set_cookie().split(';').next().expect("a pair").to_owned()
}

#[tokio::test]
async fn the_mistakes_of_strangers_write_nothing() {
    let app = TestApp::start().await;
    let writes = app.settled_usage().await.writes;
    for path in ["/api/sign_in", "/api/register"] {
        let anon = app.anon();
        anon.post(path, &[("email", "ada"), ("password", ""), ("name", "Ada")]).await;
        assert_eq!(anon.cookie(), None, "no session");
        let page = if path == "/api/sign_in" { "/login" } else { "/register" };
        anon.get(page).await.shows("Enter an email address like name@example.org.");
        anon.get(page).await.hides("Enter an email address like name@example.org.");
    }
    assert_eq!(app.db().usage().writes, writes);
    assert_eq!((app.sessions().await.len(), app.number(EVENTS).await), (0, 0));
}

#[tokio::test]
async fn a_wrong_password_leaves_an_event_and_no_session() {
    let app = TestApp::start().await;
    app.anon().post("/api/sign_in", &[("email", ALICE.email), ("password", WRONG_PASSWORD)]).await;
    assert_eq!((app.sessions().await.len(), app.number(EVENTS).await), (0, 1));
}

#[tokio::test]
async fn a_rejected_form_of_a_signed_in_person_writes_nothing_either() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let writes = app.settled_usage().await.writes;
    alice.post("/api/rename", &[("name", " ")]).await.leads_to("/account");
    alice.get("/account").await.shows("Enter your name.");
    assert_eq!(app.db().usage().writes, writes);
}

#[tokio::test]
async fn a_name_that_stays_the_same_writes_nothing() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let writes = app.settled_usage().await.writes;
    alice.post("/api/rename", &[("name", ALICE.name)]).await.leads_to("/account");
    alice.call("/api/rename", &[("name", ALICE.name)]).await;
    assert_eq!(app.db().usage().writes, writes);
    alice.get("/account/activity").await.hides("Name changed");
}

#[tokio::test]
async fn the_cookie_is_for_this_server_alone_and_holds_no_password() {
    let app = TestApp::start_https().await;
    let answer =
        app.anon().post("/api/register", &[("email", "ada"), ("password", "hunter2"), ("name", "Ada")]).await;
    let cookie = answer.set_cookie();
    assert!(cookie.starts_with("__Host-form="), "{cookie}");
    assert!(cookie.ends_with("; HttpOnly; SameSite=Lax; Path=/; Secure; Max-Age=120"), "{cookie}");
    let payload = cookie.trim_start_matches("__Host-form=").split('.').next().expect("a payload");
    let payload = BASE64_URL_SAFE_NO_PAD.decode(payload).expect("base64url");
    let payload = String::from_utf8(payload).expect("UTF-8");
    assert!(payload.contains("Ada") && !payload.contains("hunter2"), "{payload}");
}

#[tokio::test]
async fn a_forged_or_outdated_cookie_is_as_if_none_came() {
    let (app, other) = (TestApp::start().await, TestApp::start().await);
    let cookie = rejected(&app.anon()).await;
    assert!(login_with(&app, &cookie).await.contains("Enter a password."));
    assert!(!login_with(&other, &cookie).await.contains("Enter a password."), "of another server");
    let (name, value) = cookie.split_once('=').expect("a pair");
    let (payload, signature) = value.split_once('.').expect("a signature");
    for forged in [
        format!("{name}={payload}A.{signature}"),
        format!("{name}={payload}."),
        format!("{name}={payload}"),
        format!("id_3000={value}"),
        format!("form_3000=x{cookie}"),
        format!("{name}={}", "A".repeat(8000)),
    ] {
        assert!(!login_with(&app, &forged).await.contains("Enter a password."), "{forged}");
    }
    app.clock.advance(Duration::from_mins(2));
    assert!(!login_with(&app, &cookie).await.contains("Enter a password."), "it has expired");
}

#[tokio::test]
async fn the_signature_of_a_session_does_not_fit_a_form() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let session = alice.cookie_value();
    let page = login_with(&app, &format!("form_3000={session}")).await;
    assert!(page.contains("<form"), "{page}");
    let form = rejected(&app.anon()).await.replacen("form_3000=", "id_3000=", 1);
    app.anon().with_cookie(Some(form)).is_signed_out().await;
}

#[tokio::test]
async fn what_is_too_long_for_a_cookie_has_to_be_entered_again() {
    let app = TestApp::start().await;
    let anon = app.anon();
    let long = "\u{1F980}".repeat(1000);
    let fields = [("name", long.as_str()), ("email", long.as_str()), ("password", "")];
    anon.post("/api/register", &fields).await.leads_to("/register");
    anon.get("/register").await.shows("Use at most 100 characters.");
}

#[tokio::test]
async fn a_prefetch_does_not_use_the_form_up() {
    let app = TestApp::start().await;
    let anon = app.anon();
    rejected(&anon).await;
    let prefetch = anon.request(Method::GET, "/login").accept("text/html").header("sec-purpose", "prefetch");
    prefetch.send().await.hides("Enter a password.");
    anon.get("/login").await.shows("Enter a password.");
}

#[tokio::test]
async fn another_page_does_not_use_the_form_up() {
    let app = TestApp::start().await;
    let anon = app.anon();
    rejected(&anon).await;
    anon.get("/register").await.hides("Enter a password.");
    anon.get("/login").await.shows("Enter a password.");
}

#[test]
fn no_form_gives_a_password_back() {
    for function in FUNCTIONS {
        for field in function.given_back {
            assert!(!field.contains("password") && !field.contains("code"), "{} {field}", function.path);
        }
    }
}
