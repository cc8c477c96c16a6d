//! `touch` moves the idle clock of live sessions.

use vestibule::{model::EndReason, server::sessions::StoredSession};

use super::scene::{IDLE, Scene, someone};

pub async fn touching_moves_the_idle_clock_and_nothing_else(mut scene: Scene) {
    let session = scene.signed_in(&someone()).await;
    let beside = scene.signed_in(&someone()).await;
    scene.pass(IDLE / 2);
    assert!(scene.touch(&session.id_hash).await);

    let (seen_at, expires_at) = (scene.now, scene.now + IDLE);
    let moved = StoredSession { seen_at, expires_at, ..session.clone() };
    assert_eq!(scene.live(&session.id_hash).await, moved);

    scene.pass(IDLE / 2);
    assert_eq!(scene.live(&session.id_hash).await, moved, "it would have expired by now");
    scene.is_ended(&beside, EndReason::ExpiredIdle).await;
}

pub async fn only_live_sessions_are_touched(mut scene: Scene) {
    for (session, told) in scene.dead().await {
        assert!(!scene.touch(&session.id_hash).await);
        assert_eq!(scene.load(&session.id_hash).await, told, "not revived");
    }
    let unknown = scene.unknown(None);
    assert!(!scene.touch(&unknown.id_hash).await);
    scene.is_unknown(&unknown).await;
}
