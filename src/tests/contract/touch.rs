//! `touch` moves the idle clock of live sessions.

use vestibule::{model::EndReason, server::sessions::StoredSession};

use super::scenario::{IDLE, Scenario, new_account};

pub async fn touch_extends_the_idle_timeout_and_nothing_else(mut scenario: Scenario) {
    let session = scenario.signed_in(&new_account()).await;
    let beside = scenario.signed_in(&new_account()).await;
    scenario.pass(IDLE / 2);
    assert!(scenario.touch(&session).await);

    let (seen_at, expires_at) = (scenario.now, scenario.now + IDLE);
    let moved = StoredSession { seen_at, expires_at, ..session.clone() };
    assert_eq!(scenario.live(&session.id_hash).await, moved);

    scenario.pass(IDLE / 2);
    assert_eq!(scenario.live(&session.id_hash).await, moved, "it would have expired by now");
    scenario.is_ended(&beside, EndReason::ExpiredIdle).await;
}

pub async fn touch_can_bring_the_absolute_expiry_forward(mut scenario: Scenario) {
    let session = scenario.signed_in(&new_account()).await;
    scenario.pass(IDLE / 2);
    let absolute_expires_at = scenario.now + IDLE;
    assert!(scenario.touch(&StoredSession { absolute_expires_at, ..session.clone() }).await);
    let touched = scenario.live(&session.id_hash).await;
    assert_eq!(touched.absolute_expires_at, absolute_expires_at);
}

pub async fn only_live_sessions_are_touched(mut scenario: Scenario) {
    for (session, told) in scenario.dead().await {
        assert!(!scenario.touch(&session).await);
        assert_eq!(scenario.load(&session.id_hash).await, told, "not revived");
    }
    let unknown = scenario.unknown(None);
    assert!(!scenario.touch(&unknown).await);
    scenario.is_unknown(&unknown).await;
}
