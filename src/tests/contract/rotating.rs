//! `rotate` moves a session to a new id.

use vestibule::{
    model::EndReason,
    server::{
        audit::EventKind,
        sessions::{Selection, StoreError, StoredSession},
    },
};

use super::scene::{IDLE, Scene, handles, someone, values};

pub async fn the_old_id_is_replaced_and_the_new_one_lives_on(mut scene: Scene) {
    let account = someone();
    let old = scene.signed_in(&account).await;
    scene.pass(IDLE / 2);
    let new = scene.successor(&old);
    let rotated = scene.rotate(&old, &new).await.expect("an answer");
    assert_eq!(rotated, Some(values(&[("colour", "red")])));

    scene.is_ended(&old, EndReason::Replaced).await;
    assert_eq!(scene.live(&new.id_hash).await, new, "all of it, and the same handle");
    assert_eq!(scene.list(&account).await, handles([&new]), "one session, as before");

    let by_handle = Selection::One(account, old.handle.clone());
    assert_eq!(scene.end(by_handle, EndReason::EndedElsewhere).await, handles([&new]));
    scene.is_ended(&new, EndReason::EndedElsewhere).await;
    scene.is_ended(&old, EndReason::Replaced).await;
}

pub async fn values_are_those_of_the_very_moment(scene: Scene) {
    let old = scene.signed_in(&someone()).await;
    let new = scene.successor(&old);
    assert!(scene.merge(&old.id_hash, &[("colour", None), ("between", Some("kept"))]).await);

    let expected = values(&[("between", "kept")]);
    assert_eq!(scene.rotate(&old, &new).await.expect("an answer"), Some(expected.clone()));
    assert_eq!(scene.live(&new.id_hash).await, StoredSession { values: expected, ..new });
}

pub async fn what_does_not_live_is_not_rotated(mut scene: Scene) {
    for (old, told) in scene.dead().await {
        let new = scene.successor(&old);
        assert_eq!(scene.rotate(&old, &new).await.expect("an answer"), None);
        assert_eq!(scene.load(&old.id_hash).await, told, "as dead as before");
        scene.is_unknown(&new).await;
    }
    let unknown = scene.unknown(None);
    let new = scene.successor(&unknown);
    assert_eq!(scene.rotate(&unknown, &new).await.expect("an answer"), None);
    scene.is_unknown(&unknown).await;
    scene.is_unknown(&new).await;
}

pub async fn a_known_id_is_no_place_to_rotate_to(mut scene: Scene) {
    let [(ended, told), ..] = scene.dead().await;
    let (old, beside) = (scene.signed_in(&someone()).await, scene.signed_in(&someone()).await);
    for known in [&ended, &beside, &old] {
        let new = StoredSession { id_hash: known.id_hash.clone(), ..scene.successor(&old) };
        let rotated = scene.rotate(&old, &new).await;
        assert!(matches!(rotated, Err(StoreError::Exists)), "{rotated:?}");
    }
    assert_eq!(scene.load(&ended.id_hash).await, told);
    assert_eq!(scene.live(&old.id_hash).await, old, "nothing happened to it");
    assert_eq!(scene.live(&beside.id_hash).await, beside);
}

pub async fn rotating_writes_down_what_it_was_given_unless_it_fails(scene: Scene) {
    let old = scene.signed_in(&someone()).await;
    let new = scene.successor(&old);
    let events = [scene.event(EventKind::SteppedUp, &old), scene.event(EventKind::NameChanged, &old)];
    let rotate = |old: &StoredSession, new: &StoredSession| {
        let (store, now, events) = (scene.store.clone(), scene.now, events.clone());
        let (old, new) = (old.id_hash.clone(), new.clone());
        async move { store.rotate(&old, &new, now, &events).await }
    };
    rotate(&old, &new).await.expect("an answer").expect("it lived");
    assert_eq!(scene.events().await, events, "these, and nothing of the old id");

    assert_eq!(rotate(&old, &scene.successor(&old)).await.expect("an answer"), None);
    rotate(&new, &new).await.expect_err("it exists");
    assert_eq!(scene.events().await, events, "nothing happened, so nothing is written down");
}
