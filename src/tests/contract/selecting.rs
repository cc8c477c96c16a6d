//! Which sessions `end` ends, and which `list` lists.

use vestibule::{
    model::EndReason,
    server::{
        db::accounts::AccountId,
        sessions::{Selection, StoredSession},
    },
};

use super::scene::{IDLE, Scene, handles, someone};

const REASON: EndReason = EndReason::EndedElsewhere;

/// Alice on three devices, Bob on one, and somebody without an account.
struct Company {
    alice: AccountId,
    hers: [StoredSession; 3],
    bob: AccountId,
    his: StoredSession,
    nobodys: StoredSession,
}

impl Company {
    async fn gather(scene: &Scene) -> Self {
        let (alice, bob) = (someone(), someone());
        let [one, two, three] =
            [scene.signed_in(&alice).await, scene.signed_in(&alice).await, scene.signed_in(&alice).await];
        let (his, nobodys) = (scene.signed_in(&bob).await, scene.anonymous().await);
        Self { alice, hers: [one, two, three], bob, his, nobodys }
    }

    /// These have ended, and the others live.
    async fn only_these_ended(&self, scene: &Scene, ended: &[&StoredSession]) {
        for session in self.hers.iter().chain([&self.his, &self.nobodys]) {
            if ended.contains(&session) {
                scene.is_ended(session, REASON).await;
            } else {
                assert_eq!(&scene.live(&session.id_hash).await, session);
            }
        }
    }
}

pub async fn this_is_one_session(scene: Scene) {
    let company = Company::gather(&scene).await;
    for session in [&company.hers[0], &company.nobodys] {
        let ended = scene.end(Selection::This(session.id_hash.clone()), REASON).await;
        assert_eq!(ended, handles([session]));
    }
    company.only_these_ended(&scene, &[&company.hers[0], &company.nobodys]).await;
    let unknown = scene.unknown(None);
    assert_eq!(scene.end(Selection::This(unknown.id_hash.clone()), REASON).await, [""; 0]);
    scene.is_unknown(&unknown).await;
}

pub async fn one_is_found_by_its_handle_and_only_within_its_account(scene: Scene) {
    let company = Company::gather(&scene).await;
    let one = |account: &AccountId, session: &StoredSession| {
        Selection::One(account.clone(), session.handle.clone())
    };
    assert_eq!(scene.end(one(&company.alice, &company.his), REASON).await, [""; 0], "somebody else's");
    assert_eq!(scene.end(one(&company.alice, &company.nobodys), REASON).await, [""; 0], "nobody's");
    company.only_these_ended(&scene, &[]).await;

    let ended = scene.end(one(&company.alice, &company.hers[1]), REASON).await;
    assert_eq!(ended, handles([&company.hers[1]]));
    company.only_these_ended(&scene, &[&company.hers[1]]).await;
}

pub async fn the_others_are_all_of_the_account_but_this(scene: Scene) {
    let company = Company::gather(&scene).await;
    let [this, other, another] = &company.hers;
    let others = Selection::Others(company.alice.clone(), this.handle.clone());
    assert_eq!(scene.end(others.clone(), REASON).await, handles([other, another]));
    company.only_these_ended(&scene, &[other, another]).await;
    assert_eq!(scene.end(others, REASON).await, [""; 0]);
}

pub async fn all_are_those_of_one_account(scene: Scene) {
    let company = Company::gather(&scene).await;
    let ended = scene.end(Selection::All(company.alice.clone()), REASON).await;
    assert_eq!(ended, handles(&company.hers));
    company.only_these_ended(&scene, &company.hers.each_ref()).await;
}

pub async fn the_list_has_the_live_sessions_of_one_account(mut scene: Scene) {
    let alice = someone();
    scene.signed_in(&alice).await;
    scene.pass(IDLE);
    let company = Company::gather(&scene).await;
    let ended = scene.signed_in(&company.alice).await;
    scene.end(Selection::This(ended.id_hash), REASON).await;
    assert_eq!(scene.list(&alice).await, [""; 0], "expired");
    assert_eq!(scene.list(&company.alice).await, handles(&company.hers));
    assert_eq!(scene.list(&someone()).await, [""; 0]);

    let his = scene.store.list(&company.bob, scene.now).await.expect("listed");
    assert_eq!(his, [company.his], "all of it");
}
