//! Ends of sessions are recorded as security events, once.

use vestibule::{
    model::{EndReason, SecurityEventKind},
    server::{
        domain::SecurityEvent,
        sessions::{Selection, StoredSession},
    },
};

use super::scenario::{IDLE, Scenario, new_account};

pub async fn a_revocation_is_recorded_once(scenario: Scenario) {
    let mut expected = Vec::new();
    for reason in EndReason::ALL.into_iter().filter(|reason| *reason != EndReason::Replaced) {
        let session = scenario.signed_in(&new_account()).await;
        let account = session.account.clone().expect("an account");
        scenario.end(Selection::All(account.clone()), reason).await;
        scenario.end(Selection::ById(session.id_hash.clone()), reason).await;
        scenario.end(Selection::ByHandle(account, session.handle.clone()), reason).await;
        expected.push(scenario.event(kind(reason, &session), &session));
    }
    assert_eq!(scenario.events().await, expected);
}

pub async fn an_expiry_is_recorded_once(mut scenario: Scenario) {
    let session = scenario.signed_in(&new_account()).await;
    scenario.advance(2 * IDLE);
    scenario.load(&session.id_hash).await;
    assert_eq!(scenario.events().await, [], "load records nothing");
    scenario.store.expire(&session.id_hash, scenario.now).await.expect("stored");
    scenario.store.expire(&session.id_hash, scenario.now).await.expect("no error");
    scenario.purge().await;
    scenario.advance(IDLE);
    scenario.purge().await;
    let expected = SecurityEvent {
        at: session.expires_at,
        account: session.account.clone(),
        session: Some(session.handle.clone()),
        address: session.address.clone(),
        user_agent: session.user_agent.clone(),
        kind: kind(EndReason::ExpiredIdle, &session),
    };
    assert_eq!(scenario.events().await, [expected]);
}

pub async fn replaced_and_anonymous_sessions_are_not_recorded(mut scenario: Scenario) {
    let replaced = scenario.signed_in(&new_account()).await;
    scenario.end(Selection::ById(replaced.id_hash), EndReason::Replaced).await;
    let rotated = scenario.anonymous().await;
    scenario
        .rotate(&rotated, &scenario.successor(&rotated))
        .await
        .expect("no error")
        .expect("a live session");
    let ended = scenario.anonymous().await;
    scenario.end(Selection::ById(ended.id_hash), EndReason::SignedOut).await;
    scenario.anonymous().await;
    scenario.advance(IDLE);
    scenario.purge().await;
    assert_eq!(scenario.events().await, []);
}

fn kind(reason: EndReason, session: &StoredSession) -> SecurityEventKind {
    match reason {
        EndReason::SignedOut => SecurityEventKind::SignedOut,
        reason => SecurityEventKind::SessionEnded { reason, user_agent: session.user_agent.clone() },
    }
}
