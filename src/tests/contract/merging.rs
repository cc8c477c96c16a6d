//! `merge` changes keys of live sessions, and leaves the others as they are.

use std::sync::Arc;

use tokio::task::JoinSet;

use super::scene::{Scene, changes, someone, values};

pub async fn changes_merge_by_key(scene: Scene) {
    let id = scene.signed_in(&someone()).await.id_hash;
    assert!(scene.merge(&id, &[("left", Some("1")), ("both", Some("first"))]).await);
    assert!(scene.merge(&id, &[("right", Some("2")), ("both", Some("last"))]).await);
    let expected = [("colour", "red"), ("left", "1"), ("right", "2"), ("both", "last")];
    assert_eq!(scene.live(&id).await.values, values(&expected), "the last one wins a key, not the session");

    assert!(scene.merge(&id, &[("left", None), ("never there", None)]).await);
    let expected = [("colour", "red"), ("right", "2"), ("both", "last")];
    assert_eq!(scene.live(&id).await.values, values(&expected), "one key is gone");

    assert!(scene.merge(&id, &[]).await, "no change to a live session is no failure");
    assert_eq!(scene.live(&id).await.values, values(&expected));
}

pub async fn concurrent_changes_of_different_keys_all_survive(scene: Scene) {
    const WRITERS: usize = 16;
    let (id, scene) = (scene.anonymous().await.id_hash, Arc::new(scene));
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let (id, scene) = (id.clone(), scene.clone());
        writers.spawn(async move {
            let change = changes(&[(&format!("key {writer}"), Some("kept"))]);
            scene.store.merge(&id, &change, scene.now).await.expect("merged")
        });
    }
    assert!(writers.join_all().await.into_iter().all(|merged| merged));
    assert_eq!(scene.live(&id).await.values.len(), 1 + WRITERS);
}

pub async fn only_live_sessions_are_changed(mut scene: Scene) {
    let change = [("colour", Some("blue"))];
    for (session, told) in scene.dead().await {
        assert!(!scene.merge(&session.id_hash, &change).await, "there is nothing to keep it in");
        assert_eq!(scene.load(&session.id_hash).await, told, "not revived");
    }
    let unknown = scene.unknown(None);
    assert!(!scene.merge(&unknown.id_hash, &change).await);
    scene.is_unknown(&unknown).await;
}
