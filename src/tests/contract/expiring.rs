//! Time ends sessions as well.

use std::time::Duration;

use vestibule::{model::EndReason, server::sessions::StoredSession};

use super::scene::{IDLE, RETENTION, Scene, someone};

const MOMENT: Duration = Duration::from_millis(1);

pub async fn a_session_lives_until_the_moment_it_expires(mut scene: Scene) {
    let session = scene.signed_in(&someone()).await;
    scene.pass(IDLE - MOMENT);
    assert_eq!(scene.live(&session.id_hash).await, session);
    scene.pass(MOMENT);
    scene.is_ended(&session, EndReason::ExpiredIdle).await;
}

pub async fn idle_and_absolute_expiry_are_told_apart(mut scene: Scene) {
    let idle = scene.signed_in(&someone()).await;
    let absolute = StoredSession { absolute_expires_at: idle.expires_at, ..scene.unknown(Some(&someone())) };
    let absolute = scene.keep(absolute).await;
    scene.pass(IDLE);
    for _ in 0..2 {
        scene.is_ended(&idle, EndReason::ExpiredIdle).await;
        scene.is_ended(&absolute, EndReason::ExpiredAbsolute).await;
        scene.purge().await;
    }

    scene.pass(RETENTION - MOMENT);
    scene.purge().await;
    scene.is_ended(&idle, EndReason::ExpiredIdle).await;
    scene.is_ended(&absolute, EndReason::ExpiredAbsolute).await;

    scene.pass(MOMENT);
    scene.purge().await;
    scene.is_unknown(&idle).await;
    scene.is_unknown(&absolute).await;
}
