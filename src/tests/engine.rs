//! The session engine by itself, in a router of a few lines.

use std::{sync::Arc, time::Duration};

use axum::{Extension, Router, extract::Request, response::Response, routing::get};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::{sync::Barrier, task::JoinHandle};
use tower::ServiceExt;
use vestibule::{
    model::EndReason,
    server::sessions::{Key, RequestSession, SessionError, Status},
};

use crate::support::{AUTHENTICATION, Fault, Fixture, request, set_cookie};

const COLOUR: Key<String> = Key::new("colour");

/// A preference of the browser, as an app would keep one.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Theme {
    Light,
    Dark,
}

const THEME: Key<Theme> = Key::surviving_sign_in("keep:theme");

#[tokio::test]
async fn two_requests_that_change_different_keys_both_win() {
    let fixture = Fixture::new().await;
    let cookie = fixture.write("", &[("kept", "yes"), ("dropped", "soon")]).await.expect("a session begins");

    // Both have opened the session before either writes.
    let both_opened = Arc::new(Barrier::new(2));
    let write = async move |Extension(session): Extension<RequestSession>, request: Request| {
        both_opened.wait().await;
        let right = request.uri().path() == "/right";
        let key: Key<String> = Key::new(if right { "right" } else { "left" });
        session.insert(&key, &"set".to_owned()).await.expect("inserted");
        if right {
            session.remove(&Key::<String>::new("dropped")).await.expect("removed");
        }
    };
    let router = fixture.wrap(Router::new().route("/{key}", get(write)));
    let left = router.clone().oneshot(request("/left", &cookie));
    let right = router.oneshot(request("/right", &cookie));
    let (left, right) = tokio::join!(left, right);
    assert!(
        left.expect("a response").status().is_success() && right.expect("a response").status().is_success()
    );

    let expected = json!({ "kept": "yes", "left": "set", "right": "set" });
    assert_eq!(fixture.read(&cookie).await, expected);
}

#[tokio::test]
async fn the_last_writer_of_a_key_wins_even_with_the_value_that_was_there() {
    let fixture = Fixture::new().await;
    let cookie = fixture.write("", &[("colour", "red")]).await.expect("a session begins");
    let barrier = Arc::new(Barrier::new(2));
    let under_way = barrier.clone();
    let insist = async move |Extension(session): Extension<RequestSession>| {
        under_way.wait().await;
        under_way.wait().await;
        session.insert(&COLOUR, &"red".to_owned()).await.expect("inserted");
    };
    let slow = fixture.wrap(Router::new().route("/", get(insist))).oneshot(request("/", &cookie));
    let slow = tokio::spawn(slow);
    barrier.wait().await;
    fixture.write(&cookie, &[("colour", "blue")]).await;
    assert_eq!(fixture.read(&cookie).await, json!({ "colour": "blue" }));
    barrier.wait().await;
    slow.await.expect("no panic").expect("a response");
    assert_eq!(fixture.read(&cookie).await, json!({ "colour": "red" }));
}

#[tokio::test]
async fn a_session_begins_when_something_is_kept_in_it() {
    let fixture = Fixture::new().await;
    assert_eq!(fixture.write("", &[]).await, None, "nothing was kept");
    let cookie = fixture.write("", &[("colour", "red")]).await.expect("a session begins");
    assert_eq!(fixture.read(&cookie).await, json!({ "colour": "red" }));
    assert_eq!(fixture.write(&cookie, &[("colour", "blue")]).await, None, "the same id serves");
    assert_eq!(fixture.read(&cookie).await, json!({ "colour": "blue" }));
}

