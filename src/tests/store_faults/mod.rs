//! Real servers that fail in every way. While they do, pages of people who are signed in answer 503, in the look
//! of the app, and keep their cookies; five seconds later everything works again.

mod postgres;
mod sqlite;
mod valkey;

use std::time::{Duration, Instant};

use http::{StatusCode, header};
use tokio::time::sleep;

use crate::support::{ALICE, Actor};

/// How long everything may take to work again.
const RECOVERY: Duration = Duration::from_secs(5);
/// No request takes longer than this to be answered: five seconds for a connection, five for a statement.
const MAX_WAIT: Duration = Duration::from_secs(12);

/// The page of a person who is signed in is unavailable, and public pages are shown.
async fn is_unavailable(alice: &Actor) {
    let began = Instant::now();
    let home = alice.get("/").await;
    assert!(began.elapsed() < MAX_WAIT, "answered after {:?}", began.elapsed());
    assert_eq!(home.status, StatusCode::SERVICE_UNAVAILABLE, "{}", home.text());
    assert!(home.text().contains("Not available right now"), "{}", home.text());
    assert!(!home.header(header::RETRY_AFTER).is_empty());
    assert_eq!(home.set_cookies(), [""; 0]);
    let login = alice.get("/login").await;
    login.shows("<form");
    assert_eq!(login.set_cookies(), [""; 0]);
}

/// Nothing can be changed.
async fn cannot_change_anything(alice: &Actor) {
    let began = Instant::now();
    let renamed = alice.post("/api/rename", &[("name", "Lost")]).await;
    assert!(began.elapsed() < MAX_WAIT, "answered after {:?}", began.elapsed());
    assert_eq!(renamed.status, StatusCode::SERVICE_UNAVAILABLE);
    // What was typed is kept; the session stays as it is.
    assert!(renamed.set_cookies().iter().all(|cookie| cookie.starts_with("form_3000=")));
}

/// Soon everything works, reading and writing.
async fn recovers(alice: &Actor) {
    let began = Instant::now();
    loop {
        let name = format!("Alice{}", began.elapsed().as_millis());
        let renamed = alice.post("/api/rename", &[("name", &name)]).await;
        if renamed.status == StatusCode::SEE_OTHER {
            alice.get("/").await.shows(&name);
            return;
        }
        assert_eq!(renamed.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(began.elapsed() < RECOVERY, "still unavailable after {:?}", began.elapsed());
        sleep(Duration::from_millis(50)).await;
    }
}

/// What had been done before is still there.
async fn has_lost_nothing(alice: &Actor) {
    alice.get("/account").await.shows(ALICE.email);
    alice.get("/account/activity").await.shows("Account created");
}
