//! `/session/events`: session events for open pages.

use std::time::{Duration, Instant};

use http::{HeaderName, Method, StatusCode, header};
use tokio::time::{sleep, timeout};
use vestibule::{
    model::{EndReason, SessionEvent, SessionState},
    server::{
        domain::{Client, Clock},
        sessions::{Key, Revocation, Selection},
    },
};

use crate::support::{ALICE, Actor, BOB, Fault, TestApp};

const HOUR: Duration = Duration::from_hours(1);
/// How soon an event must arrive.
const SOON: Duration = Duration::from_secs(2);

fn ended(reason: EndReason) -> SessionState {
    SessionState::Ended { reason: Some(reason) }
}

#[tokio::test]
async fn the_first_event_names_the_session() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let mut stream = alice.listen().await.expect("a stream");
    let event = stream.next().await.expect("an event");
    let handle = app.live_session().await.handle;
    assert_eq!((event.session, event.state), (Some(handle), SessionState::Live));
    assert_eq!(stream.headers[header::CACHE_CONTROL], "no-store, no-transform");
    assert!(!stream.headers.contains_key(header::SET_COOKIE));
}

#[tokio::test]
async fn a_revocation_is_sent_within_two_seconds() {
    let app = TestApp::start().await;
    let (laptop, phone) = (app.alice().await, app.anon());
    phone.sign_in(ALICE).await;
    let mut stream = phone.listen().await.expect("a stream");
    assert_eq!(stream.state().await, SessionState::Live);

    laptop.post("/api/end_other_sessions", &[]).await;
    let started = Instant::now();
    assert_eq!(stream.state().await, ended(EndReason::EndedElsewhere));
    assert!(started.elapsed() < SOON, "after {:?}", started.elapsed());
    assert_eq!(stream.next().await, None, "the stream ends");
}

#[tokio::test]
async fn a_revocation_by_another_process_is_sent() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let mut stream = alice.listen().await.expect("a stream");
    assert_eq!(stream.state().await, SessionState::Live);

    let other_process = app.open_again().await;
    let account = app.account_id().await;
    let revocation = Revocation {
        sessions: Selection::All(account),
        reason: EndReason::EndedByAdministrator,
        at: app.clock.now(),
        client: Client::command_line(),
    };
    other_process.end(&revocation, 1).await.expect("ended");
    let started = Instant::now();
    assert_eq!(stream.state().await, ended(EndReason::EndedByAdministrator));
    assert!(started.elapsed() < SOON, "after {:?}", started.elapsed());
}

#[tokio::test]
async fn an_expiry_is_announced_two_minutes_before_and_can_be_postponed() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let mut stream = alice.listen().await.expect("a stream");
    assert_eq!(stream.state().await, SessionState::Live);

    app.clock.advance(12 * HOUR - Duration::from_mins(2));
    assert_eq!(stream.state().await, SessionState::Ending { seconds: 120, extendable: true });
    let event: SessionEvent = alice.call("/api/stay", &[]).await.json();
    assert_eq!(event.state, SessionState::Live);
    assert_eq!(stream.next().await, Some(event), "every tab gets the event");

    app.clock.advance(12 * HOUR - Duration::from_secs(30));
    assert_eq!(stream.state().await, SessionState::Ending { seconds: 30, extendable: true });
    alice.call("/api/stay", &[]).await;
    assert_eq!(stream.state().await, SessionState::Live);
    app.clock.advance(Duration::from_mins(1));
    let last = SessionState::Ending { seconds: 90, extendable: false };
    assert_eq!(stream.state().await, last, "the absolute timeout cannot be extended");
    app.clock.advance(Duration::from_mins(2));
    assert_eq!(stream.state().await, ended(EndReason::ExpiredAbsolute));
}

#[tokio::test]
async fn a_stream_that_opens_after_staying_does_not_hear_the_warning_before() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let mut first = alice.listen().await.expect("a stream");
    assert_eq!(first.state().await, SessionState::Live);
    app.clock.advance(12 * HOUR - Duration::from_mins(2));
    assert!(matches!(first.state().await, SessionState::Ending { .. }));
    alice.call("/api/stay", &[]).await;
    let mut second = alice.listen().await.expect("a stream");
    assert_eq!(second.state().await, SessionState::Live);
    assert!(timeout(SOON, second.state()).await.is_err(), "nothing else has happened");
    assert_eq!(first.state().await, SessionState::Live);
}

