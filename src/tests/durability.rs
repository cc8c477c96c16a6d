//! What SQLite has told the disk when a request is answered. (PostgreSQL waits for every commit, as it is configured.)

use std::{collections::BTreeSet, time::Duration};

use vestibule::server::db::{Dialect, Row};

use crate::support::{ALICE, Installation, Stores, TestApp};

/// `synchronous` is 2 (FULL) or 1 (NORMAL), and cannot change within a transaction: what a trigger sees is in force when
/// the transaction is committed.
const TRIGGERS: [&str; 9] = [
    "CREATE TABLE commits (what TEXT, synchronous BIGINT)",
    "CREATE TRIGGER registered AFTER INSERT ON accounts BEGIN \
     INSERT INTO commits SELECT 'registration', synchronous FROM pragma_synchronous; END",
    "CREATE TRIGGER renamed AFTER UPDATE OF name ON accounts BEGIN \
     INSERT INTO commits SELECT 'name', synchronous FROM pragma_synchronous; END",
    "CREATE TRIGGER new_password AFTER UPDATE OF password_hash ON accounts BEGIN \
     INSERT INTO commits SELECT 'password', synchronous FROM pragma_synchronous; END",
    "CREATE TRIGGER created AFTER INSERT ON sessions WHEN NEW.account_id IS NOT NULL BEGIN \
     INSERT INTO commits SELECT 'session', synchronous FROM pragma_synchronous; END",
    "CREATE TRIGGER ended AFTER UPDATE OF ended_at ON sessions BEGIN \
     INSERT INTO commits SELECT 'end: ' || NEW.end_reason, synchronous FROM pragma_synchronous; END",
    "CREATE TRIGGER touched AFTER UPDATE OF seen_at ON sessions BEGIN \
     INSERT INTO commits SELECT 'touch', synchronous FROM pragma_synchronous; END",
    "CREATE TRIGGER changed AFTER UPDATE OF data ON sessions WHEN NEW.ended_at IS NULL BEGIN \
     INSERT INTO commits SELECT 'values', synchronous FROM pragma_synchronous; END",
    "CREATE TRIGGER refused AFTER INSERT ON events WHEN NEW.kind = 'sign_in_refused' BEGIN \
     INSERT INTO commits SELECT 'refusal', synchronous FROM pragma_synchronous; END",
];

#[tokio::test]
async fn what_people_are_told_has_reached_the_disk_and_the_rest_does_not_wait_for_it() {
    let installation = Installation::on(Stores::in_database(Dialect::Sqlite));
    let app = TestApp::start_in(installation, |_| {}).await;
    for trigger in TRIGGERS {
        app.execute(trigger).await;
    }
    // Touches and values come between, so that each has to set what it needs.
    let (alice, phone, tablet) = (app.alice().await, app.anon(), app.anon());
    phone.sign_in(ALICE).await;
    tablet.sign_in(ALICE).await;
    app.clock.advance(Duration::from_mins(2));
    alice.is_signed_in().await;
    alice.post("/api/rename", &[("name", "Alice")]).await;
    phone.is_signed_in().await;
    alice.post("/api/end_other_sessions", &[]).await;
    app.anon().fail_to_sign_in(ALICE.email).await;
    alice.post("/api/confirm", &[("password", ALICE.password)]).await;
    phone.sign_in(ALICE).await;
    let passwords = [("current_password", ALICE.password), ("new_password", "seven impossible things")];
    alice.post("/api/change_password", &passwords).await;
    app.clock.advance(Duration::from_mins(2));
    alice.is_signed_in().await;
    alice.sign_out().await;
    app.clock.advance(Duration::from_hours(24));
    app.purge().await;

    let rows = app.rows("SELECT what, synchronous FROM commits").await;
    let commits = rows.iter().map(|row| (row.text(0).expect("text"), row.integer(1).expect("a number")));
    let expected = [
        ("end: ended_elsewhere", 2),
        ("end: password_changed", 2),
        ("end: replaced", 2),
        ("end: signed_out", 2),
        ("name", 2),
        ("password", 2),
        ("refusal", 1),
        ("registration", 2),
        ("session", 2),
        ("touch", 1),
        ("values", 1),
    ];
    assert_eq!(
        commits.collect::<BTreeSet<_>>(),
        expected.map(|(what, synchronous)| (what.to_owned(), synchronous)).into()
    );
}
