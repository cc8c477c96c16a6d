//! `rotate` moves a session to a new id.

use vestibule::{
    model::{EndReason, SecurityEventKind},
    server::sessions::{Selection, StoreError, StoredSession},
};

use super::scenario::{IDLE, Scenario, handles, someone, values};

pub async fn the_old_id_is_replaced_and_the_new_one_lives_on(mut scenario: Scenario) {
    let account = someone();
    let old = scenario.signed_in(&account).await;
    scenario.pass(IDLE / 2);
    let new = scenario.successor(&old);
    let rotated = scenario.rotate(&old, &new).await.expect("an answer");
    assert_eq!(rotated, Some(values(&[("colour", "red")])));

    scenario.is_ended(&old, EndReason::Replaced).await;
    assert_eq!(scenario.live(&new.id_hash).await, new, "all of it, and the same handle");
    assert_eq!(scenario.list(&account).await, handles([&new]), "one session, as before");

    let by_handle = Selection::ByHandle(account, old.handle.clone());
    assert_eq!(scenario.end(by_handle, EndReason::EndedElsewhere).await, handles([&new]));
    scenario.is_ended(&new, EndReason::EndedElsewhere).await;
    scenario.is_ended(&old, EndReason::Replaced).await;
}

pub async fn values_are_those_of_the_very_moment(scenario: Scenario) {
    let old = scenario.signed_in(&someone()).await;
    let new = scenario.successor(&old);
    assert!(scenario.merge(&old.id_hash, &[("colour", None), ("between", Some("kept"))]).await);

    let expected = values(&[("between", "kept")]);
    assert_eq!(scenario.rotate(&old, &new).await.expect("an answer"), Some(expected.clone()));
    assert_eq!(scenario.live(&new.id_hash).await, StoredSession { values: expected, ..new });
}

pub async fn what_does_not_live_is_not_rotated(mut scenario: Scenario) {
    for (old, told) in scenario.dead().await {
        let new = scenario.successor(&old);
        assert_eq!(scenario.rotate(&old, &new).await.expect("an answer"), None);
        assert_eq!(scenario.load(&old.id_hash).await, told, "as dead as before");
        scenario.is_unknown(&new).await;
    }
    let unknown = scenario.unknown(None);
    let new = scenario.successor(&unknown);
    assert_eq!(scenario.rotate(&unknown, &new).await.expect("an answer"), None);
    scenario.is_unknown(&unknown).await;
    scenario.is_unknown(&new).await;
}

pub async fn a_known_id_is_no_place_to_rotate_to(mut scenario: Scenario) {
    let [(ended, told), ..] = scenario.dead().await;
    let (old, beside) = (scenario.signed_in(&someone()).await, scenario.signed_in(&someone()).await);
    for known in [&ended, &beside, &old] {
        let new = StoredSession { id_hash: known.id_hash.clone(), ..scenario.successor(&old) };
        let rotated = scenario.rotate(&old, &new).await;
        assert!(matches!(rotated, Err(StoreError::Exists)), "{rotated:?}");
    }
    assert_eq!(scenario.load(&ended.id_hash).await, told);
    assert_eq!(scenario.live(&old.id_hash).await, old, "nothing happened to it");
    assert_eq!(scenario.live(&beside.id_hash).await, beside);
}

pub async fn rotating_writes_down_what_it_was_given_unless_it_fails(scenario: Scenario) {
    let old = scenario.signed_in(&someone()).await;
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
    rotate(&old, &new).await.expect("an answer").expect("it lived");
    assert_eq!(scenario.events().await, events, "these, and nothing of the old id");

    assert_eq!(rotate(&old, &scenario.successor(&old)).await.expect("an answer"), None);
    rotate(&new, &new).await.expect_err("it exists");
    assert_eq!(scenario.events().await, events, "nothing happened, so nothing is written down");
}
