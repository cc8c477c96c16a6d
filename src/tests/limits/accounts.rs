//! What may be tried on an account, and how one is told to wait.

use std::time::Duration;

use http::{StatusCode, header};

use super::{HERE, MINUTE, ROWS, call, guess, is_accepted, limits, register, sign_in, two_attempts, wait};
use crate::support::{ALICE, TestApp, WRONG_PASSWORD};

/// An account that does not exist is delayed like one that does, so limits do not tell which exist.
#[tokio::test]
async fn delays_for_an_account_grow_whether_it_exists_or_not() {
    let app = TestApp::start_with(limits(two_attempts)).await;
    register(&app, ALICE).await;
    for email in [ALICE.email, "nobody@example.org"] {
        let mut waits = Vec::new();
        for number in 0..7 {
            // From everywhere, and however it is written.
            let from = format!("203.0.113.{number}");
            let email = if number % 2 == 0 { email } else { &email.to_uppercase() };
            let seconds = wait(&guess(&app.anon(), &from, email).await);
            waits.push(seconds);
            if let Some(seconds) = seconds {
                app.clock.advance(Duration::from_secs(seconds.into()));
                assert_eq!(wait(&guess(&app.anon(), &from, email).await), None, "{email} {number}");
            }
        }
        assert_eq!(waits, [None, None, Some(15), Some(30), Some(60), Some(120), Some(240)], "{email}");
    }
}

#[tokio::test]
async fn delays_are_forgotten_in_time() {
    let app = TestApp::start_with(limits(two_attempts)).await;
    for _ in 0..2 {
        guess(&app.anon(), HERE, ALICE.email).await;
    }
    assert_eq!(wait(&guess(&app.anon(), HERE, ALICE.email).await), Some(15));
    app.clock.advance(120 * MINUTE);
    for expected in [None, None, Some(15)] {
        assert_eq!(wait(&guess(&app.anon(), HERE, ALICE.email).await), expected);
    }
}

/// The thief of a session cannot guess the password, neither to confirm nor to change it; and the owner can still
/// do both.
#[tokio::test]
async fn a_thief_of_the_session_cannot_guess_the_password() {
    let app = TestApp::start_with(limits(two_attempts)).await;
    let alice = app.alice().await;
    let thief = app.anon().with_cookie(alice.cookie());
    let change = |current| [("current_password", current), ("new_password", "seven impossible things")];
    let confirm = |password| [("password", password)];
    assert_eq!(wait(&call(&thief, HERE, "/api/confirm", &confirm(WRONG_PASSWORD)).await), None);
    assert_eq!(wait(&call(&thief, HERE, "/api/change_password", &change(WRONG_PASSWORD)).await), None);
    assert_eq!(wait(&call(&thief, HERE, "/api/confirm", &confirm(ALICE.password)).await), Some(15));
    assert_eq!(wait(&call(&thief, HERE, "/api/change_password", &change(ALICE.password)).await), Some(15));
    is_accepted(&call(&alice, HERE, "/api/confirm", &confirm(ALICE.password)).await);
    is_accepted(&call(&alice, HERE, "/api/change_password", &change(ALICE.password)).await);
}

#[tokio::test]
async fn fields_that_are_not_acceptable_cost_nothing() {
    let one = limits(|limits| {
        (limits.account_attempts, limits.sign_in_burst, limits.register_burst) = (1, 1, 1);
    });
    let app = TestApp::start_with(one).await;
    let anon = app.anon();
    for (email, password) in [("", ""), ("ada", "x"), (ALICE.email, ""), (ALICE.email, &"x".repeat(2000))] {
        assert_eq!(wait(&sign_in(&anon, HERE, email, password).await), None);
    }
    for password in ["", "short", ALICE.email] {
        let fields = [("name", "Ada"), ("email", ALICE.email), ("password", password)];
        assert_eq!(wait(&call(&anon, HERE, "/api/register", &fields).await), None);
    }
    assert_eq!(app.number(ROWS).await, 0);
    let alice = app.alice().await;
    let session = app.anon().with_cookie(alice.cookie());
    let rows = app.number(ROWS).await;
    for (current, new) in [("", ""), ("", "short"), ("", "seven impossible things")] {
        let fields = [("current_password", current), ("new_password", new)];
        assert_eq!(wait(&call(&session, HERE, "/api/change_password", &fields).await), None);
    }
    assert_eq!(app.number(ROWS).await, rows);
}

#[tokio::test]
async fn each_limit_can_be_switched_off() {
    let off = limits(|limits| {
        (limits.requests_burst, limits.sign_in_burst) = (0, 0);
        (limits.register_burst, limits.account_attempts) = (0, 0);
        (limits.devices_burst, limits.known_burst) = (0, 0);
    });
    let app = TestApp::start_with(off).await;
    for _ in 0..8 {
        assert_eq!(wait(&guess(&app.anon(), HERE, ALICE.email).await), None);
    }
    app.alice().await;
    assert_eq!(app.number(ROWS).await, 0);
}

#[tokio::test]
async fn a_browser_without_javascript_gets_a_page_with_the_way_back() {
    let app = TestApp::start_with(limits(two_attempts)).await;
    let anon = app.anon();
    let fields = [("email", ALICE.email), ("password", WRONG_PASSWORD), ("next", "/account")];
    for _ in 0..2 {
        anon.post("/api/sign_in", &fields).await.leads_to("/login?next=%2Faccount");
    }
    let refused = anon.post("/api/sign_in", &fields).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.header(header::RETRY_AFTER), "15");
    assert_eq!(refused.header(header::CACHE_CONTROL), "no-store, no-transform");
    assert!(refused.header(header::CONTENT_TYPE).starts_with("text/html"));
    let page = refused.text();
    for part in [
        "Too many attempts",
        "Please wait <span>15 seconds</span>, then try again.",
        "data-wait=\"15\"",
        "<script type=\"module\" src=\"/countdown.js?",
        "href=\"/login?next=%2Faccount\"",
        "Back to the form",
    ] {
        assert!(page.contains(part), "{part:?} is not in {page}");
    }
    assert!(!page.contains(WRONG_PASSWORD));
    anon.get("/login?next=%2Faccount").await.shows(ALICE.email);
}
