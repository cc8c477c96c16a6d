//! The session engine without the application, in a small router.

use std::sync::Arc;

use axum::{Extension, Router, extract::Request, routing::get};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::sync::Barrier;
use tower::ServiceExt;
use vestibule::server::{
    domain::AccountId,
    sessions::{CookieChange, Identity, Key, RequestSession, SessionError, SessionStatus},
};

use crate::support::{AUTHENTICATION, Fault, Fixture, request};

const COLOUR: Key<String> = Key::new("colour");

/// A preference that an application stores in the session.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Theme {
    Light,
    Dark,
}

const THEME: Key<Theme> = Key::surviving_sign_in("keep:theme");

#[tokio::test]
async fn concurrent_changes_of_different_keys_are_both_stored() {
    let fixture = Fixture::new().await;
    let cookie = fixture.write("", &[("kept", "yes"), ("dropped", "soon")]).await.expect("a new session");

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
async fn the_last_write_of_a_key_wins_even_with_the_initial_value() {
    let fixture = Fixture::new().await;
    let cookie = fixture.write("", &[("colour", "red")]).await.expect("a new session");
    let barrier = Arc::new(Barrier::new(2));
    let waiting = barrier.clone();
    let write_again = async move |Extension(session): Extension<RequestSession>| {
        waiting.wait().await;
        waiting.wait().await;
        session.insert(&COLOUR, &"red".to_owned()).await.expect("inserted");
    };
    let slow = fixture.wrap(Router::new().route("/", get(write_again))).oneshot(request("/", &cookie));
    let slow = tokio::spawn(slow);
    barrier.wait().await;
    fixture.write(&cookie, &[("colour", "blue")]).await;
    assert_eq!(fixture.read(&cookie).await, json!({ "colour": "blue" }));
    barrier.wait().await;
    slow.await.expect("no panic").expect("a response");
    assert_eq!(fixture.read(&cookie).await, json!({ "colour": "red" }));
}

#[tokio::test]
async fn a_session_is_created_by_the_first_write() {
    let fixture = Fixture::new().await;
    assert_eq!(fixture.write("", &[]).await, None, "nothing was written");
    let cookie = fixture.write("", &[("colour", "red")]).await.expect("a new session");
    assert_eq!(fixture.read(&cookie).await, json!({ "colour": "red" }));
    assert_eq!(fixture.write(&cookie, &[("colour", "blue")]).await, None, "the id is the same");
    assert_eq!(fixture.read(&cookie).await, json!({ "colour": "blue" }));
}

#[tokio::test]
async fn only_keys_that_are_marked_so_survive_sign_in() {
    let fixture = Fixture::new().await;
    let choose = async |Extension(session): Extension<RequestSession>| {
        session.insert(&THEME, &Theme::Dark).await.expect("inserted");
        session.insert(&COLOUR, &"red".to_owned()).await.expect("inserted");
        assert_eq!(session.get(&THEME).await.expect("a theme"), Some(Theme::Dark));
    };
    let cookie = fixture.send(Router::new().route("/", get(choose)), "").await.expect("a new session");
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
    assert_eq!(fixture.read(&cookie).await, all, "a step-up preserves all values");

    let forget = async |Extension(session): Extension<RequestSession>| {
        assert_eq!(session.remove(&THEME).await.expect("a theme"), Some(Theme::Light));
    };
    fixture.send(Router::new().route("/", get(forget)), &cookie).await;
    assert_eq!(fixture.read(&cookie).await, json!({ "colour": "blue" }));
}

#[tokio::test]
async fn a_value_of_another_type_is_an_error() {
    let fixture = Fixture::new().await;
    let cookie = fixture.write("", &[("colour", "red")]).await.expect("a new session");
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
    let cookie = fixture.write("", &[("colour", "red")]).await.expect("a new session");
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
async fn a_late_write_through_the_tower_session_panics_too() {
    let fixture = Fixture::new().await;
    let cookie = fixture.write("", &[("colour", "red")]).await.expect("a new session");
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
    let cookie = fixture.write("", &[("colour", "red")]).await.expect("a new session");
    let session = fixture.session_after_response(&cookie).await;
    let late = tokio::spawn(async move { session.sign_out().await });
    assert!(late.await.expect_err("it panics").is_panic());
    assert_eq!(fixture.read(&cookie).await, json!({ "colour": "red" }));
}

#[tokio::test]
async fn sessions_survive_an_unavailable_store() {
    let fixture = Fixture::new().await;
    let cookie = fixture.sign_in_remembered().await;
    for fault in [Fault::Failing, Fault::Hanging] {
        fixture.store.set_fault(fault);
        assert_eq!(fixture.session_after_response(&cookie).await.status(), SessionStatus::Unavailable);
        assert_eq!(fixture.write(&cookie, &[]).await, None, "the cookie is not removed");
    }
    fixture.store.set_fault(Fault::None);
    assert_eq!(fixture.session_after_response(&cookie).await.status(), SessionStatus::Live);
}

#[tokio::test]
async fn a_late_write_with_a_replaced_cookie_does_not_replace_the_new_one() {
    let fixture = Fixture::new().await;
    let old = fixture.write("", &[("colour", "red")]).await.expect("a session begins");
    let new = fixture.sign_in(&old).await.expect("a new cookie");
    assert_eq!(fixture.write(&old, &[("colour", "blue")]).await, None, "the browser has the new cookie");
    assert_eq!(fixture.read(&new).await, json!({}));
}

#[tokio::test]
async fn a_session_that_cannot_be_read_is_neither_replaced_nor_reported_as_ended() {
    let fixture = Fixture::new().await;
    let cookie = fixture.sign_in_remembered().await;
    fixture.store.set_fault(Fault::Failing);
    let session = fixture.open(&cookie).await;
    fixture.store.set_fault(Fault::None);
    assert!(matches!(session.sign_out().await, Err(SessionError::Unknown)));
    assert!(matches!(session.tower().delete().await, Ok(())), "tower has no session to delete");
    let account = AccountId::new("bob".to_owned());
    let identity = Identity { account, authentication: AUTHENTICATION, remembered: false };
    assert!(matches!(session.sign_in(identity).await, Err(SessionError::Unknown)));
    session.insert(&COLOUR, &"red".to_owned()).await.expect("inserted");
    let closed = session.close().await;
    assert!(matches!(closed.written, Err(SessionError::Unknown)));
    assert!(matches!(closed.cookie, CookieChange::Keep));
    assert_eq!(fixture.session_after_response(&cookie).await.status(), SessionStatus::Live);
}
