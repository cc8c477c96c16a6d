//! Idle and absolute timeouts, and purging.

use std::time::Duration;

use http::{HeaderMap, header};
use vestibule::server::sessions::{Key, Lookup};

use crate::support::{ALICE, Actor, TestApp};

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

/// Alice with "Keep me signed in".
async fn remembered_alice(app: &TestApp) -> Actor {
    app.alice().await;
    let alice = app.anon();
    alice.sign_in_remembered(ALICE).await;
    alice
}

#[tokio::test]
async fn a_session_ends_after_twelve_hours_without_activity() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    app.clock.advance(12 * HOUR + MINUTE);
    alice.is_signed_out().await;
}

#[tokio::test]
async fn activity_extends_the_idle_timeout() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    app.clock.advance(12 * HOUR - MINUTE);
    alice.is_signed_in().await;
    app.clock.advance(12 * HOUR - MINUTE);
    alice.is_signed_in().await;
}

#[tokio::test]
async fn a_session_ends_after_a_day_in_any_case() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    for _ in 0..23 {
        app.clock.advance(HOUR);
        alice.is_signed_in().await;
    }
    app.clock.advance(HOUR - MINUTE);
    alice.is_signed_in().await;
    app.clock.advance(2 * MINUTE);
    alice.is_signed_out().await;
}

#[tokio::test]
async fn a_remembered_session_ends_after_two_weeks_without_activity() {
    let app = TestApp::start().await;
    let alice = remembered_alice(&app).await;
    app.clock.advance(14 * DAY - MINUTE);
    alice.is_signed_in().await;
    app.clock.advance(14 * DAY + MINUTE);
    alice.is_signed_out().await;
}

#[tokio::test]
async fn a_remembered_session_ends_after_thirty_days_in_any_case() {
    let app = TestApp::start().await;
    let alice = remembered_alice(&app).await;
    for _ in 0..2 {
        app.clock.advance(10 * DAY);
        alice.is_signed_in().await;
    }
    app.clock.advance(10 * DAY - MINUTE);
    alice.is_signed_in().await;
    app.clock.advance(2 * MINUTE);
    alice.is_signed_out().await;
}

#[tokio::test]
async fn the_cookie_of_a_remembered_session_expires_with_the_session() {
    let app = TestApp::start().await;
    let alice = remembered_alice(&app).await;
    let mut ages = Vec::new();
    for _ in 0..5 {
        app.clock.advance(5 * DAY);
        let response = alice.get("/").await;
        let (_, age) = response.set_cookie().split_once("; Max-Age=").expect("persistent");
        ages.push(age.parse::<u64>().expect("a number") / DAY.as_secs());
    }
    assert_eq!(ages, [14, 14, 14, 10, 5], "never beyond the absolute timeout");
}

#[tokio::test]
async fn a_session_without_an_account_ends_after_ten_minutes() {
    let app = TestApp::start().await;
    for (pause, ends) in [(9 * MINUTE, false), (11 * MINUTE, true)] {
        let anon = app.with_anonymous_session(&Key::new("colour"), "red").await;
        app.clock.advance(pause);
        let headers = HeaderMap::from_iter([(
            header::COOKIE,
            anon.cookie().expect("a cookie").parse().expect("a header"),
        )]);
        let id = app.state.session_cookie.id_from_cookie(&headers).expect("a valid cookie");
        let lookup = app.state.app.sessions.lookup(&id).await.expect("a response");
        assert_eq!(!matches!(lookup, Lookup::Live(_)), ends, "after {pause:?}");
    }
}

#[tokio::test]
async fn expired_sessions_and_nothing_else_are_purged() {
    let app = TestApp::start().await;
    let (transient, remembered) = (app.alice().await, app.anon());
    remembered.sign_in_remembered(ALICE).await;
    let signed_out = app.anon();
    signed_out.sign_in(ALICE).await;
    signed_out.sign_out().await;
    app.purge().await;
    let stored = app.sessions().await.len();
    assert_eq!(stored, 3, "a tombstone is kept at least until the session would have expired");

    app.clock.advance(12 * HOUR + MINUTE);
    app.purge().await;
    assert_eq!(app.sessions().await.len(), 3, "tombstones are kept for the retention period");
    transient.is_signed_out().await;

    app.clock.advance(7 * DAY);
    app.purge().await;
    assert_eq!(app.sessions().await.len(), 1);
    transient.is_signed_out().await;
    remembered.is_signed_in().await;
}

#[tokio::test]
async fn the_idle_timeout_is_extended_at_most_once_a_minute() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let started = app.live_session().await.seen_at;
    app.clock.advance(Duration::from_secs(59));
    alice.is_signed_in().await;
    assert_eq!(app.live_session().await.seen_at, started, "no write yet");

    app.clock.advance(Duration::from_secs(1));
    alice.is_signed_in().await;
    let extended = app.live_session().await.seen_at;
    assert_eq!(extended - started, 60_000);

    app.clock.advance(Duration::from_secs(59));
    alice.is_signed_in().await;
    assert_eq!(app.live_session().await.seen_at, extended, "no write yet");
}

#[tokio::test]
async fn all_timeouts_are_configurable() {
    let app = TestApp::start_with(|config| {
        let sessions = &mut config.sessions;
        (sessions.idle_timeout, sessions.absolute_timeout) = (HOUR, 2 * HOUR);
        (sessions.remembered_idle_timeout, sessions.remembered_absolute_timeout) = (2 * DAY, 3 * DAY);
        (sessions.touch_interval, sessions.step_up_after) = (10 * MINUTE, 5 * MINUTE);
    })
    .await;
    let (idle, busy) = (app.alice().await, app.anon());
    let remembered = app.anon();
    assert!(remembered.sign_in_remembered(ALICE).await.set_cookie().contains("; Max-Age=172800"));
    busy.sign_in(ALICE).await;
    busy.get("/account/sessions").await.hides("asked for your password");
    let started = app.session_of(&busy).await.seen_at;
    app.clock.advance(9 * MINUTE);
    busy.get("/account/sessions").await.shows("asked for your password");
    assert_eq!(app.session_of(&busy).await.seen_at, started, "not yet touched");
    app.clock.advance(46 * MINUTE);
    busy.is_signed_in().await;
    app.clock.advance(10 * MINUTE);
    idle.is_signed_out().await;
    busy.is_signed_in().await;
    app.clock.advance(56 * MINUTE);
    busy.is_signed_out().await;
    remembered.is_signed_in().await;
    app.clock.advance(2 * DAY - MINUTE);
    remembered.is_signed_in().await;
    app.clock.advance(DAY);
    remembered.is_signed_out().await;
}

#[tokio::test]
async fn the_home_page_shows_when_the_session_ends() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    alice.get("/").await.shows("in 12 hours");
    app.clock.advance(23 * HOUR / 2);
    alice.get("/").await.shows("in 12 hours");
    app.clock.advance(23 * HOUR / 2);
    alice.get("/").await.shows("in 1 hour<");
}
