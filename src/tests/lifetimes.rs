//! How long sessions live, by a clock that the tests move.

use std::time::Duration;

use http::{HeaderMap, header};
use vestibule::server::sessions::{Key, Lookup};

use crate::support::{ALICE, Actor, TestApp};

const SEEN: &str = "SELECT seen_at FROM sessions";

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

/// Somebody who ticked "Keep me signed in".
async fn stays(app: &TestApp) -> Actor {
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
async fn activity_within_twelve_hours_keeps_a_session() {
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
    let alice = stays(&app).await;
    app.clock.advance(14 * DAY - MINUTE);
    alice.is_signed_in().await;
    app.clock.advance(14 * DAY + MINUTE);
    alice.is_signed_out().await;
}

#[tokio::test]
async fn a_remembered_session_ends_after_ninety_days_in_any_case() {
    let app = TestApp::start().await;
    let alice = stays(&app).await;
    for _ in 0..8 {
        app.clock.advance(10 * DAY);
        alice.is_signed_in().await;
    }
    app.clock.advance(10 * DAY - MINUTE);
    alice.is_signed_in().await;
    app.clock.advance(2 * MINUTE);
    alice.is_signed_out().await;
}

#[tokio::test]
async fn the_cookie_of_a_remembered_session_lives_as_long_as_the_session() {
    let app = TestApp::start().await;
    let alice = stays(&app).await;
    let mut ages = Vec::new();
    for _ in 0..8 {
        app.clock.advance(10 * DAY);
        let answer = alice.get("/").await;
        let (_, age) = answer.set_cookie().split_once("; Max-Age=").expect("persistent");
        ages.push(age.parse::<u64>().expect("a number") / DAY.as_secs());
    }
    assert_eq!(ages, [14, 14, 14, 14, 14, 14, 14, 10], "never beyond the ninetieth day");
}

#[tokio::test]
async fn a_session_without_an_account_ends_after_ten_minutes() {
    let app = TestApp::start().await;
    for (pause, ends) in [(9 * MINUTE, false), (11 * MINUTE, true)] {
        let anon = app.anonymous(&Key::new("colour"), "red").await;
        app.clock.advance(pause);
        let headers = HeaderMap::from_iter([(
            header::COOKIE,
            anon.cookie().expect("a cookie").parse().expect("a header"),
        )]);
        let id = app.state.session_cookie.id_from_cookie(&headers).expect("our cookie");
        let found = app.state.app.sessions.lookup(&id).await.expect("a response");
        assert_eq!(!matches!(found, Lookup::Live(_)), ends, "after {pause:?}");
    }
}

#[tokio::test]
async fn what_has_expired_is_removed_and_nothing_else() {
    const LEFT: &str = "SELECT count(*) FROM sessions";
    let app = TestApp::start().await;
    let (passing, staying) = (app.alice().await, app.anon());
    staying.sign_in_remembered(ALICE).await;
    let gone = app.anon();
    gone.sign_in(ALICE).await;
    gone.sign_out().await;
    app.state.app.sessions.purge().await.expect("purged");
    assert_eq!(app.number(LEFT).await, 3, "a tombstone stays for as long as the session would have lived");

    app.clock.advance(12 * HOUR + MINUTE);
    app.state.app.sessions.purge().await.expect("purged");
    assert_eq!(app.number(LEFT).await, 3, "tombstones of those who may come back and request");
    passing.is_signed_out().await;

    app.clock.advance(7 * DAY);
    app.state.app.sessions.purge().await.expect("purged");
    assert_eq!(app.number(LEFT).await, 1);
    passing.is_signed_out().await;
    staying.is_signed_in().await;
}

#[tokio::test]
async fn the_idle_clock_moves_at_most_once_a_minute() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let started = app.number(SEEN).await;
    app.clock.advance(Duration::from_secs(59));
    alice.is_signed_in().await;
    assert_eq!(app.number(SEEN).await, started, "reading cost no write");

    app.clock.advance(Duration::from_secs(1));
    alice.is_signed_in().await;
    let moved = app.number(SEEN).await;
    assert_eq!(moved - started, 60_000);

    app.clock.advance(Duration::from_secs(59));
    alice.is_signed_in().await;
    assert_eq!(app.number(SEEN).await, moved, "and again reading cost no write");
}

#[tokio::test]
async fn all_of_it_is_the_operators_to_decide() {
    let app = TestApp::start_with(|config| {
        let sessions = &mut config.sessions;
        (sessions.idle_timeout, sessions.absolute_timeout) = (HOUR, 2 * HOUR);
        (sessions.remembered_idle_timeout, sessions.remembered_absolute_timeout) = (2 * DAY, 3 * DAY);
        (sessions.touch_interval, sessions.step_up_after) = (10 * MINUTE, 5 * MINUTE);
    })
    .await;
    let (idle, busy) = (app.alice().await, app.anon());
    let stays = app.anon();
    assert!(stays.sign_in_remembered(ALICE).await.set_cookie().contains("; Max-Age=172800"));
    busy.sign_in(ALICE).await;
    busy.get("/account/sessions").await.hides("asked for your password");
    let started = app.number("SELECT max(seen_at) FROM sessions").await;
    app.clock.advance(9 * MINUTE);
    busy.get("/account/sessions").await.shows("asked for your password");
    assert_eq!(app.number("SELECT max(seen_at) FROM sessions").await, started, "not yet touched");
    app.clock.advance(46 * MINUTE);
    busy.is_signed_in().await;
    app.clock.advance(10 * MINUTE);
    idle.is_signed_out().await;
    busy.is_signed_in().await;
    app.clock.advance(56 * MINUTE);
    busy.is_signed_out().await;
    stays.is_signed_in().await;
    app.clock.advance(2 * DAY - MINUTE);
    stays.is_signed_in().await;
    app.clock.advance(DAY);
    stays.is_signed_out().await;
}

#[tokio::test]
async fn the_home_page_says_when_the_session_ends() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    alice.get("/").await.shows("in 12 hours");
    app.clock.advance(23 * HOUR / 2);
    alice.get("/").await.shows("in 12 hours");
    app.clock.advance(23 * HOUR / 2);
    alice.get("/").await.shows("in 1 hour<");
}
