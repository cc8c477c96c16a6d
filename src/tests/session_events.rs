//! `/session/events`: open pages hear what happens to their session.

use std::time::{Duration, Instant};

use http::{StatusCode, header};
use sqlx::Row;
use tokio::time::sleep;
use vestibule::{
    model::{EndReason, SessionEvent, SessionState},
    server::{
        db::Database,
        domain::{Client, Clock},
        sessions::{Revocation, Selection, SqliteStore, Store},
    },
};

use crate::support::{ALICE, Fault, TestApp};

const HOUR: Duration = Duration::from_hours(1);
/// What was promised.
const SOON: Duration = Duration::from_secs(2);

fn ended(reason: EndReason) -> SessionState {
    SessionState::Ended { reason: Some(reason) }
}

#[tokio::test]
async fn a_page_hears_first_which_session_it_has() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let mut stream = alice.listen().await.expect("a stream");
    let news = stream.next().await.expect("news");
    let handle: String = app.rows("SELECT handle FROM sessions").await[0].get(0);
    assert_eq!((news.session, news.state), (Some(handle), SessionState::Live));
    assert_eq!(stream.headers[header::CACHE_CONTROL], "no-store, no-transform");
    assert!(!stream.headers.contains_key(header::SET_COOKIE));
}

#[tokio::test]
async fn a_page_hears_within_two_seconds_that_its_session_was_ended() {
    let app = TestApp::start().await;
    let (laptop, phone) = (app.alice().await, app.anon());
    phone.sign_in(ALICE).await;
    let mut stream = phone.listen().await.expect("a stream");
    assert_eq!(stream.state().await, SessionState::Live);

    laptop.post("/api/end_other_sessions", &[]).await;
    let began = Instant::now();
    assert_eq!(stream.state().await, ended(EndReason::EndedElsewhere));
    assert!(began.elapsed() < SOON, "after {:?}", began.elapsed());
    assert_eq!(stream.next().await, None, "that was the last word");
}

#[tokio::test]
async fn a_page_hears_of_an_end_by_another_process() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let mut stream = alice.listen().await.expect("a stream");
    assert_eq!(stream.state().await, SessionState::Live);

    let other_process = Database::open(&app.data_dir().join("vestibule.db")).await.expect("a database");
    let account = app.account_id().await;
    let revocation = Revocation {
        sessions: Selection::All(account),
        reason: EndReason::EndedByAdministrator,
        at: app.clock.now(),
        client: Client::command_line(),
    };
    SqliteStore::new(other_process).end(&revocation).await.expect("ended");
    let began = Instant::now();
    assert_eq!(stream.state().await, ended(EndReason::EndedByAdministrator));
    assert!(began.elapsed() < SOON, "after {:?}", began.elapsed());
}

#[tokio::test]
async fn a_page_is_warned_two_minutes_before_and_can_stay() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let mut stream = alice.listen().await.expect("a stream");
    assert_eq!(stream.state().await, SessionState::Live);

    app.clock.advance(12 * HOUR - Duration::from_mins(2));
    assert_eq!(stream.state().await, SessionState::Ending { seconds: 120, extendable: true });
    let news: SessionEvent = alice.call("/api/stay", &[]).await.json();
    assert_eq!(news.state, SessionState::Live);
    assert_eq!(stream.next().await, Some(news), "all tabs hear the same");

    app.clock.advance(12 * HOUR - Duration::from_secs(30));
    assert_eq!(stream.state().await, SessionState::Ending { seconds: 30, extendable: true });
    alice.call("/api/stay", &[]).await;
    assert_eq!(stream.state().await, SessionState::Live);
    app.clock.advance(Duration::from_mins(1));
    let last = SessionState::Ending { seconds: 90, extendable: false };
    assert_eq!(stream.state().await, last, "at the end of the day nothing helps");
    app.clock.advance(Duration::from_mins(2));
    assert_eq!(stream.state().await, ended(EndReason::ExpiredAbsolute));
}

