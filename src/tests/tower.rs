//! What libraries made for `tower_sessions::Session` can do with a session, and what they cannot.

use axum::{Extension, Router, routing::get};
use serde_json::json;
use tower_sessions::{Expiry, Session, cookie::time::Duration};
use vestibule::{
    model::EndReason,
    server::sessions::{Key, RequestSession, SessionStatus},
};

use crate::support::Fixture;

const COLOUR: Key<String> = Key::new("colour");
const THEME: Key<String> = Key::surviving_sign_in("keep:theme");

/// A signed-in session with a value that survives sign-in and one that does not; returns its cookie.
async fn signed_in(fixture: &Fixture) -> String {
    let cookie = fixture.sign_in("").await.expect("a cookie");
    let write = async |Extension(session): Extension<RequestSession>| {
        session.insert(&COLOUR, &"red".to_owned()).await.expect("inserted");
        session.insert(&THEME, &"dark".to_owned()).await.expect("inserted");
    };
    fixture.send(Router::new().route("/", get(write)), &cookie).await;
    assert_eq!(fixture.read(&cookie).await, json!({ "colour": "red", "keep:theme": "dark" }));
    cookie
}

async fn status(fixture: &Fixture, cookie: &str) -> SessionStatus {
    fixture.session_after_response(cookie).await.status()
}

#[tokio::test]
async fn a_library_reads_and_writes_the_same_values() {
    let fixture = Fixture::new().await;
    let cookie = signed_in(&fixture).await;
    let library = async |Extension(session): Extension<Session>| {
        assert_eq!(session.get("colour").await.expect("a value"), Some("red".to_owned()));
        session.insert("colour", "blue").await.expect("inserted");
        session.insert("size", 7).await.expect("inserted");
        session.save().await.expect("saved");
    };
    assert_eq!(fixture.send(Router::new().route("/", get(library)), &cookie).await, None, "the same id");
    let expected = json!({ "colour": "blue", "keep:theme": "dark", "size": 7 });
    assert_eq!(fixture.read(&cookie).await, expected);
}

#[tokio::test]
async fn what_a_library_keeps_before_sign_in_begins_an_anonymous_session() {
    let fixture = Fixture::new().await;
    let library = async |Extension(session): Extension<Session>| {
        session.insert("colour", "red").await.expect("inserted");
    };
    let cookie = fixture.send(Router::new().route("/", get(library)), "").await.expect("a session begins");
    let session = fixture.session_after_response(&cookie).await.stored().expect("a session");
    assert_eq!((session.account.clone(), json!(session.values)), (None, json!({ "colour": "red" })));
}

#[tokio::test]
async fn cycle_id_ends_a_signed_in_session_and_only_surviving_keys_go_on() {
    let fixture = Fixture::new().await;
    let cookie = signed_in(&fixture).await;
    let library = async |Extension(session): Extension<Session>| {
        session.cycle_id().await.expect("a new id");
    };
    let next = fixture.send(Router::new().route("/", get(library)), &cookie).await.expect("a new cookie");
    assert_eq!(status(&fixture, &cookie).await, SessionStatus::Ended(EndReason::SignedOut));
    let session = fixture.session_after_response(&next).await.stored().expect("a session");
    assert_eq!((session.account.clone(), json!(session.values)), (None, json!({ "keep:theme": "dark" })));
}

#[tokio::test]
async fn what_is_written_after_cycle_id_is_judged_in_the_same_way() {
    let fixture = Fixture::new().await;
    let cookie = signed_in(&fixture).await;
    let library = async |Extension(session): Extension<Session>| {
        session.cycle_id().await.expect("a new id");
        session.insert("size", 7).await.expect("inserted");
        session.save().await.expect("saved");
    };
    let next = fixture.send(Router::new().route("/", get(library)), &cookie).await.expect("a new cookie");
    assert_eq!(fixture.read(&next).await, json!({ "keep:theme": "dark" }));
}

#[tokio::test]
async fn cycle_id_of_an_anonymous_session_keeps_its_values() {
    let fixture = Fixture::new().await;
    let cookie = fixture.write("", &[("colour", "red")]).await.expect("a session begins");
    let library = async |Extension(session): Extension<Session>| {
        session.cycle_id().await.expect("a new id");
    };
    let next = fixture.send(Router::new().route("/", get(library)), &cookie).await.expect("a new cookie");
    assert_ne!(next, cookie);
    assert_eq!(fixture.read(&next).await, json!({ "colour": "red" }));
    assert_eq!(fixture.read(&cookie).await, json!(null));
}

#[tokio::test]
async fn flush_and_delete_sign_out() {
    let fixture = Fixture::new().await;
    for delete in [false, true] {
        let cookie = signed_in(&fixture).await;
        let library = async move |Extension(session): Extension<Session>| {
            if delete {
                session.delete().await.expect("deleted");
                session.clear().await;
            } else {
                session.flush().await.expect("flushed");
            }
        };
        let removed = fixture.send(Router::new().route("/", get(library)), &cookie).await;
        assert_eq!(removed.as_deref(), Some("id="));
        assert_eq!(status(&fixture, &cookie).await, SessionStatus::Ended(EndReason::SignedOut));
    }
}

#[tokio::test]
async fn set_expiry_changes_nothing() {
    let fixture = Fixture::new().await;
    let cookie = signed_in(&fixture).await;
    let before = fixture.session_after_response(&cookie).await.stored().expect("a session");
    let library = async |Extension(session): Extension<Session>| {
        session.set_expiry(Some(Expiry::OnInactivity(Duration::weeks(520))));
    };
    assert_eq!(fixture.send(Router::new().route("/", get(library)), &cookie).await, None);
    assert_eq!(fixture.session_after_response(&cookie).await.stored().expect("a session"), before);
}

#[tokio::test]
async fn a_library_that_holds_the_session_across_sign_in_sees_only_surviving_keys() {
    let fixture = Fixture::new().await;
    let cookie = fixture.write("", &[("colour", "red")]).await.expect("a session begins");
    let sign_in = async |Extension(values): Extension<Session>,
                         Extension(session): Extension<RequestSession>| {
        values.insert("planted", true).await.expect("inserted");
        sign_in_alice(&session).await;
        assert_eq!(values.get_value("colour").await.expect("a value"), None);
        assert_eq!(values.get_value("planted").await.expect("a value"), None);
        values.insert("size", 7).await.expect("inserted");
    };
    let next = fixture.send(Router::new().route("/", get(sign_in)), &cookie).await.expect("a new cookie");
    assert_eq!(fixture.read(&next).await, json!({ "size": 7 }));
}

async fn sign_in_alice(session: &RequestSession) {
    let account = vestibule::server::domain::AccountId::new("alice".to_owned());
    let authentication = crate::support::AUTHENTICATION;
    let identity = vestibule::server::sessions::Identity { account, authentication, remembered: false };
    session.sign_in(identity).await.expect("signed in");
}
