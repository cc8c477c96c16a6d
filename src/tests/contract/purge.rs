//! `purge` forgets what is kept no longer, bit by bit.

use std::time::Duration;

use vestibule::{
    model::EndReason,
    server::sessions::{Lookup, Selection, StoredSession},
};

use super::scenario::{IDLE, RETENTION, Scenario, new_account};

const MOMENT: Duration = Duration::from_millis(1);

pub async fn live_sessions_are_not_purged(mut scenario: Scenario) {
    let sessions = [scenario.signed_in(&new_account()).await, scenario.anonymous().await];
    scenario.pass(IDLE - MOMENT);
    scenario.purge().await;
    for session in sessions {
        assert_eq!(scenario.live(&session.id_hash).await, session);
    }
}

pub async fn anonymous_sessions_are_removed_as_soon_as_they_expire(mut scenario: Scenario) {
    let session = scenario.anonymous().await;
    let ended = scenario.anonymous().await;
    scenario.end(Selection::ById(ended.id_hash.clone()), EndReason::SignedOut).await;
    scenario.purge().await;
    scenario.is_ended(&ended, EndReason::SignedOut).await;

    scenario.pass(IDLE);
    scenario.purge().await;
    scenario.is_unknown(&session).await;
    scenario.is_unknown(&ended).await;
}

pub async fn tombstones_are_kept_for_the_retention_period(mut scenario: Scenario) {
    let (signed_out, left_alone) =
        (scenario.signed_in(&new_account()).await, scenario.signed_in(&new_account()).await);
    let lived_longer = scenario.signed_in(&new_account()).await;
    scenario.end(Selection::ById(signed_out.id_hash.clone()), EndReason::SignedOut).await;
    scenario.pass(IDLE / 2);
    assert!(scenario.touch(&lived_longer).await);

    scenario.pass(IDLE / 2 + RETENTION - MOMENT);
    scenario.purge().await;
    scenario.is_ended(&signed_out, EndReason::SignedOut).await;
    scenario.is_ended(&left_alone, EndReason::ExpiredIdle).await;

    scenario.pass(MOMENT);
    scenario.purge().await;
    scenario.is_unknown(&signed_out).await;
    scenario.is_unknown(&left_alone).await;
    scenario.is_ended(&lived_longer, EndReason::ExpiredIdle).await;

    scenario.pass(IDLE / 2);
    scenario.purge().await;
    scenario.is_unknown(&lived_longer).await;
}

pub async fn a_batch_is_no_larger_than_requested(mut scenario: Scenario) {
    const MAX: u64 = 2;
    let account = new_account();
    let mut sessions = Vec::new();
    for _ in 0..5 {
        sessions.push(scenario.signed_in(&account).await);
    }
    scenario.pass(IDLE);
    let mut batches = Vec::new();
    for written_down in [2, 4, 5] {
        batches.push(scenario.purge_batch(MAX).await);
        assert_eq!(scenario.events().await.len(), written_down);
    }
    assert_eq!(batches, [2, 2, 1], "less than it might do means done");

    scenario.pass(RETENTION);
    for left in [3, 1, 0] {
        scenario.purge_batch(MAX).await;
        assert_eq!(known(&scenario, &sessions).await, left);
    }
    assert_eq!(scenario.purge_batch(MAX).await, 0);
}

/// How many of these are not forgotten.
async fn known(scenario: &Scenario, sessions: &[StoredSession]) -> usize {
    let mut known = 0;
    for session in sessions {
        known += usize::from(scenario.load(&session.id_hash).await != Lookup::Unknown);
    }
    known
}
