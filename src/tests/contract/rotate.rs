//! `rotate` moves a session to a new id.

use vestibule::{
    model::{EndReason, SecurityEventKind},
    server::sessions::{Selection, StoreError, StoredSession},
};

use super::scenario::{IDLE, Scenario, handles, new_account, values};

pub async fn rotation_replaces_the_id_and_keeps_the_session(mut scenario: Scenario) {
    let account = new_account();
    let old = scenario.signed_in(&account).await;
    scenario.advance(IDLE / 2);
    let new = scenario.successor(&old);
    let rotated = scenario.rotate(&old, &new).await.expect("no error");
    assert_eq!(rotated, Some(values(&[("colour", "red")])));

    scenario.assert_ended(&old, EndReason::Replaced).await;
    assert_eq!(scenario.live(&new.id_hash).await, new, "the same session and handle");
    assert_eq!(scenario.list(&account).await, handles([&new]), "still one session");

    let by_handle = Selection::ByHandle(account, old.handle.clone());
    assert_eq!(scenario.end(by_handle, EndReason::EndedElsewhere).await, handles([&new]));
    scenario.assert_ended(&new, EndReason::EndedElsewhere).await;
    scenario.assert_ended(&old, EndReason::Replaced).await;
}

pub async fn rotation_copies_the_current_values(scenario: Scenario) {
    let old = scenario.signed_in(&new_account()).await;
    let new = scenario.successor(&old);
    assert!(scenario.merge(&old.id_hash, &[("colour", None), ("between", Some("kept"))]).await);

    let expected = values(&[("between", "kept")]);
    assert_eq!(scenario.rotate(&old, &new).await.expect("no error"), Some(expected.clone()));
    assert_eq!(scenario.live(&new.id_hash).await, StoredSession { values: expected, ..new });
}

pub async fn only_live_sessions_are_rotated(mut scenario: Scenario) {
    for (old, expected) in scenario.ended_sessions().await {
        let new = scenario.successor(&old);
        assert_eq!(scenario.rotate(&old, &new).await.expect("no error"), None);
        assert_eq!(scenario.load(&old.id_hash).await, expected, "unchanged");
        scenario.assert_unknown(&new).await;
    }
    let unknown = scenario.unknown(None);
    let new = scenario.successor(&unknown);
    assert_eq!(scenario.rotate(&unknown, &new).await.expect("no error"), None);
    scenario.assert_unknown(&unknown).await;
    scenario.assert_unknown(&new).await;
}

pub async fn rotation_to_an_existing_id_fails(mut scenario: Scenario) {
    let [(ended, expected), ..] = scenario.ended_sessions().await;
    let (old, other) = (scenario.signed_in(&new_account()).await, scenario.signed_in(&new_account()).await);
    for known in [&ended, &other, &old] {
        let new = StoredSession { id_hash: known.id_hash.clone(), ..scenario.successor(&old) };
        let rotated = scenario.rotate(&old, &new).await;
        assert!(matches!(rotated, Err(StoreError::Exists)), "{rotated:?}");
    }
    assert_eq!(scenario.load(&ended.id_hash).await, expected);
    assert_eq!(scenario.live(&old.id_hash).await, old, "unchanged");
    assert_eq!(scenario.live(&other.id_hash).await, other);
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
    rotate(&old, &new).await.expect("no error").expect("a live session");
    assert_eq!(scenario.events().await, events, "no event about the end of the old id");

    assert_eq!(rotate(&old, &scenario.successor(&old)).await.expect("no error"), None);
    rotate(&new, &new).await.expect_err("it exists");
    assert_eq!(scenario.events().await, events, "nothing recorded for a failed call");
}
