//! Sessions survive an outage of the store.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use http::{Method, StatusCode, header};
use tokio::sync::Barrier;

use crate::support::{ALICE, ControlledStore, Fault, TestApp, interleave};

#[tokio::test]
async fn public_pages_are_shown_without_a_store() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    app.db().close().await;
    for visitor in [app.anon(), alice] {
        for path in ["/login", "/register"] {
            let response = visitor.get(path).await;
            response.shows("<form");
            assert_eq!(response.set_cookies(), [""; 0], "{path}");
        }
    }
}

#[tokio::test]
async fn protected_pages_are_unavailable_without_a_store_and_the_cookie_is_kept() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    app.db().close().await;

    let response = alice.get("/").await;
    assert_eq!(response.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(!response.header(header::RETRY_AFTER).is_empty());
    assert!(response.header(header::CONTENT_TYPE).starts_with("text/html"));
    assert!(response.text().contains("Not available right now"), "{}", response.text());
    assert!(!response.text().contains(ALICE.name));
    assert_eq!(response.set_cookies(), [""; 0]);

    let response = alice.request(Method::GET, "/").accept("*/*").send().await;
    assert_eq!(response.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(!response.text().contains('<'), "{}", response.text());
}

#[tokio::test]
async fn functions_are_unavailable_without_a_store_and_the_cookie_is_kept() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    app.db().close().await;
    let fields = [("email", ALICE.email), ("password", ALICE.password), ("name", ALICE.name)];
    for function in ["/api/sign_out", "/api/stay", "/api/sign_in", "/api/register"] {
        for visitor in [&alice, &app.anon()] {
            let response = visitor.call(function, &fields).await;
            let refused = visitor.cookie().is_none() && ["/api/sign_out", "/api/stay"].contains(&function);
            let expected = if refused { r#""SignInRequired""# } else { r#""Unavailable""# };
            assert_eq!(response.text(), expected, "{function}");
            assert_eq!(response.set_cookies(), [""; 0], "{function}");
        }
    }
    let response = alice.sign_out().await;
    assert_eq!(response.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(!response.header(header::RETRY_AFTER).is_empty());
    assert_eq!(response.set_cookies(), [""; 0], "still signed in");
}

#[tokio::test]
async fn users_are_still_signed_in_when_the_store_is_back() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    app.db().close().await;
    for path in ["/", "/login"] {
        alice.get(path).await;
    }
    alice.sign_out().await;
    let app = app.restart().await;
    alice.reconnect_to(&app).is_signed_in().await;
}

#[tokio::test]
async fn probes_distinguish_liveness_from_readiness() {
    let app = TestApp::start().await;
    let probe = app.anon();
    for path in ["/healthz", "/readyz"] {
        assert_eq!(probe.get(path).await.text(), "ok\n", "{path}");
    }
    app.db().close().await;
    assert_eq!(probe.get("/healthz").await.status, StatusCode::OK);
    assert_eq!(probe.get("/readyz").await.status, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn requests_that_need_no_store_work_without_one() {
    let app = TestApp::start().await;
    app.db().close().await;
    app.anon().get("/").await.leads_to("/login?next=%2F");
    assert_eq!(app.anon().get("/robots.txt").await.status, StatusCode::OK);
    let invalid = app.anon().with_cookie(Some(format!("id_3000={}", "A".repeat(66))));
    invalid.get("/").await.leads_to("/login?next=%2F");
}

#[tokio::test]
async fn sessions_survive_a_failing_or_hanging_store() {
    let app = TestApp::start_with(|config| config.sessions.store_timeout = Duration::from_millis(300)).await;
    let alice = app.alice().await;
    for fault in [Fault::Failing, Fault::Hanging] {
        app.store.set_fault(fault);
        let started = Instant::now();
        let login = alice.get("/login").await;
        login.shows("<form");
        assert_eq!(login.set_cookies(), [""; 0], "{fault:?}");
        assert!(started.elapsed() < Duration::from_secs(2), "{fault:?}: after {:?}", started.elapsed());

        let home = alice.get("/").await;
        assert_eq!(home.status, StatusCode::SERVICE_UNAVAILABLE, "{fault:?}");
        assert!(!home.header(header::RETRY_AFTER).is_empty());
        assert!(home.text().contains("Not available right now"), "{}", home.text());
        assert_eq!(home.set_cookies(), [""; 0], "{fault:?}");

        for form in ["/api/sign_out", "/api/confirm", "/api/end_other_sessions", "/api/rename"] {
            let response = alice.post(form, &[("password", ALICE.password), ("name", "Alice")]).await;
            assert_eq!(response.status, StatusCode::SERVICE_UNAVAILABLE, "{fault:?} {form}");
            assert_eq!(response.set_cookies(), [""; 0], "{fault:?} {form}");
        }
        app.anon().get("/").await.leads_to("/login?next=%2F");
        app.store.set_fault(Fault::None);
        alice.is_signed_in().await;
    }
}

#[tokio::test]
async fn a_session_that_cannot_be_touched_is_served_and_expires_earlier() {
    for fault in [Fault::ReadOnly, Fault::WriterBusy] {
        let app = TestApp::start().await;
        let alice = app.anon();
        alice.register(ALICE).await;
        app.clock.advance(Duration::from_mins(2));
        app.store.set_fault(fault);
        let began = Instant::now();
        alice.is_signed_in().await;
        assert!(began.elapsed() < Duration::from_secs(2), "{fault:?}: after {:?}", began.elapsed());
        let stay = alice.call("/api/stay", &[]).await;
        assert_eq!((stay.status, stay.text()), (StatusCode::SERVICE_UNAVAILABLE, r#""Unavailable""#));
        app.store.set_fault(Fault::None);
        app.clock.advance(Duration::from_hours(12) - Duration::from_mins(2));
        alice.is_signed_out().await;
    }
}

/// Alice signs in a second time; the store fails from the pause on.
async fn fails_during_a_sign_in(pause: impl Fn(&ControlledStore) -> Arc<Barrier>) {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let barrier = pause(&app.store);
    let fields = [("email", ALICE.email), ("password", ALICE.password)];
    let response = interleave(&barrier, alice.post("/api/sign_in", &fields), async {
        app.store.set_fault(Fault::Failing);
    })
    .await;
    assert_eq!(response.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(response.session_cookies(), [""; 0]);
    app.store.set_fault(Fault::None);
    alice.is_signed_in().await;
}

#[tokio::test]
async fn a_store_that_fails_during_a_sign_in_changes_nothing() {
    fails_during_a_sign_in(ControlledStore::pause_next_load).await;
    fails_during_a_sign_in(ControlledStore::pause_next_create).await;
}

#[tokio::test]
async fn a_store_that_fails_before_the_old_session_ends_leaves_it_live() {
    fails_during_a_sign_in(ControlledStore::pause_next_end).await;
}

#[tokio::test]
async fn an_unreadable_session_is_a_signed_out_one() {
    let damages: [&[(&str, &str)]; 7] = [
        &[("data", "no JSON")],
        &[("data", "[]")],
        &[("methods", "telepathy")],
        &[("expires_at", "soon")],
        &[("remembered", "perhaps")],
        &[("ended_at", "1"), ("end_reason", "boredom")],
        &[("ended_at", "1")],
    ];
    for damage in damages {
        let app = TestApp::start().await;
        let alice = app.alice().await;
        if !app.damage_sessions(damage).await {
            continue;
        }
        let response = alice.get("/").await;
        response.leads_to("/login?next=%2F");
        assert_eq!(response.set_cookies(), [""; 0], "{damage:?}");
        alice.get("/login").await.shows("<form");
        alice.sign_in(ALICE).await;
        alice.is_signed_in().await;
        alice.get("/account/sessions").await.shows("You are not signed in anywhere else.");
        alice.post("/api/end_other_sessions", &[]).await.leads_to("/account/sessions");
    }
}

#[tokio::test]
async fn a_store_that_fails_after_a_rotation_still_sets_the_new_cookie() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let before = alice.copy();
    // The session has a new id; the flash message is about to be written.
    let barrier = app.store.pause_next_merge();
    let passwords = [("current_password", ALICE.password), ("new_password", "seven impossible things")];
    let response = interleave(&barrier, alice.post("/api/change_password", &passwords), async {
        app.store.set_fault(Fault::Failing);
    })
    .await;
    assert_eq!(response.status, StatusCode::SERVICE_UNAVAILABLE);
    app.store.set_fault(Fault::None);
    before.is_signed_out().await;
    alice.is_signed_in().await;
}