#[tokio::test]
async fn listening_does_not_move_the_idle_clock() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let seen = app.number("SELECT seen_at FROM sessions").await;
    let mut stream = alice.listen().await.expect("a stream");
    assert_eq!(stream.state().await, SessionState::Live);
    app.clock.advance(12 * HOUR - Duration::from_mins(1));
    alice.listen().await.expect("another stream");
    assert!(matches!(stream.state().await, SessionState::Ending { .. }));
    assert_eq!(app.number("SELECT seen_at FROM sessions").await, seen);
    app.clock.advance(Duration::from_mins(2));
    assert_eq!(stream.state().await, ended(EndReason::ExpiredIdle));
}

#[tokio::test]
async fn whoever_has_no_session_hears_just_that() {
    let app = TestApp::start().await;
    let nameless = app.anon();
    nameless.fail_to_sign_in(ALICE.email).await;
    let garbage = app.anon().with_cookie(Some("id=garbage".to_owned()));
    for stranger in [app.anon(), nameless, garbage] {
        let mut stream = stranger.listen().await.expect("a stream");
        let news = stream.next().await.expect("news");
        assert_eq!((news.session, news.state), (None, SessionState::Ended { reason: None }));
        assert_eq!(stream.next().await, None);
    }
}

#[tokio::test]
async fn whoever_comes_back_hears_why_the_session_ended() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let copy = alice.copy();
    alice.sign_out().await;
    let mut stream = copy.listen().await.expect("a stream");
    assert_eq!(stream.state().await, ended(EndReason::SignedOut));
    assert_eq!(stream.next().await, None);
}

#[tokio::test]
async fn a_session_that_moved_to_a_new_id_is_the_same_session() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let mut stream = alice.listen().await.expect("a stream");
    let before = stream.next().await.expect("news");
    alice.post("/api/confirm", &[("password", ALICE.password)]).await;
    assert_eq!(stream.next().await, None, "nothing to say; the browser asks again");
    let mut stream = alice.listen().await.expect("a stream");
    assert_eq!(stream.next().await.expect("news"), before);
}

#[tokio::test]
async fn one_session_opens_only_so_many_streams() {
    let app = TestApp::start().await;
    let (alice, phone) = (app.alice().await, app.anon());
    phone.sign_in(ALICE).await;
    let mut streams = Vec::new();
    for _ in 0..6 {
        streams.push(alice.listen().await.expect("a stream"));
    }
    assert_eq!(alice.listen().await.err(), Some(StatusCode::TOO_MANY_REQUESTS));
    phone.listen().await.expect("another session has places of its own");

    streams.pop();
    while alice.listen().await.is_err() {
        sleep(Duration::from_millis(20)).await; // until the server has seen that one is gone
    }
}

#[tokio::test]
async fn only_so_many_streams_are_open_at_a_time() {
    let app = TestApp::start_with(|config| config.sessions.event_streams = 2).await;
    let alice = app.alice().await;
    let _held = [alice.listen().await.expect("a stream"), alice.listen().await.expect("a stream")];
    let answer = alice.get("/session/events").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(!answer.header(header::RETRY_AFTER).is_empty());
    alice.is_signed_in().await;
    app.anon().listen().await.expect("to hear that one has no session takes no place");
}

#[tokio::test]
async fn streams_end_when_the_server_stops() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let mut stream = alice.listen().await.expect("a stream");
    assert_eq!(stream.state().await, SessionState::Live);
    let began = Instant::now();
    app.stop.cancel();
    assert_eq!(stream.next().await, None);
    app.wait_until_stopped().await;
    assert!(began.elapsed() < Duration::from_secs(5), "after {:?}", began.elapsed());
}

#[tokio::test]
async fn a_store_that_does_not_answer_is_no_news() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let mut stream = alice.listen().await.expect("a stream");
    assert_eq!(stream.state().await, SessionState::Live);
    app.store.set_fault(Fault::Failing);
    assert_eq!(alice.listen().await.err(), Some(StatusCode::SERVICE_UNAVAILABLE));
    sleep(SOON).await;
    app.store.set_fault(Fault::None);
    app.clock.advance(12 * HOUR - Duration::from_mins(1));
    assert!(matches!(stream.state().await, SessionState::Ending { .. }), "nothing was said meanwhile");
}

#[tokio::test]
async fn a_stream_without_news_shows_that_it_still_stands() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let mut stream = alice.listen().await.expect("a stream");
    assert!(stream.raw().await.contains("data: "));
    assert_eq!(stream.raw().await, ":\n\n");
}
