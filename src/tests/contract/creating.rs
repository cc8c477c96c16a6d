//! `create` inserts, and only inserts.

use vestibule::server::{
    audit::EventKind,
    sessions::{Lookup, StoreError, StoredSession},
};

use super::scene::{Scene, someone, values};

pub async fn what_is_created_is_found(scene: Scene) {
    let of_somebody = scene.signed_in(&someone()).await;
    let of_nobody = scene.anonymous().await;
    for session in [of_somebody, of_nobody] {
        assert_eq!(scene.live(&session.id_hash).await, session, "all of it");
    }
    scene.is_unknown(&scene.unknown(None)).await;
}

pub async fn creating_only_inserts(mut scene: Scene) {
    let mut known: Vec<(StoredSession, Option<Lookup>)> =
        scene.dead().await.into_iter().map(|(session, lookup)| (session, Some(lookup))).collect();
    known.push((scene.anonymous().await, None));
    for (session, told) in known {
        let usurper = StoredSession {
            id_hash: session.id_hash.clone(),
            values: values(&[("mine", "now")]),
            ..scene.unknown(Some(&someone()))
        };
        let created = scene.store.create(&usurper, &[]).await;
        assert!(matches!(created, Err(StoreError::Exists)), "{created:?}");
        match told {
            Some(told) => assert_eq!(scene.load(&session.id_hash).await, told, "as dead as before"),
            None => assert_eq!(scene.live(&session.id_hash).await, session, "as it was"),
        }
    }
}

pub async fn creating_writes_down_what_it_was_given_unless_it_fails(scene: Scene) {
    let session = scene.unknown(Some(&someone()));
    let events = [scene.event(EventKind::SignedIn, &session), scene.event(EventKind::SteppedUp, &session)];
    scene.store.create(&session, &events).await.expect("created");
    assert_eq!(scene.events().await, events);

    scene.store.create(&session, &events).await.expect_err("it exists");
    assert_eq!(scene.events().await, events, "nothing happened, so nothing is written down");
}
