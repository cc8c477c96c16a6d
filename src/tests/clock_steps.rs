//! A clock that is set back or was ahead of time.

use std::time::Duration;

use http::{HeaderMap, StatusCode, header};
use vestibule::server::sessions::{Key, Lookup};

use crate::support::{ALICE, Fault, TestApp};

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
const YEAR: Duration = Duration::from_hours(365 * 24);

#[tokio::test]
async fn an_authentication_in_the_future_is_not_recent() {
    let app = TestApp::start().await;
    let (alice, phone) = (app.alice().await, app.anon());
    phone.sign_in(ALICE).await;
    app.clock.set_back(2 * HOUR);
    alice.is_signed_in().await;
    let answer = alice.call("/api/end_other_sessions", &[]).await;
    assert_eq!((answer.status, answer.text()), (StatusCode::FORBIDDEN, r#""ConfirmRequired""#));
    phone.is_signed_in().await;
    // Nor does it become recent when its time has come.
    app.clock.advance(2 * HOUR);
    let response = alice.call("/api/end_other_sessions", &[]).await;
    assert_eq!(response.text(), r#""ConfirmRequired""#);

    let fields = [("password", ALICE.password), ("next", "/account/sessions")];
    alice.post("/api/confirm", &fields).await.leads_to("/account/sessions");
    alice.post("/api/end_other_sessions", &[]).await.leads_to("/account/sessions");
    phone.is_signed_out().await;
}

#[tokio::test]
async fn an_authentication_in_the_future_is_not_recent_even_if_that_cannot_be_stored() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    app.clock.set_back(2 * HOUR);
    app.store.set_fault(Fault::ReadOnly);
    let response = alice.call("/api/end_other_sessions", &[]).await;
    assert_eq!(response.text(), r#""ConfirmRequired""#);
}

#[tokio::test]
async fn a_session_that_began_in_the_future_lasts_no_longer_than_any_other() {
    for used in [true, false] {
        let app = TestApp::start().await;
        app.clock.advance(5 * YEAR);
        let alice = app.alice().await;
        app.clock.set_back(5 * YEAR);
        if used {
            alice.is_signed_in().await;
        }
        app.purge().await;
        app.clock.advance(12 * HOUR + 2 * MINUTE);
        alice.is_signed_out().await;
    }
}

#[tokio::test]
async fn the_absolute_timeout_of_a_session_from_the_future_counts_from_its_first_use() {
    let app = TestApp::start().await;
    app.clock.advance(5 * YEAR);
    let alice = app.alice().await;
    app.clock.set_back(5 * YEAR);
    for _ in 0..12 {
        alice.is_signed_in().await;
        app.clock.advance(2 * HOUR);
    }
    alice.is_signed_out().await;
}

#[tokio::test]
async fn an_expired_session_never_comes_back() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    app.clock.advance(13 * HOUR);
    alice.is_signed_out().await;
    app.clock.set_back(12 * HOUR);
    alice.is_signed_out().await;
    alice.get("/login").await.shows("You were signed out after a while without activity.");
}

#[tokio::test]
async fn a_small_difference_between_clocks_asks_for_no_step_up() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    app.clock.set_back(Duration::from_secs(30));
    alice.post("/api/end_other_sessions", &[]).await.leads_to("/account/sessions");
}

#[tokio::test]
async fn an_anonymous_session_that_began_in_the_future_is_unknown() {
    let app = TestApp::start().await;
    app.clock.advance(5 * YEAR);
    let anonymous = app.with_anonymous_session(&Key::new("colour"), "red").await;
    app.clock.set_back(5 * YEAR);
    let cookie = anonymous.cookie().expect("a cookie").parse().expect("a header");
    let headers = HeaderMap::from_iter([(header::COOKIE, cookie)]);
    let id = app.state.session_cookie.id_from_cookie(&headers).expect("our cookie");
    assert_eq!(app.state.app.sessions.lookup(&id).await.expect("an answer"), Lookup::Unknown);
}
