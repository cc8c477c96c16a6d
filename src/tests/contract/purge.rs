//! `purge` deletes old sessions in batches.

use std::time::Duration;

use vestibule::{
    model::EndReason,
    server::sessions::{Lookup, Selection, StoredSession},
};

use super::scenario::{IDLE, RETENTION, Scenario, new_account};

const MILLISECOND: Duration = Duration::from_millis(1);

pub async fn live_sessions_are_not_purged(mut scenario: Scenario) {
    let sessions = [scenario.signed_in(&new_account()).await, scenario.anonymous().await];
    scenario.advance(IDLE - MILLISECOND);
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
    scenario.assert_ended(&ended, EndReason::SignedOut).await;

    scenario.advance(IDLE);
    scenario.purge().await;
    scenario.assert_unknown(&session).await;
    scenario.assert_unknown(&ended).await;
}

pub async fn tombstones_are_kept_for_the_retention_period(mut scenario: Scenario) {
    let (signed_out, idle) =
        (scenario.signed_in(&new_account()).await, scenario.signed_in(&new_account()).await);
    let touched = scenario.signed_in(&new_account()).await;
    scenario.end(Selection::ById(signed_out.id_hash.clone()), EndReason::SignedOut).await;
    scenario.advance(IDLE / 2);
    assert!(scenario.touch(&touched).await);

    scenario.advance(IDLE / 2 + RETENTION - MILLISECOND);
    scenario.purge().await;
    scenario.assert_ended(&signed_out, EndReason::SignedOut).await;
    scenario.assert_ended(&idle, EndReason::ExpiredIdle).await;

    scenario.advance(MILLISECOND);
    scenario.purge().await;
    scenario.assert_unknown(&signed_out).await;
    scenario.assert_unknown(&idle).await;
    scenario.assert_ended(&touched, EndReason::ExpiredIdle).await;

    scenario.advance(IDLE / 2);
    scenario.purge().await;
    scenario.assert_unknown(&touched).await;
}

pub async fn a_batch_is_no_larger_than_requested(mut scenario: Scenario) {
    const MAX: u64 = 2;
    let account = new_account();
    let mut sessions = Vec::new();
    for _ in 0..5 {
        sessions.push(scenario.signed_in(&account).await);
    }
    scenario.advance(IDLE);
    let mut batches = Vec::new();
    for recorded in [2, 4, 5] {
        batches.push(scenario.purge_batch(MAX).await);
        assert_eq!(scenario.events().await.len(), recorded);
    }
    assert_eq!(batches, [2, 2, 1], "an incomplete batch is the last");

    scenario.advance(RETENTION);
    for left in [3, 1, 0] {
        scenario.purge_batch(MAX).await;
        assert_eq!(count_known(&scenario, &sessions).await, left);
    }
    assert_eq!(scenario.purge_batch(MAX).await, 0);
}

/// How many of these the store still knows.
async fn count_known(scenario: &Scenario, sessions: &[StoredSession]) -> usize {
    let mut known = 0;
    for session in sessions {
        known += usize::from(scenario.load(&session.id_hash).await != Lookup::Unknown);
    }
    known
}
