//! An ended session stays dead, whatever else is under way.

use std::{sync::Arc, time::Duration};

use http::StatusCode;
use tokio::task::JoinSet;

use crate::support::{ALICE, TestApp, interleave};

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

#[tokio::test]
async fn a_late_sign_out_does_not_take_the_cookie_of_the_next_session() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let late = alice.copy();
    let barrier = app.store.pause_next_load();
    let answer = interleave(&barrier, late.sign_out(), async {
        alice.sign_in(ALICE).await;
    })
    .await;
    assert_eq!(answer.set_cookies(), [""; 0]);
    alice.is_signed_in().await;
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
    alice.sign_in_remembered(ALICE).await;
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
