//! Sessions that end or are rotated while another request of theirs is in progress.

use std::{sync::Arc, time::Duration};

use axum::{Extension, Router, response::Response, routing::get};
use serde_json::json;
use tokio::{sync::Barrier, task::JoinHandle};
use tower::ServiceExt;
use vestibule::{
    model::EndReason,
    server::sessions::{RequestSession, SessionStatus},
};

use crate::support::{AUTHENTICATION, Fixture, request, set_cookie};

#[tokio::test]
async fn a_session_that_ends_during_a_request_does_not_get_its_cookie_again() {
    let fixture = Fixture::new().await;
    let cookie = fixture.sign_in_remembered().await;
    fixture.clock.advance(Duration::from_mins(2));
    assert_eq!(fixture.write(&cookie, &[]).await.as_ref(), Some(&cookie), "extended, so set again");

    fixture.clock.advance(Duration::from_mins(2));
    let barrier = Arc::new(Barrier::new(2));
    let waiting = barrier.clone();
    let slow = async move || {
        waiting.wait().await;
        waiting.wait().await;
    };
    let router = fixture.wrap(Router::new().route("/", get(slow)));
    let slow = tokio::spawn(router.oneshot(request("/", &cookie)));
    barrier.wait().await;
    assert_eq!(fixture.sign_out(&cookie).await.as_deref(), Some("id="));
    barrier.wait().await;

    let late = slow.await.expect("no panic").expect("a response");
    assert_eq!(set_cookie(&late), None, "the browser may have a new session by now");
}

#[tokio::test]
async fn a_session_that_ends_between_load_and_touch_is_not_revived() {
    let fixture = Arc::new(Fixture::new().await);
    let cookie = fixture.sign_in_remembered().await;
    fixture.clock.advance(Duration::from_mins(2));

    let barrier = fixture.store.pause_next_load();
    let slow = tokio::spawn({
        let (fixture, cookie) = (fixture.clone(), cookie.clone());
        async move { fixture.session_after_response(&cookie).await }
    });
    barrier.wait().await;
    assert_eq!(fixture.sign_out(&cookie).await.as_deref(), Some("id="));
    barrier.wait().await;

    let slow = slow.await.expect("no panic");
    assert_eq!(slow.stored(), None, "ended for the slow request too");
    assert_eq!(fixture.read(&cookie).await, json!(null));
}

#[tokio::test]
async fn a_session_that_ends_between_load_and_write_is_not_revived() {
    let fixture = Arc::new(Fixture::new().await);
    let cookie = fixture.sign_in_remembered().await;

    let barrier = fixture.store.pause_next_load();
    let slow = tokio::spawn({
        let (fixture, cookie) = (fixture.clone(), cookie.clone());
        async move { fixture.write(&cookie, &[("colour", "red")]).await }
    });
    barrier.wait().await;
    assert_eq!(fixture.sign_out(&cookie).await.as_deref(), Some("id="));
    barrier.wait().await;

    assert_eq!(slow.await.expect("no panic"), None, "no cookie");
    assert_eq!(fixture.read(&cookie).await, json!(null));
}

#[tokio::test]
async fn ending_other_sessions_excludes_the_current_session_after_a_rotation() {
    let fixture = Fixture::new().await;
    let cookie = fixture.sign_in_remembered().await;
    let barrier = Arc::new(Barrier::new(2));
    let waiting = barrier.clone();
    let slow = async move |Extension(session): Extension<RequestSession>| {
        waiting.wait().await;
        waiting.wait().await;
        assert_eq!(session.end_other_sessions(EndReason::EndedElsewhere).await.expect("ended"), 0);
    };
    let slow = fixture.wrap(Router::new().route("/", get(slow))).oneshot(request("/", &cookie));
    let slow = tokio::spawn(slow);
    barrier.wait().await;
    let step_up = async |Extension(session): Extension<RequestSession>| {
        session.reauthenticate(AUTHENTICATION, None).await.expect("still signed in");
    };
    let rotated = fixture.send(Router::new().route("/", get(step_up)), &cookie).await.expect("a new id");
    barrier.wait().await;
    slow.await.expect("no panic").expect("a response");
    assert_eq!(fixture.session_after_response(&rotated).await.status(), SessionStatus::Live);
}

/// Starts a sign-out, which waits at the barrier once it has loaded its session.
async fn start_sign_out(fixture: &Fixture, cookie: &str) -> (Arc<Barrier>, JoinHandle<Response>) {
    let barrier = Arc::new(Barrier::new(2));
    let waiting = barrier.clone();
    let slow = async move |Extension(session): Extension<RequestSession>| {
        waiting.wait().await;
        waiting.wait().await;
        session.sign_out().await.expect("signed out");
    };
    let response = fixture.wrap(Router::new().route("/", get(slow))).oneshot(request("/", cookie));
    let slow = tokio::spawn(async { response.await.expect("a response") });
    barrier.wait().await;
    (barrier, slow)
}

#[tokio::test]
async fn a_second_sign_out_does_not_remove_the_cookie() {
    let fixture = Fixture::new().await;
    let cookie = fixture.sign_in_remembered().await;
    let (barrier, slow) = start_sign_out(&fixture, &cookie).await;
    assert_eq!(fixture.sign_out(&cookie).await.as_deref(), Some("id="));
    barrier.wait().await;
    assert_eq!(set_cookie(&slow.await.expect("no panic")), None, "the browser may have a new session by now");
}

#[tokio::test]
async fn a_sign_out_ends_the_session_after_a_rotation() {
    let fixture = Fixture::new().await;
    let cookie = fixture.sign_in_remembered().await;
    let (barrier, slow) = start_sign_out(&fixture, &cookie).await;
    let step_up = async |Extension(session): Extension<RequestSession>| {
        session.reauthenticate(AUTHENTICATION, None).await.expect("still signed in");
    };
    let rotated = fixture.send(Router::new().route("/", get(step_up)), &cookie).await.expect("a new id");
    barrier.wait().await;
    assert_eq!(set_cookie(&slow.await.expect("no panic")).as_deref(), Some("id="));
    assert_eq!(
        fixture.session_after_response(&rotated).await.status(),
        SessionStatus::Ended(EndReason::SignedOut)
    );
}