#[tokio::test]
async fn a_preference_survives_sign_in_on_purpose_and_nothing_else_does() {
    let fixture = Fixture::new().await;
    let choose = async |Extension(session): Extension<RequestSession>| {
        session.insert(&THEME, &Theme::Dark).await.expect("inserted");
        session.insert(&COLOUR, &"red".to_owned()).await.expect("inserted");
        assert_eq!(session.get(&THEME).await.expect("a theme"), Some(Theme::Dark));
    };
    let cookie = fixture.send(Router::new().route("/", get(choose)), "").await.expect("a session begins");
    assert_eq!(fixture.read(&cookie).await, json!({ "colour": "red", "keep:theme": "Dark" }));

    let cookie = fixture.sign_in(&cookie).await.expect("a new cookie");
    assert_eq!(fixture.read(&cookie).await, json!({ "keep:theme": "Dark" }));

    let change = async |Extension(session): Extension<RequestSession>| {
        session.insert(&COLOUR, &"blue".to_owned()).await.expect("inserted");
        session.reauthenticate(AUTHENTICATION, None).await.expect("a new id");
        session.insert(&THEME, &Theme::Light).await.expect("inserted");
    };
    let cookie = fixture.send(Router::new().route("/", get(change)), &cookie).await.expect("a new cookie");
    let all = json!({ "colour": "blue", "keep:theme": "Light" });
    assert_eq!(fixture.read(&cookie).await, all, "a step-up is the same person");

    let forget = async |Extension(session): Extension<RequestSession>| {
        assert_eq!(session.remove(&THEME).await.expect("a theme"), Some(Theme::Light));
    };
    fixture.send(Router::new().route("/", get(forget)), &cookie).await;
    assert_eq!(fixture.read(&cookie).await, json!({ "colour": "blue" }));
}

#[tokio::test]
async fn a_value_of_another_type_is_an_error_and_not_a_panic() {
    let fixture = Fixture::new().await;
    let cookie = fixture.write("", &[("colour", "red")]).await.expect("a session begins");
    let misread = async |Extension(session): Extension<RequestSession>| {
        let number: Key<u64> = Key::new("colour");
        assert!(matches!(session.get(&number).await, Err(SessionError::Values(_))));
        assert_eq!(session.get(&COLOUR).await.expect("a colour").as_deref(), Some("red"));
    };
    fixture.send(Router::new().route("/", get(misread)), &cookie).await;
}

#[tokio::test]
async fn a_write_after_the_head_of_the_response_panics() {
    let fixture = Fixture::new().await;
    let cookie = fixture.write("", &[("colour", "red")]).await.expect("a session begins");
    for cookie in ["", &cookie] {
        let session = fixture.session_after_response(cookie).await;
        let late = tokio::spawn(async move { session.insert(&COLOUR, &"late".to_owned()).await });
        assert!(late.await.expect_err("it panics").is_panic());

        let session = fixture.session_after_response(cookie).await;
        let late = tokio::spawn(async move { session.remove(&COLOUR).await });
        assert!(late.await.expect_err("it panics").is_panic());
    }
    assert_eq!(fixture.read(&cookie).await, json!({ "colour": "red" }));
}

#[tokio::test]
async fn a_late_write_past_the_wrapper_panics_as_well() {
    let fixture = Fixture::new().await;
    let cookie = fixture.write("", &[("colour", "red")]).await.expect("a session begins");
    for cookie in ["", &cookie] {
        let session = fixture.session_after_response(cookie).await.tower();
        session.insert("colour", "late").await.expect("only in memory");
        let late = tokio::spawn(async move { session.save().await });
        assert!(late.await.expect_err("it panics").is_panic());
    }
    assert_eq!(fixture.read(&cookie).await, json!({ "colour": "red" }));
}

#[tokio::test]
async fn signing_out_after_the_head_of_the_response_panics() {
    let fixture = Fixture::new().await;
    let cookie = fixture.write("", &[("colour", "red")]).await.expect("a session begins");
    let session = fixture.session_after_response(&cookie).await;
    let late = tokio::spawn(async move { session.sign_out().await });
    assert!(late.await.expect_err("it panics").is_panic());
    assert_eq!(fixture.read(&cookie).await, json!({ "colour": "red" }));
}

#[tokio::test]
async fn a_session_that_ends_while_a_request_is_under_way_gets_its_cookie_from_nobody() {
    let fixture = Fixture::new().await;
    let cookie = fixture.sign_in_remembered().await;
    fixture.clock.advance(Duration::from_mins(2));
    assert_eq!(fixture.write(&cookie, &[]).await.as_ref(), Some(&cookie), "prolonged, so set again");

    fixture.clock.advance(Duration::from_mins(2));
    let barrier = Arc::new(Barrier::new(2));
    let under_way = barrier.clone();
    let slow = async move || {
        under_way.wait().await;
        under_way.wait().await;
    };
    let router = fixture.wrap(Router::new().route("/", get(slow)));
    let slow = tokio::spawn(router.oneshot(request("/", &cookie)));
    barrier.wait().await;
    assert_eq!(fixture.sign_out(&cookie).await.as_deref(), Some("id="));
    barrier.wait().await;

    let late = slow.await.expect("no panic").expect("a response");
    assert_eq!(set_cookie(&late), None, "the browser may hold the next session by now");
}

