//! Accounts with many sessions: there is a limit, and those from before it can be listed and ended.

use std::time::{Duration, Instant};

use futures_util::{StreamExt, TryStreamExt, stream};
use vestibule::server::{
    domain::{AccountId, Clock, SessionHandle, random},
    sessions::{Method, Store, StoredSession, Values},
    system::SystemEntropy,
};

use crate::support::{ALICE, RawId, TestApp};

/// Gives an account sessions as it may have had before there was a limit.
async fn add_sessions(app: &TestApp, account: &AccountId, count: usize) {
    let now = app.clock.now();
    let session = || StoredSession {
        id_hash: RawId(random(&SystemEntropy)).hash(),
        handle: SessionHandle::generate(&SystemEntropy),
        account: Some(account.clone()),
        methods: vec![Method::Password],
        credential_version: 0,
        authenticated_at: Some(now),
        remembered: true,
        user_agent: "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0".to_owned(),
        address: "203.0.113.9".to_owned(),
        values: Values::new(),
        created_at: now,
        seen_at: now,
        expires_at: now + Duration::from_hours(14 * 24),
        absolute_expires_at: now + Duration::from_hours(30 * 24),
    };
    let created = stream::iter(0..count).map(async |_| app.store.create(&session(), &[]).await);
    created.buffer_unordered(64).try_collect::<()>().await.expect("created");
}

#[tokio::test]
async fn the_session_that_was_not_used_for_the_longest_time_ends_when_there_are_too_many() {
    let app = TestApp::start_with(|config| config.sessions.max_per_account = 3).await;
    let devices = [app.alice().await, app.anon(), app.anon(), app.anon()];
    let [first, second, third, fourth] = &devices;
    for device in [second, third] {
        app.clock.advance(Duration::from_mins(2));
        device.sign_in(ALICE).await;
    }
    app.clock.advance(Duration::from_mins(2));
    first.is_signed_in().await;
    fourth.sign_in(ALICE).await;
    for device in [first, third, fourth] {
        device.is_signed_in().await;
    }
    let login = second.get("/login").await;
    login.shows("You were signed out here because you signed in on many other devices.");
    first.get("/account/activity").await.shows("ended because there were too many sessions");

    fourth.sign_in(ALICE).await;
    for device in [first, third, fourth] {
        device.is_signed_in().await; // the sign-in took the place of a session
    }
}

#[tokio::test]
async fn a_session_that_signs_in_while_the_clock_is_behind_is_not_the_one_that_ends() {
    let app = TestApp::start_with(|config| config.sessions.max_per_account = 1).await;
    let (laptop, phone) = (app.alice().await, app.anon());
    app.clock.set_back(Duration::from_mins(1));
    phone.sign_in(ALICE).await;
    phone.is_signed_in().await;
    laptop.is_signed_out().await;
}

#[tokio::test]
async fn sessions_are_listed_in_pages() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    add_sessions(&app, &app.account_id().await, 45).await;
    for (path, sessions, older, newer) in [
        ("/account/sessions", 20, true, false),
        ("/account/sessions?page=2", 20, true, true),
        ("/account/sessions?page=3", 6, false, true),
        ("/account/sessions?page=4294967295", 6, false, true),
        ("/account/sessions?page=0", 20, true, false),
        ("/account/sessions?page=-1", 20, true, false),
    ] {
        let page = alice.get(path).await;
        page.shows("Sign out everywhere else");
        let text = page.text();
        assert_eq!(text.matches("class=\"facts\"").count(), sessions, "{path}");
        assert_eq!((text.contains(">Older<"), text.contains(">Newer<")), (older, newer), "{path}");
        assert_eq!(text.contains("This device"), !newer, "{path}");
    }
}

#[tokio::test]
async fn thousands_of_sessions_are_listed_and_ended() {
    ends_others(3_000).await;
}

#[tokio::test]
#[ignore = "takes a minute; prints how long the end takes"]
async fn tens_of_thousands_of_sessions_are_listed_and_ended() {
    ends_others(50_000).await;
}

async fn ends_others(count: usize) {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    add_sessions(&app, &app.account_id().await, count).await;
    let page = alice.get("/account/sessions").await;
    page.shows("This device");
    assert!(page.body.len() < 50_000, "{} bytes", page.body.len());
    let listed = app.run(&["session", "list", ALICE.email]).await;
    assert!(listed.lines().count() <= 1_001, "{listed}");

    let began = Instant::now();
    alice.post("/api/end_other_sessions", &[]).await.leads_to("/account/sessions");
    println!("{count} sessions ended in {:?}", began.elapsed());
    alice.get("/account/sessions").await.shows(&format!("{count} other sessions have ended."));
    alice.is_signed_in().await;
    let events = app.number("SELECT count(*) FROM events WHERE kind = 'session_ended'").await;
    assert_eq!(usize::try_from(events), Ok(count), "each is recorded");
}
