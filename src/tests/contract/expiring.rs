//! Time ends sessions as well.

use std::time::Duration;

use vestibule::{
    model::EndReason,
    server::sessions::{Lookup, StoredSession},
};

use super::scenario::{ABSOLUTE, IDLE, LATEST_EXPIRY, RETENTION, Scenario, someone};

const MOMENT: Duration = Duration::from_millis(1);

pub async fn a_session_lives_until_the_moment_it_expires(mut scenario: Scenario) {
    let session = scenario.signed_in(&someone()).await;
    scenario.pass(IDLE - MOMENT);
    assert_eq!(scenario.live(&session.id_hash).await, session);
    scenario.pass(MOMENT);
    scenario.is_ended(&session, EndReason::ExpiredIdle).await;
}

pub async fn idle_and_absolute_expiry_are_told_apart(mut scenario: Scenario) {
    let idle = scenario.signed_in(&someone()).await;
    let absolute =
        StoredSession { absolute_expires_at: idle.expires_at, ..scenario.unknown(Some(&someone())) };
    let absolute = scenario.keep(absolute).await;
    scenario.pass(IDLE);
    for _ in 0..2 {
        scenario.is_ended(&idle, EndReason::ExpiredIdle).await;
        scenario.is_ended(&absolute, EndReason::ExpiredAbsolute).await;
        scenario.purge().await;
    }

    scenario.pass(RETENTION - MOMENT);
    scenario.purge().await;
    scenario.is_ended(&idle, EndReason::ExpiredIdle).await;
    scenario.is_ended(&absolute, EndReason::ExpiredAbsolute).await;

    scenario.pass(MOMENT);
    scenario.purge().await;
    scenario.is_unknown(&idle).await;
    scenario.is_unknown(&absolute).await;
}

pub async fn a_stored_expiry_outlasts_a_clock_that_is_set_back(mut scenario: Scenario) {
    let before = scenario.now;
    let session = scenario.signed_in(&someone()).await;
    let live = scenario.signed_in(&someone()).await;
    scenario.pass(IDLE);
    scenario.store.expire(&session.id_hash, scenario.now).await.expect("stored");
    scenario.now = before;
    assert_eq!(scenario.load(&session.id_hash).await, Lookup::Ended(EndReason::ExpiredIdle));

    scenario.store.expire(&live.id_hash, scenario.now).await.expect("an answer");
    assert_eq!(scenario.live(&live.id_hash).await, live, "it has not expired");
}

pub async fn what_expires_later_than_it_can_is_shortened(mut scenario: Scenario) {
    let session = scenario.unknown(Some(&someone()));
    let used_in_the_future = StoredSession {
        expires_at: scenario.now + 100 * IDLE,
        absolute_expires_at: scenario.now + 100 * ABSOLUTE,
        ..session
    };
    let session = scenario.keep(used_in_the_future).await;
    let other = scenario.signed_in(&someone()).await;
    scenario.purge().await;
    let shortened = scenario.live(&session.id_hash).await;
    assert_eq!(shortened.expires_at, scenario.now + LATEST_EXPIRY);
    assert_eq!(shortened.absolute_expires_at, scenario.now + ABSOLUTE);
    assert_eq!(scenario.live(&other.id_hash).await, other, "left alone");

    scenario.pass(LATEST_EXPIRY + RETENTION);
    scenario.purge().await;
    scenario.is_unknown(&session).await;
}