#[tokio::test]
async fn a_session_that_ends_between_being_read_and_prolonged_is_not_revived() {
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
    assert_eq!(slow.stored(), None, "it has ended for the slow request as well");
    assert_eq!(fixture.read(&cookie).await, json!(null));
}

#[tokio::test]
async fn a_session_that_ends_between_being_read_and_written_is_not_revived() {
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
async fn a_store_that_does_not_answer_signs_nobody_out() {
    let fixture = Fixture::new().await;
    let cookie = fixture.sign_in_remembered().await;
    for fault in [Fault::Failing, Fault::Hanging] {
        fixture.store.set_fault(fault);
        assert_eq!(fixture.session_after_response(&cookie).await.status(), Status::Unavailable);
        assert_eq!(fixture.write(&cookie, &[]).await, None, "the cookie stays");
    }
    fixture.store.set_fault(Fault::None);
    assert_eq!(fixture.session_after_response(&cookie).await.status(), Status::Live);
}

#[tokio::test]
async fn ending_the_others_spares_the_session_under_whichever_id_it_has_by_now() {
    let fixture = Fixture::new().await;
    let cookie = fixture.sign_in_remembered().await;
    let barrier = Arc::new(Barrier::new(2));
    let under_way = barrier.clone();
    let slow = async move |Extension(session): Extension<RequestSession>| {
        under_way.wait().await;
        under_way.wait().await;
        assert_eq!(session.end_other_sessions(EndReason::EndedElsewhere).await.expect("ended"), 0);
    };
    let slow = fixture.wrap(Router::new().route("/", get(slow))).oneshot(request("/", &cookie));
    let slow = tokio::spawn(slow);
    barrier.wait().await;
    let prove = async |Extension(session): Extension<RequestSession>| {
        session.reauthenticate(AUTHENTICATION, None).await.expect("still signed in");
    };
    let moved = fixture.send(Router::new().route("/", get(prove)), &cookie).await.expect("a new id");
    barrier.wait().await;
    slow.await.expect("no panic").expect("a response");
    assert_eq!(fixture.session_after_response(&moved).await.status(), Status::Live);
}

/// A sign-out that has opened its session, and goes on when the barrier lets it.
async fn begin_to_sign_out(fixture: &Fixture, cookie: &str) -> (Arc<Barrier>, JoinHandle<Response>) {
    let barrier = Arc::new(Barrier::new(2));
    let under_way = barrier.clone();
    let slow = async move |Extension(session): Extension<RequestSession>| {
        under_way.wait().await;
        under_way.wait().await;
        session.sign_out().await.expect("signed out");
    };
    let answer = fixture.wrap(Router::new().route("/", get(slow))).oneshot(request("/", cookie));
    let slow = tokio::spawn(async { answer.await.expect("a response") });
    barrier.wait().await;
    (barrier, slow)
}

#[tokio::test]
async fn a_sign_out_that_comes_too_late_leaves_the_next_cookie_alone() {
    let fixture = Fixture::new().await;
    let cookie = fixture.sign_in_remembered().await;
    let (barrier, slow) = begin_to_sign_out(&fixture, &cookie).await;
    assert_eq!(fixture.sign_out(&cookie).await.as_deref(), Some("id="));
    barrier.wait().await;
    assert_eq!(set_cookie(&slow.await.expect("no panic")), None, "the browser may hold the next one by now");
}

#[tokio::test]
async fn signing_out_means_the_session_under_whichever_id_it_has_by_now() {
    let fixture = Fixture::new().await;
    let cookie = fixture.sign_in_remembered().await;
    let (barrier, slow) = begin_to_sign_out(&fixture, &cookie).await;
    let prove = async |Extension(session): Extension<RequestSession>| {
        session.reauthenticate(AUTHENTICATION, None).await.expect("still signed in");
    };
    let moved = fixture.send(Router::new().route("/", get(prove)), &cookie).await.expect("a new id");
    barrier.wait().await;
    assert_eq!(set_cookie(&slow.await.expect("no panic")).as_deref(), Some("id="));
    assert_eq!(fixture.session_after_response(&moved).await.status(), Status::Ended(EndReason::SignedOut));
}
