//! `touch` extends the idle timeout of live sessions.

use vestibule::{model::EndReason, server::sessions::StoredSession};

use super::scenario::{IDLE, Scenario, new_account};

pub async fn touch_extends_the_idle_timeout_and_nothing_else(mut scenario: Scenario) {
    let session = scenario.signed_in(&new_account()).await;
    let other = scenario.signed_in(&new_account()).await;
    scenario.advance(IDLE / 2);
    assert!(scenario.touch(&session).await);

    let (seen_at, expires_at) = (scenario.now, scenario.now + IDLE);
    let touched = StoredSession { seen_at, expires_at, ..session.clone() };
    assert_eq!(scenario.live(&session.id_hash).await, touched);

    scenario.advance(IDLE / 2);
    assert_eq!(scenario.live(&session.id_hash).await, touched, "past its first expiry");
    scenario.assert_ended(&other, EndReason::ExpiredIdle).await;
}

pub async fn touch_can_shorten_a_session_and_drop_its_authentication(mut scenario: Scenario) {
    let session = scenario.signed_in(&new_account()).await;
    scenario.advance(IDLE / 2);
    let absolute_expires_at = scenario.now + IDLE;
    let touched = StoredSession { absolute_expires_at, authenticated_at: None, ..session.clone() };
    assert!(scenario.touch(&touched).await);
    let stored = scenario.live(&session.id_hash).await;
    assert_eq!((stored.absolute_expires_at, stored.authenticated_at), (absolute_expires_at, None));
}

pub async fn only_live_sessions_are_touched(mut scenario: Scenario) {
    for (session, expected) in scenario.ended_sessions().await {
        assert!(!scenario.touch(&session).await);
        assert_eq!(scenario.load(&session.id_hash).await, expected, "not revived");
    }
    let unknown = scenario.unknown(None);
    assert!(!scenario.touch(&unknown).await);
    scenario.assert_unknown(&unknown).await;
}
