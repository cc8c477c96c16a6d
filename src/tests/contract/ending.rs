//! What `end` has ended stays ended.

use vestibule::{
    model::EndReason,
    server::sessions::{Handle, Selection, StoreError, StoredSession},
};

use super::scene::{IDLE, Scene, handles, someone, values};

pub async fn every_reason_is_told_back(scene: Scene) {
    for reason in EndReason::ALL {
        let session = scene.signed_in(&someone()).await;
        scene.end(Selection::This(session.id_hash.clone()), reason).await;
        scene.is_ended(&session, reason).await;
    }
}

pub async fn an_ended_session_stays_ended_whatever_comes(mut scene: Scene) {
    for reason in EndReason::ALL {
        let session = scene.signed_in(&someone()).await;
        scene.end(Selection::This(session.id_hash.clone()), reason).await;
        for _ in 0..2 {
            try_everything(&scene, &session).await;
            scene.is_ended(&session, reason).await;
            scene.pass(IDLE);
        }
    }
}

/// Every call there is, with an id that has ended.
async fn try_everything(scene: &Scene, session: &StoredSession) {
    let (id, account) = (&session.id_hash, session.account.clone().expect("somebody's"));
    let created = scene.store.create(session, &[]).await;
    assert!(matches!(created, Err(StoreError::Exists)), "{created:?}");
    assert!(!scene.merge(id, &[("colour", Some("blue"))]).await);
    assert!(!scene.touch(id).await);
    let successor = scene.successor(session);
    assert_eq!(scene.rotate(session, &successor).await.expect("an answer"), None);
    for which in [
        Selection::This(id.clone()),
        Selection::One(account.clone(), session.handle.clone()),
        Selection::Others(account.clone(), Handle::new("of nobody".to_owned())),
        Selection::All(account.clone()),
    ] {
        assert_eq!(scene.end(which, EndReason::EndedByAdministrator).await, [""; 0]);
    }
    scene.purge().await;
    assert_eq!(scene.list(&account).await, [""; 0]);
}

pub async fn an_ended_session_keeps_no_values(mut scene: Scene) {
    let secret = |text| values(&[("secret", text)]);
    let keep = async |scene: &Scene, text| {
        scene.keep(StoredSession { values: secret(text), ..scene.unknown(Some(&someone())) }).await
    };
    let ended = keep(&scene, "of the ended").await;
    let rotated = keep(&scene, "of the rotated").await;
    keep(&scene, "of the expired").await;

    scene.end(Selection::This(ended.id_hash), EndReason::SignedOut).await;
    let new = scene.successor(&rotated);
    scene.rotate(&rotated, &new).await.expect("an answer").expect("it lived");
    scene.end(Selection::This(new.id_hash), EndReason::SignedOut).await;
    scene.pass(IDLE);
    scene.purge().await;

    let kept = scene.subject.values_kept().await;
    assert!(!kept.contains("of the"), "{kept}");
}

pub async fn ending_tells_exactly_what_it_ended(scene: Scene) {
    let account = someone();
    let all = [scene.signed_in(&account).await, scene.signed_in(&account).await];
    let [first, second] = &all;
    let selections = [
        (Selection::This(first.id_hash.clone()), vec![first]),
        (Selection::All(account.clone()), vec![second]),
        (Selection::One(account.clone(), second.handle.clone()), vec![]),
        (Selection::Others(account.clone(), first.handle.clone()), vec![]),
    ];
    for (which, expected) in selections {
        let ended = scene.end(which.clone(), EndReason::EndedElsewhere).await;
        assert_eq!(ended, handles(expected), "{which:?}");
        assert_eq!(scene.end(which, EndReason::PasswordChanged).await, [""; 0], "once is enough");
    }
    scene.is_ended(first, EndReason::EndedElsewhere).await;
    scene.is_ended(second, EndReason::EndedElsewhere).await;
}

pub async fn what_has_expired_cannot_be_ended(mut scene: Scene) {
    let account = someone();
    let session = scene.signed_in(&account).await;
    scene.pass(IDLE);
    assert_eq!(scene.end(Selection::All(account), EndReason::PasswordChanged).await, [""; 0]);
    let this = Selection::This(session.id_hash.clone());
    assert_eq!(scene.end(this, EndReason::PasswordChanged).await, [""; 0]);
    scene.is_ended(&session, EndReason::ExpiredIdle).await;
}