#[tokio::test]
async fn listening_does_not_extend_the_idle_timeout() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let seen = app.live_session().await.seen_at;
    let mut stream = alice.listen().await.expect("a stream");
    assert_eq!(stream.state().await, SessionState::Live);
    app.clock.advance(12 * HOUR - Duration::from_mins(1));
    alice.listen().await.expect("another stream");
    assert!(matches!(stream.state().await, SessionState::Ending { .. }));
    assert_eq!(app.live_session().await.seen_at, seen);
    app.clock.advance(Duration::from_mins(2));
    assert_eq!(stream.state().await, ended(EndReason::ExpiredIdle));
}

#[tokio::test]
async fn a_visitor_without_a_session_gets_one_event() {
    let app = TestApp::start().await;
    let anonymous = app.with_anonymous_session(&Key::new("colour"), "red").await;
    let invalid = app.anon().with_cookie(Some("id_3000=garbage".to_owned()));
    for visitor in [app.anon(), anonymous, invalid] {
        let mut stream = visitor.listen().await.expect("a stream");
        let event = stream.next().await.expect("an event");
        assert_eq!((event.session, event.state), (None, SessionState::Ended { reason: None }));
        assert_eq!(stream.next().await, None);
    }
}

#[tokio::test]
async fn the_event_of_an_ended_session_has_the_reason() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let copy = alice.copy();
    alice.sign_out().await;
    let mut stream = copy.listen().await.expect("a stream");
    assert_eq!(stream.state().await, ended(EndReason::SignedOut));
    assert_eq!(stream.next().await, None);
}

#[tokio::test]
async fn a_rotated_session_is_the_same_session() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let mut stream = alice.listen().await.expect("a stream");
    let before = stream.next().await.expect("an event");
    alice.post("/api/confirm", &[("password", ALICE.password)]).await;
    assert_eq!(stream.next().await, None, "the stream ends; the browser reconnects");
    let mut stream = alice.listen().await.expect("a stream");
    assert_eq!(stream.next().await.expect("an event"), before);
}

#[tokio::test]
async fn the_streams_of_a_session_are_limited() {
    let app = TestApp::start().await;
    let (alice, phone) = (app.alice().await, app.anon());
    phone.sign_in(ALICE).await;
    let mut streams = Vec::new();
    for _ in 0..6 {
        streams.push(alice.listen().await.expect("a stream"));
    }
    assert_eq!(alice.listen().await.err(), Some(StatusCode::TOO_MANY_REQUESTS));
    phone.listen().await.expect("another session has its own limit");

    streams.pop();
    while alice.listen().await.is_err() {
        sleep(Duration::from_millis(20)).await; // until the server has noticed the closed stream
    }
}

#[tokio::test]
async fn the_streams_of_an_account_are_limited() {
    let app = TestApp::start_with(|config| config.sessions.event_streams_per_account = 2).await;
    let (laptop, phone, bob) = (app.alice().await, app.anon(), app.anon());
    phone.sign_in(ALICE).await;
    bob.register(BOB).await;
    let mut streams = vec![laptop.listen().await.expect("a stream"), phone.listen().await.expect("a stream")];
    assert_eq!(laptop.listen().await.err(), Some(StatusCode::TOO_MANY_REQUESTS));
    bob.listen().await.expect("another account has its own limit");

    streams.pop();
    while laptop.listen().await.is_err() {
        sleep(Duration::from_millis(20)).await; // until the server has noticed the closed stream
    }
}

