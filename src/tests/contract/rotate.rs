//! `rotate` moves a session to a new id.

use vestibule::{
    model::{EndReason, SecurityEventKind},
    server::sessions::{Selection, StoreError, StoredSession},
};

use super::scenario::{IDLE, Scenario, handles, new_account, values};

pub async fn rotation_replaces_the_id_and_keeps_the_session(mut scenario: Scenario) {
    let account = new_account();
    let old = scenario.signed_in(&account).await;
    scenario.pass(IDLE / 2);
    let new = scenario.successor(&old);
    let rotated = scenario.rotate(&old, &new).await.expect("a response");
    assert_eq!(rotated, Some(values(&[("colour", "red")])));

    scenario.is_ended(&old, EndReason::Replaced).await;
    assert_eq!(scenario.live(&new.id_hash).await, new, "all of it, and the same handle");
    assert_eq!(scenario.list(&account).await, handles([&new]), "one session, as before");

    let by_handle = Selection::ByHandle(account, old.handle.clone());
    assert_eq!(scenario.end(by_handle, EndReason::EndedElsewhere).await, handles([&new]));
    scenario.is_ended(&new, EndReason::EndedElsewhere).await;
    scenario.is_ended(&old, EndReason::Replaced).await;
}

pub async fn rotation_copies_the_current_values(scenario: Scenario) {
    let old = scenario.signed_in(&new_account()).await;
    let new = scenario.successor(&old);
    assert!(scenario.merge(&old.id_hash, &[("colour", None), ("between", Some("kept"))]).await);

    let expected = values(&[("between", "kept")]);
    assert_eq!(scenario.rotate(&old, &new).await.expect("a response"), Some(expected.clone()));
    assert_eq!(scenario.live(&new.id_hash).await, StoredSession { values: expected, ..new });
}

pub async fn only_live_sessions_are_rotated(mut scenario: Scenario) {
    for (old, told) in scenario.dead().await {
        let new = scenario.successor(&old);
        assert_eq!(scenario.rotate(&old, &new).await.expect("a response"), None);
        assert_eq!(scenario.load(&old.id_hash).await, told, "as dead as before");
        scenario.is_unknown(&new).await;
    }
    let unknown = scenario.unknown(None);
    let new = scenario.successor(&unknown);
    assert_eq!(scenario.rotate(&unknown, &new).await.expect("a response"), None);
    scenario.is_unknown(&unknown).await;
    scenario.is_unknown(&new).await;
}

pub async fn rotation_to_an_existing_id_fails(mut scenario: Scenario) {
    let [(ended, told), ..] = scenario.dead().await;
    let (old, beside) = (scenario.signed_in(&new_account()).await, scenario.signed_in(&new_account()).await);
    for known in [&ended, &beside, &old] {
        let new = StoredSession { id_hash: known.id_hash.clone(), ..scenario.successor(&old) };
        let rotated = scenario.rotate(&old, &new).await;
        assert!(matches!(rotated, Err(StoreError::Exists)), "{rotated:?}");
    }
    assert_eq!(scenario.load(&ended.id_hash).await, told);
    assert_eq!(scenario.live(&old.id_hash).await, old, "nothing happened to it");
    assert_eq!(scenario.live(&beside.id_hash).await, beside);
}

pub async fn rotation_records_its_events_only_on_success(scenario: Scenario) {
    let old = scenario.signed_in(&new_account()).await;
    let new = scenario.successor(&old);
    let events = [
        scenario.event(SecurityEventKind::SteppedUp, &old),
        scenario.event(SecurityEventKind::NameChanged, &old),
    ];
    let rotate = |old: &StoredSession, new: &StoredSession| {
        let (store, now, events) = (scenario.store.clone(), scenario.now, events.clone());
        let (old, new) = (old.id_hash.clone(), new.clone());
        async move { store.rotate(&old, &new, now, &events).await }
    };
    rotate(&old, &new).await.expect("a response").expect("it lived");
    assert_eq!(scenario.events().await, events, "these, and nothing of the old id");

    assert_eq!(rotate(&old, &scenario.successor(&old)).await.expect("a response"), None);
    rotate(&new, &new).await.expect_err("it exists");
    assert_eq!(scenario.events().await, events, "nothing happened, so nothing is written down");
}
