//! An ended session stays ended, whatever requests are in progress.

use std::{sync::Arc, time::Duration};

use http::StatusCode;
use tokio::task::JoinSet;

use crate::support::{ALICE, TestApp, interleave};

/// Requests in progress during the sign-out.
const REQUESTS: usize = 50;
const ROUNDS: usize = 6;

#[tokio::test]
async fn signing_out_ends_the_session_and_removes_the_cookie() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let attacker = alice.copy();
    alice.sign_out().await.leads_to("/login");
    assert_eq!(alice.cookie(), None);
    attacker.is_signed_out().await;
    assert!(app.live_sessions().await.is_empty());
}

#[tokio::test]
async fn signing_out_twice_is_harmless() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let second_tab = alice.copy();
    alice.sign_out().await;
    let response = second_tab.sign_out().await;
    response.leads_to("/login?next=%2F");
    assert_eq!(response.set_cookies(), [""; 0]);
    assert_eq!(app.anon().call("/api/sign_out", &[]).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_late_sign_out_does_not_remove_the_cookie_of_the_next_session() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let late = alice.copy();
    let barrier = app.store.pause_next_load();
    let response = interleave(&barrier, late.sign_out(), async {
        alice.sign_in(ALICE).await;
    })
    .await;
    assert_eq!(response.set_cookies(), [""; 0]);
    alice.is_signed_in().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_ended_session_stays_ended_while_many_requests_read_it() {
    let app = TestApp::start().await;
    app.alice().await;
    for _ in 0..ROUNDS {
        sign_out_during_requests(&app, Duration::ZERO).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_ended_session_stays_ended_while_many_requests_write_it() {
    let app = TestApp::start().await;
    app.alice().await;
    for _ in 0..ROUNDS {
        // Each of them extends the idle timeout and sets the cookie of the remembered session again.
        sign_out_during_requests(&app, Duration::from_secs(61)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_ended_session_stays_ended_while_forms_leave_messages_in_it() {
    let app = TestApp::start().await;
    app.alice().await;
    let alice = app.anon();
    alice.sign_in(ALICE).await;
    let tabs: Vec<_> = (0..8).map(|_| Arc::new(alice.copy())).collect();
    let mut forms = JoinSet::new();
    for (number, tab) in tabs.iter().enumerate() {
        let (tab, name) = (Arc::clone(tab), format!("Alice {number}"));
        forms.spawn(async move { tab.post("/api/rename", &[("name", &name)]).await });
    }
    // One has left its message; others are in progress.
    let first = forms.join_next().await.expect("a form").expect("no panic");
    first.leads_to("/account");
    let attacker = alice.copy();
    assert_eq!(alice.sign_out().await.status, StatusCode::SEE_OTHER);
    attacker.is_signed_out().await;
    for response in forms.join_all().await {
        assert!(!response.status.is_server_error(), "{}", response.text());
    }
    attacker.is_signed_out().await;
    for tab in tabs {
        tab.is_signed_out().await;
    }
}

/// Signs in, lets `idle` pass, and signs out during concurrent requests.
async fn sign_out_during_requests(app: &TestApp, idle: Duration) {
    let alice = app.anon();
    alice.sign_in_remembered(ALICE).await;
    app.clock.advance(idle);
    let attacker = alice.copy();
    let mut requests = JoinSet::new();
    for _ in 0..REQUESTS {
        let attacker = attacker.copy();
        requests.spawn(async move { attacker.get("/").await.status });
    }
    // At least one has a response now, and others are in progress.
    let first = requests.join_next().await.expect("a request").expect("no panic");
    assert_eq!(first, StatusCode::OK);
    alice.sign_out().await.leads_to("/login");

    attacker.is_signed_out().await;
    for status in requests.join_all().await {
        assert!([StatusCode::OK, StatusCode::SEE_OTHER].contains(&status), "{status}");
        attacker.is_signed_out().await;
    }
}