#[tokio::test]
async fn the_streams_of_an_address_are_limited() {
    let app = TestApp::start_with(|config| {
        config.sessions.event_streams_per_address = 2;
        config.http.trusted_proxies = vec!["127.0.0.1/32".parse().expect("a network")];
    })
    .await;
    let (alice, bob) = (app.alice().await, app.anon());
    bob.register(BOB).await;
    let listen = async |actor: &Actor, address: &str| {
        let request = actor.request(Method::GET, "/session/events").header("x-forwarded-for", address);
        let response = request.send_unread().await;
        (response.status(), response)
    };
    let (first, _open) = listen(&alice, "2001:db8:0:1::1").await;
    let (second, _another) = listen(&bob, "[2001:db8:0:1:ffff::2]:443").await;
    assert_eq!((first, second), (StatusCode::OK, StatusCode::OK));
    assert_eq!(listen(&bob, "2001:db8:0:1::3").await.0, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(listen(&bob, "2001:db8:0:2::1").await.0, StatusCode::OK, "another network");
}

#[tokio::test]
async fn pages_of_other_sites_get_no_stream() {
    let app = TestApp::start_https().await;
    let alice = app.alice().await;
    let listen = async |headers: &[(&str, &str)]| {
        let request = alice.request(Method::GET, "/session/events");
        let request = headers.iter().fold(request, |request, (name, value)| request.header(name, value));
        let response = request.send_unread().await;
        let mut names = response.headers().keys().map(HeaderName::as_str);
        assert!(!names.any(|name| name.starts_with("access-control-")));
        response.status()
    };
    let (same, origin) = (("sec-fetch-site", "same-origin"), ("origin", "https://app.example"));
    let own: [&[(&str, &str)]; 5] = [&[], &[same], &[origin], &[same, origin], &[("sec-fetch-site", "none")]];
    for headers in own {
        assert_eq!(listen(headers).await, StatusCode::OK, "{headers:?}");
    }
    for site in ["cross-site", "same-site", "Same-Origin", ""] {
        assert_eq!(listen(&[("sec-fetch-site", site), origin]).await, StatusCode::FORBIDDEN, "{site}");
    }
    let others = ["https://evil.example", "http://app.example", "https://app.example:443", "null", ""];
    for origin in others {
        assert_eq!(listen(&[same, ("origin", origin)]).await, StatusCode::FORBIDDEN, "{origin}");
    }
    for twice in [[same, same], [same, ("sec-fetch-site", "cross-site")], [origin, ("origin", others[0])]] {
        assert_eq!(listen(&twice).await, StatusCode::FORBIDDEN, "{twice:?}: no browser sends one twice");
    }
}

#[tokio::test]
async fn all_streams_together_are_limited() {
    let app = TestApp::start_with(|config| config.sessions.event_streams = 2).await;
    let alice = app.alice().await;
    let _open = [alice.listen().await.expect("a stream"), alice.listen().await.expect("a stream")];
    let response = alice.get("/session/events").await;
    assert_eq!(response.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(!response.header(header::RETRY_AFTER).is_empty());
    alice.is_signed_in().await;
    app.anon().listen().await.expect("a stream without a session does not count");
}

#[tokio::test]
async fn streams_end_when_the_server_stops() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let mut stream = alice.listen().await.expect("a stream");
    assert_eq!(stream.state().await, SessionState::Live);
    let started = Instant::now();
    app.stop.cancel();
    assert_eq!(stream.next().await, None);
    app.wait_until_stopped().await;
    assert!(started.elapsed() < Duration::from_secs(5), "after {:?}", started.elapsed());
}

#[tokio::test]
async fn an_unavailable_store_sends_no_event() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let mut stream = alice.listen().await.expect("a stream");
    assert_eq!(stream.state().await, SessionState::Live);
    app.store.set_fault(Fault::Failing);
    assert_eq!(alice.listen().await.err(), Some(StatusCode::SERVICE_UNAVAILABLE));
    sleep(SOON).await;
    app.store.set_fault(Fault::None);
    app.clock.advance(12 * HOUR - Duration::from_mins(1));
    assert!(matches!(stream.state().await, SessionState::Ending { .. }), "no event in between");
}

#[tokio::test]
async fn an_idle_stream_sends_heartbeats() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let mut stream = alice.listen().await.expect("a stream");
    assert!(stream.raw().await.contains("data: "));
    assert_eq!(stream.raw().await, ":\n\n");
}
