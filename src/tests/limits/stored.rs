//! What is counted in the database, and what if that fails.

use std::time::Duration;

use super::{HERE, MINUTE, ROWS, THERE, guess, is_accepted, limits, register, sign_in, two_attempts, wait};
use crate::support::{ALICE, BOB, Installation, TestApp, for_every_database};

for_every_database!(guesses_that_arrive_together_do_not_slip_through);
async fn guesses_that_arrive_together_do_not_slip_through(installation: Installation) {
    let app = TestApp::start_in(installation, limits(|limits| limits.sign_in_burst = 0)).await;
    let other = app.another(|_| {}).await;
    let guesses = (0..50).map(|number| {
        let actor = if number % 2 == 0 { app.anon() } else { other.anon() };
        tokio::spawn(async move { wait(&guess(&actor, HERE, ALICE.email).await) })
    });
    let mut compared = 0;
    for guess in guesses.collect::<Vec<_>>() {
        compared += i32::from(guess.await.expect("no panic").is_none());
    }
    assert_eq!(compared, 5);
}

for_every_database!(all_processes_count_together_and_a_restart_forgets_nothing);
async fn all_processes_count_together_and_a_restart_forgets_nothing(installation: Installation) {
    let app = TestApp::start_in(installation, limits(two_attempts)).await;
    let other = app.another(|_| {}).await;
    assert_eq!(wait(&guess(&app.anon(), HERE, ALICE.email).await), None);
    assert_eq!(wait(&guess(&other.anon(), HERE, ALICE.email).await), None);
    assert_eq!(wait(&guess(&app.anon(), HERE, ALICE.email).await), Some(15));
    assert_eq!(wait(&guess(&other.anon(), HERE, ALICE.email).await), Some(15));
    let app = app.restart().await;
    assert_eq!(wait(&guess(&app.anon(), HERE, ALICE.email).await), Some(15));
}

#[tokio::test]
async fn what_is_refused_writes_nothing_and_is_no_event() {
    let app = TestApp::start_with(limits(two_attempts)).await;
    for _ in 0..2 {
        guess(&app.anon(), HERE, ALICE.email).await;
    }
    let (writes, rows) = (app.settled_usage().await.writes, app.number(ROWS).await);
    let events = app.number("SELECT count(*) FROM events").await;
    for _ in 0..20 {
        assert!(wait(&guess(&app.anon(), HERE, ALICE.email).await).is_some());
    }
    assert_eq!((app.db().usage().writes, app.number(ROWS).await), (writes, rows));
    assert_eq!(app.number("SELECT count(*) FROM events").await, events);
}

#[tokio::test]
async fn neither_addresses_nor_emails_are_stored_with_what_is_counted() {
    let app = TestApp::start_with(limits(|_| {})).await;
    guess(&app.anon(), HERE, "nobody.knows@example.org").await;
    assert_eq!(app.number(ROWS).await, 2);
    assert!(!app.is_stored(b"nobody.knows").await);
    let rows = app.rows("SELECT key FROM limits").await;
    for row in rows {
        let key = vestibule::server::db::Row::text(&row, 0).expect("a key");
        assert_eq!(key.len(), 22, "{key}");
    }
}

// If the counters cannot be read or written, neither everyone gets in nor no one: this process counts.
for_every_database!(without_its_table_each_process_counts_for_itself);
async fn without_its_table_each_process_counts_for_itself(installation: Installation) {
    let app = TestApp::start_in(installation, limits(two_attempts)).await;
    register(&app, BOB).await;
    app.execute("ALTER TABLE limits RENAME TO lost_limits").await;
    for _ in 0..3 {
        is_accepted(&sign_in(&app.anon(), HERE, BOB.email, BOB.password).await);
    }
    for expected in [None, None, Some(15)] {
        assert_eq!(wait(&guess(&app.anon(), HERE, ALICE.email).await), expected);
    }
    app.clock.advance(Duration::from_secs(15));
    for expected in [None, Some(30)] {
        assert_eq!(wait(&guess(&app.anon(), HERE, ALICE.email).await), expected);
    }
    app.execute("ALTER TABLE lost_limits RENAME TO limits").await;
    assert_eq!(wait(&guess(&app.anon(), HERE, ALICE.email).await), None, "the database counts again");
}

for_every_database!(counters_that_say_nothing_are_removed);
async fn counters_that_say_nothing_are_removed(installation: Installation) {
    let app = TestApp::start_in(installation, limits(|_| {})).await;
    guess(&app.anon(), HERE, "a@example.org").await;
    app.clock.advance(30 * MINUTE);
    guess(&app.anon(), THERE, "b@example.org").await;
    let purge = async || while app.state.app.limits.purge_batch().await.expect("purged") {};
    purge().await;
    assert_eq!(app.number(ROWS).await, 3, "the first address has nothing counted any more");
    app.clock.advance(30 * MINUTE);
    purge().await;
    assert_eq!(app.number(ROWS).await, 1);
    app.clock.advance(30 * MINUTE);
    purge().await;
    assert_eq!(app.number(ROWS).await, 0);
}
