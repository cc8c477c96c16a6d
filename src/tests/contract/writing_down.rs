//! What happens to the sessions of accounts is written down, once.

use vestibule::{
    model::EndReason,
    server::{
        audit::{Event, EventKind},
        sessions::{Selection, StoredSession},
    },
};

use super::scene::{IDLE, Scene, someone};

pub async fn an_ending_is_written_down_once(scene: Scene) {
    let mut expected = Vec::new();
    for reason in EndReason::ALL.into_iter().filter(|reason| *reason != EndReason::Replaced) {
        let session = scene.signed_in(&someone()).await;
        let account = session.account.clone().expect("somebody's");
        scene.end(Selection::All(account.clone()), reason).await;
        scene.end(Selection::This(session.id_hash.clone()), reason).await;
        scene.end(Selection::One(account, session.handle.clone()), reason).await;
        expected.push(scene.event(kind(reason, &session), &session));
    }
    assert_eq!(scene.events().await, expected, "by whom, from where, which session, and why");
}

pub async fn an_expiry_is_written_down_once(mut scene: Scene) {
    let session = scene.signed_in(&someone()).await;
    scene.pass(2 * IDLE);
    scene.load(&session.id_hash).await;
    assert_eq!(scene.events().await, [], "nobody looked for what has expired");
    scene.purge().await;
    scene.pass(IDLE);
    scene.purge().await;
    let expected = Event {
        at: session.expires_at,
        account: session.account.clone(),
        session: Some(session.handle.clone()),
        address: session.address.clone(),
        user_agent: session.user_agent.clone(),
        kind: kind(EndReason::ExpiredIdle, &session),
    };
    assert_eq!(scene.events().await, [expected]);
}

pub async fn what_was_replaced_or_nobodys_is_not_written_down(mut scene: Scene) {
    let replaced = scene.signed_in(&someone()).await;
    scene.end(Selection::This(replaced.id_hash), EndReason::Replaced).await;
    let rotated = scene.anonymous().await;
    scene.rotate(&rotated, &scene.successor(&rotated)).await.expect("an answer").expect("it lived");
    let nobodys = scene.anonymous().await;
    scene.end(Selection::This(nobodys.id_hash), EndReason::SignedOut).await;
    scene.anonymous().await;
    scene.pass(IDLE);
    scene.purge().await;
    assert_eq!(scene.events().await, []);
}

fn kind(reason: EndReason, session: &StoredSession) -> EventKind {
    match reason {
        EndReason::SignedOut => EventKind::SignedOut,
        reason => EventKind::SessionEnded { reason, user_agent: session.user_agent.clone() },
    }
}
