//! Sessions expire.

use std::time::Duration;

use vestibule::{
    model::EndReason,
    server::sessions::{Lookup, StoredSession},
};

use super::scenario::{ABSOLUTE, IDLE, LATEST_EXPIRY, RETENTION, Scenario, new_account};

const MILLISECOND: Duration = Duration::from_millis(1);

pub async fn a_session_is_live_until_it_expires(mut scenario: Scenario) {
    let session = scenario.signed_in(&new_account()).await;
    scenario.advance(IDLE - MILLISECOND);
    assert_eq!(scenario.live(&session.id_hash).await, session);
    scenario.advance(MILLISECOND);
    scenario.assert_ended(&session, EndReason::ExpiredIdle).await;
}

pub async fn idle_and_absolute_expiry_are_distinguished(mut scenario: Scenario) {
    let idle = scenario.signed_in(&new_account()).await;
    let absolute =
        StoredSession { absolute_expires_at: idle.expires_at, ..scenario.unknown(Some(&new_account())) };
    let absolute = scenario.create(absolute).await;
    scenario.advance(IDLE);
    for _ in 0..2 {
        scenario.assert_ended(&idle, EndReason::ExpiredIdle).await;
        scenario.assert_ended(&absolute, EndReason::ExpiredAbsolute).await;
        scenario.purge().await;
    }

    scenario.advance(RETENTION - MILLISECOND);
    scenario.purge().await;
    scenario.assert_ended(&idle, EndReason::ExpiredIdle).await;
    scenario.assert_ended(&absolute, EndReason::ExpiredAbsolute).await;

    scenario.advance(MILLISECOND);
    scenario.purge().await;
    scenario.assert_unknown(&idle).await;
    scenario.assert_unknown(&absolute).await;
}

pub async fn a_stored_expiry_survives_a_clock_set_back(mut scenario: Scenario) {
    let before = scenario.now;
    let session = scenario.signed_in(&new_account()).await;
    let live = scenario.signed_in(&new_account()).await;
    scenario.advance(IDLE);
    scenario.store.expire(&session.id_hash, scenario.now).await.expect("stored");
    scenario.now = before;
    assert_eq!(scenario.load(&session.id_hash).await, Lookup::Ended(EndReason::ExpiredIdle));

    scenario.store.expire(&live.id_hash, scenario.now).await.expect("no error");
    assert_eq!(scenario.live(&live.id_hash).await, live, "it has not expired");
}

pub async fn expiries_beyond_the_limit_are_shortened(mut scenario: Scenario) {
    let session = scenario.unknown(Some(&new_account()));
    let expires_too_late = StoredSession {
        expires_at: scenario.now + 100 * IDLE,
        absolute_expires_at: scenario.now + 100 * ABSOLUTE,
        ..session
    };
    let session = scenario.create(expires_too_late).await;
    let other = scenario.signed_in(&new_account()).await;
    scenario.purge().await;
    let shortened = scenario.live(&session.id_hash).await;
    assert_eq!(shortened.expires_at, scenario.now + LATEST_EXPIRY);
    assert_eq!(shortened.absolute_expires_at, scenario.now + ABSOLUTE);
    assert_eq!(scenario.live(&other.id_hash).await, other, "unchanged");

    scenario.advance(LATEST_EXPIRY + RETENTION);
    scenario.purge().await;
    scenario.assert_unknown(&session).await;
}
