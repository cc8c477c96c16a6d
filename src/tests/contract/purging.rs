//! `purge` forgets what is kept no longer, bit by bit.

use std::time::Duration;

use vestibule::{
    model::EndReason,
    server::sessions::{Lookup, Selection, StoredSession},
};

use super::scene::{IDLE, RETENTION, Scene, someone};

const MOMENT: Duration = Duration::from_millis(1);

pub async fn what_lives_stays(mut scene: Scene) {
    let sessions = [scene.signed_in(&someone()).await, scene.anonymous().await];
    scene.pass(IDLE - MOMENT);
    scene.purge().await;
    for session in sessions {
        assert_eq!(scene.live(&session.id_hash).await, session);
    }
}

pub async fn sessions_of_nobody_go_as_soon_as_they_expire(mut scene: Scene) {
    let session = scene.anonymous().await;
    let ended = scene.anonymous().await;
    scene.end(Selection::This(ended.id_hash.clone()), EndReason::SignedOut).await;
    scene.purge().await;
    scene.is_ended(&ended, EndReason::SignedOut).await;

    scene.pass(IDLE);
    scene.purge().await;
    scene.is_unknown(&session).await;
    scene.is_unknown(&ended).await;
}

pub async fn tombstones_stay_until_they_are_forgotten(mut scene: Scene) {
    let (signed_out, left_alone) = (scene.signed_in(&someone()).await, scene.signed_in(&someone()).await);
    let lived_longer = scene.signed_in(&someone()).await;
    scene.end(Selection::This(signed_out.id_hash.clone()), EndReason::SignedOut).await;
    scene.pass(IDLE / 2);
    assert!(scene.touch(&lived_longer.id_hash).await);

    scene.pass(IDLE / 2 + RETENTION - MOMENT);
    scene.purge().await;
    scene.is_ended(&signed_out, EndReason::SignedOut).await;
    scene.is_ended(&left_alone, EndReason::ExpiredIdle).await;

    scene.pass(MOMENT);
    scene.purge().await;
    scene.is_unknown(&signed_out).await;
    scene.is_unknown(&left_alone).await;
    scene.is_ended(&lived_longer, EndReason::ExpiredIdle).await;

    scene.pass(IDLE / 2);
    scene.purge().await;
    scene.is_unknown(&lived_longer).await;
}

pub async fn a_batch_is_no_larger_than_asked_for(mut scene: Scene) {
    const MOST: u64 = 2;
    let account = someone();
    let mut sessions = Vec::new();
    for _ in 0..5 {
        sessions.push(scene.signed_in(&account).await);
    }
    scene.pass(IDLE);
    let mut batches = Vec::new();
    for written_down in [2, 4, 5] {
        batches.push(scene.store.purge(scene.now, MOST).await.expect("purged"));
        assert_eq!(scene.events().await.len(), written_down);
    }
    assert_eq!(batches, [2, 2, 1], "less than it might do means done");

    scene.pass(RETENTION);
    for left in [3, 1, 0] {
        scene.store.purge(scene.now, MOST).await.expect("purged");
        assert_eq!(known(&scene, &sessions).await, left);
    }
    assert_eq!(scene.store.purge(scene.now, MOST).await.expect("purged"), 0);
}

/// How many of these are not forgotten.
async fn known(scene: &Scene, sessions: &[StoredSession]) -> usize {
    let mut known = 0;
    for session in sessions {
        known += usize::from(scene.load(&session.id_hash).await != Lookup::Unknown);
    }
    known
}
