//! Which sessions `end` ends, and which `list` lists.

use vestibule::{
    model::EndReason,
    server::{
        domain::AccountId,
        sessions::{Selection, StoredSession},
    },
};

use super::scenario::{IDLE, Scenario, handles, new_account};

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
    async fn gather(scenario: &Scenario) -> Self {
        let (alice, bob) = (new_account(), new_account());
        let [one, two, three] = [
            scenario.signed_in(&alice).await,
            scenario.signed_in(&alice).await,
            scenario.signed_in(&alice).await,
        ];
        let (his, nobodys) = (scenario.signed_in(&bob).await, scenario.anonymous().await);
        Self { alice, hers: [one, two, three], bob, his, nobodys }
    }

    /// These have ended, and the others live.
    async fn only_these_ended(&self, scenario: &Scenario, ended: &[&StoredSession]) {
        for session in self.hers.iter().chain([&self.his, &self.nobodys]) {
            if ended.contains(&session) {
                scenario.is_ended(session, REASON).await;
            } else {
                assert_eq!(&scenario.live(&session.id_hash).await, session);
            }
        }
    }
}

pub async fn by_id_selects_one_session(scenario: Scenario) {
    let company = Company::gather(&scenario).await;
    for session in [&company.hers[0], &company.nobodys] {
        let ended = scenario.end(Selection::ById(session.id_hash.clone()), REASON).await;
        assert_eq!(ended, handles([session]));
    }
    company.only_these_ended(&scenario, &[&company.hers[0], &company.nobodys]).await;
    let unknown = scenario.unknown(None);
    assert_eq!(scenario.end(Selection::ById(unknown.id_hash.clone()), REASON).await, [""; 0]);
    scenario.is_unknown(&unknown).await;
}

pub async fn by_handle_selects_only_within_the_account(scenario: Scenario) {
    let company = Company::gather(&scenario).await;
    let one = |account: &AccountId, session: &StoredSession| {
        Selection::ByHandle(account.clone(), session.handle.clone())
    };
    assert_eq!(scenario.end(one(&company.alice, &company.his), REASON).await, [""; 0], "somebody else's");
    assert_eq!(scenario.end(one(&company.alice, &company.nobodys), REASON).await, [""; 0], "nobody's");
    company.only_these_ended(&scenario, &[]).await;

    let ended = scenario.end(one(&company.alice, &company.hers[1]), REASON).await;
    assert_eq!(ended, handles([&company.hers[1]]));
    company.only_these_ended(&scenario, &[&company.hers[1]]).await;
}

pub async fn all_except_selects_the_other_sessions_of_the_account(scenario: Scenario) {
    let company = Company::gather(&scenario).await;
    let [this, other, another] = &company.hers;
    let others = Selection::AllExcept(company.alice.clone(), this.handle.clone());
    assert_eq!(scenario.end(others.clone(), REASON).await, handles([other, another]));
    company.only_these_ended(&scenario, &[other, another]).await;
    assert_eq!(scenario.end(others, REASON).await, [""; 0]);
}

pub async fn all_selects_the_sessions_of_one_account(scenario: Scenario) {
    let company = Company::gather(&scenario).await;
    let ended = scenario.end(Selection::All(company.alice.clone()), REASON).await;
    assert_eq!(ended, handles(&company.hers));
    company.only_these_ended(&scenario, &company.hers.each_ref()).await;
}

pub async fn list_returns_the_live_sessions_of_one_account(mut scenario: Scenario) {
    let alice = new_account();
    scenario.signed_in(&alice).await;
    scenario.pass(IDLE);
    let company = Company::gather(&scenario).await;
    let ended = scenario.signed_in(&company.alice).await;
    scenario.end(Selection::ById(ended.id_hash), REASON).await;
    assert_eq!(scenario.list(&alice).await, [""; 0], "expired");
    assert_eq!(scenario.list(&company.alice).await, handles(&company.hers));
    assert_eq!(scenario.list(&new_account()).await, [""; 0]);

    let his = scenario.store.list(&company.bob, scenario.now).await.expect("listed");
    assert_eq!(his, [company.his], "all of it");
}
