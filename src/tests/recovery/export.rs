//! "Download my data".

use std::time::Duration;

use http::header;
use serde_json::Value;
use vestibule::server::db::Row;

use super::journey::start_with_alice;
use crate::support::{ALICE, BOB};

#[tokio::test]
async fn it_is_complete_and_has_only_what_is_ones_own() {
    let (app, _, alice) = start_with_alice().await;
    let phone = app.anon();
    phone.sign_in_remembered(ALICE).await;
    app.anon().fail_to_sign_in(ALICE.email).await;
    let bob = app.anon();
    bob.register(BOB).await;
    let own = app.number(
        "SELECT count(*) FROM events WHERE account_id = (SELECT id FROM accounts WHERE name <> 'Bob')",
    );
    let own = usize::try_from(own.await).expect("a number");

    let file = alice.get("/account/data").await;
    assert_eq!(file.header(header::CONTENT_TYPE), "application/json");
    assert_eq!(file.header(header::CONTENT_DISPOSITION), "attachment; filename=\"vestibule-data.json\"");
    assert_eq!(file.header(header::CACHE_CONTROL), "no-store, no-transform");
    let data: Value = file.json();
    assert_eq!(
        (&data["profile"]["email"], &data["profile"]["name"]),
        (&ALICE.email.into(), &ALICE.name.into())
    );
    assert_eq!(data["profile"]["created_at"], "2026-01-01T08:00:00Z");
    let sessions = data["sessions"].as_array().expect("sessions");
    assert_eq!(sessions.len(), 2);
    assert!(sessions.iter().any(|session| session["keep_signed_in"] == true));
    let events = data["events"].as_array().expect("events");
    assert_eq!(events.len(), own + 1, "and this one");
    assert_eq!(events[0]["what"]["kind"], "data_downloaded");
    assert!(!file.text().contains("Bob") && !file.text().contains(BOB.email));

    let secrets =
        app.rows("SELECT password_hash FROM accounts UNION SELECT token_hash FROM mailed_tokens").await;
    let secrets = secrets.iter().map(|row| row.text(0).expect("text"));
    for secret in secrets.chain([alice.id_hash(), phone.id_hash(), alice.cookie_value()]) {
        assert!(!file.text().contains(&secret), "{secret}");
    }
}

#[tokio::test]
async fn all_events_are_in_it_page_by_page() {
    let (app, _, alice) = start_with_alice().await;
    app.execute(
        "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 1200) \
         INSERT INTO events (at, account_id, address, user_agent, kind, details) \
         SELECT created_at, id, '::1', '', 'signed_in', '{}' FROM accounts, numbers",
    )
    .await;
    let data: Value = alice.get("/account/data").await.json();
    assert_eq!(data["events"].as_array().expect("events").len(), 1203);
}

#[tokio::test]
async fn it_takes_a_step_up() {
    let (app, _, alice) = start_with_alice().await;
    app.anon().get("/account/data").await.leads_to("/login?next=%2Faccount");
    app.clock.advance(Duration::from_mins(16));
    alice.get("/account/data").await.leads_to("/confirm?next=%2Faccount");
    assert_eq!(app.number("SELECT count(*) FROM events WHERE kind = 'data_downloaded'").await, 0);
}
