//! An ended session stays dead, whatever else is under way.

use std::{sync::Arc, time::Duration};

use http::StatusCode;
use serde_json::json;
use tokio::task::JoinSet;
use vestibule::server::{
    clock::{Clock, SystemEntropy, Timestamp},
    sessions::{Changes, EndReason, Handle, SessionId, SqlStore, Store, StoredSession, Values},
};

use crate::support::{ALICE, TestApp};

/// Requests that are under way while somebody signs out.
const CROWD: usize = 50;
const ROUNDS: usize = 6;

const LIVE: &str = "SELECT count(*) FROM sessions WHERE ended_at IS NULL";

#[tokio::test]
async fn signing_out_ends_the_session_and_not_only_the_cookie() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let thief = alice.copy();
    alice.sign_out().await.leads_to("/login");
    assert_eq!(alice.cookie(), None);
    thief.is_signed_out().await;
    assert_eq!(app.number(LIVE).await, 0);
}

#[tokio::test]
async fn signing_out_twice_does_no_harm() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let second_tab = alice.copy();
    alice.sign_out().await;
    let answer = second_tab.sign_out().await;
    answer.leads_to("/login?next=%2F");
    assert_eq!(answer.set_cookies(), [""; 0]);
    assert_eq!(app.anon().call("/api/sign_out", &[]).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_ended_id_stays_dead_while_many_requests_read_it() {
    let app = TestApp::start().await;
    app.alice().await;
    for _ in 0..ROUNDS {
        sign_out_in_a_crowd(&app, Duration::ZERO).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_ended_id_stays_dead_while_many_requests_write_it() {
    let app = TestApp::start().await;
    app.alice().await;
    for _ in 0..ROUNDS {
        // Every one of them moves the idle clock, and a remembered session sets its cookie again.
        sign_out_in_a_crowd(&app, Duration::from_secs(61)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_ended_id_stays_dead_while_forms_leave_messages_in_it() {
    let app = TestApp::start().await;
    app.alice().await;
    let alice = app.anon();
    alice.sign_in(ALICE).await;
    let tabs: Vec<_> = (0..8).map(|_| Arc::new(alice.copy())).collect();
    let mut forms = JoinSet::new();
    for tab in &tabs {
        let tab = Arc::clone(tab);
        forms.spawn(async move { tab.post("/api/sign_in", &[("email", "x"), ("password", "")]).await });
    }
    let thief = alice.copy();
    assert_eq!(alice.sign_out().await.status, StatusCode::SEE_OTHER);
    thief.is_signed_out().await;
    for answer in forms.join_all().await {
        assert!(!answer.status.is_server_error(), "{}", answer.text());
    }
    thief.is_signed_out().await;
    for tab in tabs {
        tab.is_signed_out().await;
    }
}

/// Signs in anew, lets `idle` pass, and signs out in the middle of a crowd of requests.
async fn sign_out_in_a_crowd(app: &TestApp, idle: Duration) {
    let alice = app.anon();
    alice.sign_in_to_stay(ALICE).await;
    app.clock.advance(idle);
    let thief = alice.copy();
    let mut crowd = JoinSet::new();
    for _ in 0..CROWD {
        let thief = thief.copy();
        crowd.spawn(async move { thief.get("/").await.status });
    }
    // Begun when some of them are answered and others are on their way.
    let first = crowd.join_next().await.expect("a crowd").expect("no panic");
    assert_eq!(first, StatusCode::OK);
    alice.sign_out().await.leads_to("/login");

    thief.is_signed_out().await;
    for status in crowd.join_all().await {
        assert!([StatusCode::OK, StatusCode::SEE_OTHER].contains(&status), "{status}");
        thief.is_signed_out().await;
    }
}

fn session(now: Timestamp) -> StoredSession {
    StoredSession {
        id_hash: SessionId::generate(&SystemEntropy).hash(),
        handle: Handle::generate(&SystemEntropy),
        account: None,
        methods: Vec::new(),
        authenticated_at: None,
        remembered: false,
        user_agent: "test".to_owned(),
        address: "127.0.0.1".to_owned(),
        values: Values::new(),
        created_at: now,
        seen_at: now,
        expires_at: now + Duration::from_hours(1),
        absolute_expires_at: now + Duration::from_hours(2),
    }
}

fn change() -> Changes {
    Changes::from([("colour".to_owned(), Some(json!("red")))])
}

#[tokio::test]
async fn saving_a_session_that_was_ended_does_not_revive_it() {
    let app = TestApp::start().await;
    let (store, now) = (SqlStore::new(app.state.db.clone()), app.clock.now());
    let session = session(now);
    let id = &session.id_hash;
    store.create(&session).await.expect("created");
    assert!(store.merge(id, &change(), now).await.expect("an answer"), "alive");
    assert!(store.touch(id, now, session.expires_at).await.expect("an answer"), "alive");

    assert!(store.end(id, EndReason::SignedOut, now).await.expect("an answer"));

    assert!(!store.merge(id, &change(), now).await.expect("an answer"));
    assert!(!store.touch(id, now, session.expires_at).await.expect("an answer"));
    assert!(!store.end(id, EndReason::SignedOut, now).await.expect("an answer"), "only once");
    store.create(&session).await.expect_err("an id is created once, even if it has ended");
    assert_eq!(store.load(id, now).await.expect("an answer"), None);
}

#[tokio::test]
async fn a_session_that_has_expired_is_not_revived_either() {
    let app = TestApp::start().await;
    let (store, now) = (SqlStore::new(app.state.db.clone()), app.clock.now());
    let session = session(now);
    let id = &session.id_hash;
    store.create(&session).await.expect("created");
    let late = session.expires_at;
    assert_eq!(store.load(id, late).await.expect("an answer"), None);
    assert!(!store.merge(id, &change(), late).await.expect("an answer"));
    assert!(!store.touch(id, late, late + Duration::from_hours(1)).await.expect("an answer"));
}

#[tokio::test]
async fn creating_a_known_id_is_an_error_and_changes_nothing() {
    let app = TestApp::start().await;
    let (store, now) = (SqlStore::new(app.state.db.clone()), app.clock.now());
    let first = session(now);
    store.create(&first).await.expect("created");
    let mut second = session(now);
    second.id_hash = first.id_hash.clone();
    second.user_agent = "other".to_owned();
    store.create(&second).await.expect_err("known already");
    assert_eq!(store.load(&first.id_hash, now).await.expect("an answer"), Some(first));
}
