//! Several processes that serve the same data.

use std::time::{Duration, Instant};

use tokio::time::sleep;
use vestibule::{
    model::{EndReason, SessionState},
    server::{
        db::{Dialect, leases, processes},
        domain::{Clock, Timestamp},
    },
};

use crate::support::{
    ALICE, Installation, ManualClock, ServerProcess, Stores, TestApp, command, for_every_database,
};

/// Open pages leave within this time.
const SOON: Duration = Duration::from_secs(2);
const MINUTE: Duration = Duration::from_mins(1);
const KEY: &str = "QAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
const OTHER_KEY: &str = "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA";

#[tokio::test]
async fn an_end_takes_effect_in_all_processes_at_once() {
    let app = TestApp::start().await;
    let other = app.another(|_| {}).await;
    let here = app.alice().await;
    let there = here.reconnect_to(&other);
    let phone = other.anon();
    phone.sign_in(ALICE).await;
    there.is_signed_in().await;

    here.post("/api/end_other_sessions", &[]).await;
    phone.is_signed_out().await;

    phone.sign_in(ALICE).await;
    let passwords = [("current_password", ALICE.password), ("new_password", "seven impossible things")];
    here.post("/api/change_password", &passwords).await.leads_to("/account/security");
    phone.is_signed_out().await;
    here.reconnect_to(&other).is_signed_in().await;

    there.copy().is_signed_out().await;
    here.sign_out().await;
    here.copy().reconnect_to(&other).is_signed_out().await;
}

#[tokio::test]
async fn open_pages_of_all_processes_leave() {
    let app = TestApp::start().await;
    let other = app.another(|_| {}).await;
    let (laptop, phone) = (app.alice().await, other.anon());
    phone.sign_in(ALICE).await;
    let mut stream = phone.listen().await.expect("a stream");
    assert_eq!(stream.state().await, SessionState::Live);
    let began = Instant::now();
    laptop.post("/api/end_other_sessions", &[]).await;
    assert_eq!(stream.state().await, SessionState::Ended { reason: Some(EndReason::EndedElsewhere) });
    assert!(began.elapsed() < SOON, "after {:?}", began.elapsed());
}

#[tokio::test]
async fn many_streams_cost_one_query_a_second() {
    let app = TestApp::start_with(|config| config.sessions.event_streams_per_account = 30).await;
    let alice = app.alice().await;
    let mut streams = Vec::new();
    for _ in 0..5 {
        let phone = app.anon();
        phone.sign_in(ALICE).await;
        for _ in 0..6 {
            streams.push(phone.listen().await.expect("a stream"));
        }
    }
    let before = app.settled_usage().await;
    sleep(3 * SOON / 2).await;
    let after = app.db().usage();
    assert!((2..=4).contains(&(after.reads - before.reads)), "{before:?} {after:?}");
    assert_eq!(after.writes, before.writes);
    alice.post("/api/end_other_sessions", &[]).await;
    for mut stream in streams {
        assert_eq!(stream.state().await, SessionState::Live);
        assert_eq!(stream.state().await, SessionState::Ended { reason: Some(EndReason::EndedElsewhere) });
    }
}

for_every_database!(one_process_at_a_time_has_a_lease);

async fn one_process_at_a_time_has_a_lease(installation: Installation) {
    let (db, mut now) = (installation.open_database().await, ManualClock::new().now());
    let acquire =
        async |process, now| leases::acquire(&db, "task", process, now, MINUTE).await.expect("asked");
    assert!(acquire("one", now).await);
    assert!(!acquire("two", now).await);
    now = now + MINUTE / 2;
    assert!(acquire("one", now).await, "it renews its lease");
    now = now + MINUTE / 2;
    assert!(!acquire("two", now).await, "the lease was renewed");
    now = now + MINUTE / 2;
    assert!(acquire("two", now).await, "the other has died");
    assert!(!acquire("one", now).await);
    leases::release_all(&db, "two").await.expect("released");
    assert!(acquire("one", now).await);
    now = ManualClock::new().now() + MINUTE;
    assert!(!acquire("two", now).await, "the clock of another machine is a little behind");
    assert!(acquire("two", Timestamp::from_millis(now.millis() - 3_600_000)).await, "the clock was set back");
    assert!(leases::acquire(&db, "another task", "two", now, MINUTE).await.expect("asked"));
}

#[tokio::test]
async fn a_process_that_stops_makes_way() {
    let app = TestApp::start().await;
    let other = app.another(|_| {}).await;
    assert_eq!(app.number("SELECT count(*) FROM processes").await, 2);
    other.stop.cancel();
    other.wait_until_stopped().await;
    assert_eq!(app.number("SELECT count(*) FROM processes").await, 1);
    let live = processes::fingerprints(app.db(), app.clock.now()).await.expect("asked");
    assert_eq!(live.len(), 1);
}

#[test]
fn different_keys_are_noticed() {
    const WARNING: &str = "another process signs cookies with a key that this one does not have";
    let installation = Installation::on(Stores::chosen());
    let keys = |keys| [("VESTIBULE_SESSIONS__KEYS", keys)];
    let first = ServerProcess::start(&installation.config, &keys(KEY));
    let rotated = format!("{OTHER_KEY},{KEY}");
    let knows_both = ServerProcess::start(&installation.config, &keys(&rotated));
    assert!(!first.log().contains(WARNING) && !knows_both.log().contains(WARNING));
    let stranger = ServerProcess::start(&installation.config, &keys(OTHER_KEY));
    stranger.wait_for(WARNING);
    first.wait_for(WARNING);
    assert!(!knows_both.log().contains(WARNING));
    assert!(!first.log().contains(KEY) && !stranger.log().contains(OTHER_KEY));
}

#[test]
fn a_key_that_was_made_for_one_machine_is_warned_of() {
    const WARNING: &str = "was made for this machine alone";
    for (database, warned) in [(Dialect::Postgres, true), (Dialect::Sqlite, false)] {
        let installation = Installation::on(Stores::in_database(database));
        let first = ServerProcess::start(&installation.config, &[]);
        assert_eq!(first.log().contains(WARNING), warned, "{database:?}");
        drop(first);
        assert!(
            !ServerProcess::start(&installation.config, &[]).log().contains(WARNING),
            "it was there already"
        );
    }
}

#[test]
fn keys_in_a_mounted_file_are_used_as_it_is() {
    let installation = Installation::on(Stores::chosen());
    let file = installation.config.http.site_root.parent().expect("a folder").join("mounted.key");
    let variables = [("VESTIBULE_SESSIONS__KEYS_FILE", file.to_str().expect("UTF-8"))];
    let mut refused = command(&installation.config, &["serve"]);
    let refused = refused.envs(variables).output().expect("it runs");
    assert!(
        String::from_utf8_lossy(&refused.stderr).contains("mounted.key, and there is no such file"),
        "not made up"
    );
    std::fs::write(&file, KEY).expect("written");
    ServerProcess::start(&installation.config, &variables);
    assert_eq!(std::fs::read_to_string(&file).expect("it is there"), KEY);
    assert!(!installation.config.data_dir.join("secret.key").exists());
}
