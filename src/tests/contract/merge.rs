//! `merge` changes keys of live sessions, and leaves the other keys alone.

use std::sync::Arc;

use tokio::task::JoinSet;

use super::scenario::{Scenario, changes, new_account, values};

pub async fn changes_merge_by_key(scenario: Scenario) {
    let id = scenario.signed_in(&new_account()).await.id_hash;
    assert!(scenario.merge(&id, &[("left", Some("1")), ("both", Some("first"))]).await);
    assert!(scenario.merge(&id, &[("right", Some("2")), ("both", Some("last"))]).await);
    let expected = [("colour", "red"), ("left", "1"), ("right", "2"), ("both", "last")];
    assert_eq!(
        scenario.live(&id).await.values,
        values(&expected),
        "the last write of a key wins, other keys stay"
    );

    assert!(scenario.merge(&id, &[("left", None), ("never there", None)]).await);
    let expected = [("colour", "red"), ("right", "2"), ("both", "last")];
    assert_eq!(scenario.live(&id).await.values, values(&expected), "one key was removed");

    assert!(scenario.merge(&id, &[]).await, "an empty change to a live session succeeds");
    assert_eq!(scenario.live(&id).await.values, values(&expected));
}

pub async fn concurrent_changes_of_different_keys_all_survive(scenario: Scenario) {
    const WRITERS: usize = 16;
    let (id, scenario) = (scenario.anonymous().await.id_hash, Arc::new(scenario));
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let (id, scenario) = (id.clone(), scenario.clone());
        writers.spawn(async move {
            let change = changes(&[(&format!("key {writer}"), Some("kept"))]);
            scenario.store.merge(&id, &change, scenario.now).await.expect("merged")
        });
    }
    assert!(writers.join_all().await.into_iter().all(|merged| merged));
    assert_eq!(scenario.live(&id).await.values.len(), 1 + WRITERS);
}

pub async fn only_live_sessions_are_changed(mut scenario: Scenario) {
    let change = [("colour", Some("blue"))];
    for (session, expected) in scenario.ended_sessions().await {
        assert!(!scenario.merge(&session.id_hash, &change).await, "not merged");
        assert_eq!(scenario.load(&session.id_hash).await, expected, "not revived");
    }
    let unknown = scenario.unknown(None);
    assert!(!scenario.merge(&unknown.id_hash, &change).await);
    scenario.assert_unknown(&unknown).await;
}
