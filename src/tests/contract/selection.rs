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

/// Three sessions of Alice, one of Bob, and an anonymous one.
struct Sessions {
    alice: AccountId,
    alices: [StoredSession; 3],
    bob: AccountId,
    bobs: StoredSession,
    anonymous: StoredSession,
}

impl Sessions {
    async fn create(scenario: &Scenario) -> Self {
        let (alice, bob) = (new_account(), new_account());
        let [one, two, three] = [
            scenario.signed_in(&alice).await,
            scenario.signed_in(&alice).await,
            scenario.signed_in(&alice).await,
        ];
        let (bobs, anonymous) = (scenario.signed_in(&bob).await, scenario.anonymous().await);
        Self { alice, alices: [one, two, three], bob, bobs, anonymous }
    }

    /// Asserts that these have ended and the others are live.
    async fn assert_only_ended(&self, scenario: &Scenario, ended: &[&StoredSession]) {
        for session in self.alices.iter().chain([&self.bobs, &self.anonymous]) {
            if ended.contains(&session) {
                scenario.assert_ended(session, REASON).await;
            } else {
                assert_eq!(&scenario.live(&session.id_hash).await, session);
            }
        }
    }
}

pub async fn by_id_selects_one_session(scenario: Scenario) {
    let sessions = Sessions::create(&scenario).await;
    for session in [&sessions.alices[0], &sessions.anonymous] {
        let ended = scenario.end(Selection::ById(session.id_hash.clone()), REASON).await;
        assert_eq!(ended, handles([session]));
    }
    sessions.assert_only_ended(&scenario, &[&sessions.alices[0], &sessions.anonymous]).await;
    let unknown = scenario.unknown(None);
    assert_eq!(scenario.end(Selection::ById(unknown.id_hash.clone()), REASON).await, [""; 0]);
    scenario.assert_unknown(&unknown).await;
}

pub async fn by_handle_selects_only_within_the_account(scenario: Scenario) {
    let sessions = Sessions::create(&scenario).await;
    let by_handle = |account: &AccountId, session: &StoredSession| {
        Selection::ByHandle(account.clone(), session.handle.clone())
    };
    assert_eq!(
        scenario.end(by_handle(&sessions.alice, &sessions.bobs), REASON).await,
        [""; 0],
        "of another account"
    );
    assert_eq!(
        scenario.end(by_handle(&sessions.alice, &sessions.anonymous), REASON).await,
        [""; 0],
        "anonymous"
    );
    sessions.assert_only_ended(&scenario, &[]).await;

    let ended = scenario.end(by_handle(&sessions.alice, &sessions.alices[1]), REASON).await;
    assert_eq!(ended, handles([&sessions.alices[1]]));
    sessions.assert_only_ended(&scenario, &[&sessions.alices[1]]).await;
}

pub async fn all_except_selects_the_other_sessions_of_the_account(scenario: Scenario) {
    let sessions = Sessions::create(&scenario).await;
    let [current, other, another] = &sessions.alices;
    let others = Selection::AllExcept(sessions.alice.clone(), current.handle.clone());
    assert_eq!(scenario.end(others.clone(), REASON).await, handles([other, another]));
    sessions.assert_only_ended(&scenario, &[other, another]).await;
    assert_eq!(scenario.end(others, REASON).await, [""; 0]);
}

pub async fn all_selects_the_sessions_of_one_account(scenario: Scenario) {
    let sessions = Sessions::create(&scenario).await;
    let ended = scenario.end(Selection::All(sessions.alice.clone()), REASON).await;
    assert_eq!(ended, handles(&sessions.alices));
    sessions.assert_only_ended(&scenario, &sessions.alices.each_ref()).await;
}

pub async fn all_accounts_selects_the_sessions_of_all_accounts(scenario: Scenario) {
    let sessions = Sessions::create(&scenario).await;
    let all: Vec<_> = sessions.alices.iter().chain([&sessions.bobs]).collect();
    assert_eq!(scenario.end(Selection::AllAccounts, REASON).await, handles(all.clone()));
    sessions.assert_only_ended(&scenario, &all).await;
    assert_eq!(scenario.end(Selection::AllAccounts, REASON).await, [""; 0]);
}

pub async fn the_least_recently_used_sessions_are_those_seen_longest_ago(mut scenario: Scenario) {
    let mut sessions = Sessions::create(&scenario).await;
    scenario.advance(IDLE / 2);
    for used in [0, 2] {
        assert!(scenario.touch(&sessions.alices[used]).await);
        sessions.alices[used] = scenario.live(&sessions.alices[used].id_hash).await;
        scenario.advance(IDLE / 8);
    }
    let excess = |keep, except: &StoredSession| Selection::LeastRecentlyUsed {
        account: sessions.alice.clone(),
        except: except.handle.clone(),
        keep,
    };
    let [first, never, last] = &sessions.alices;
    assert_eq!(scenario.end(excess(2, last), REASON).await, [""; 0], "there are no more");
    assert_eq!(scenario.end(excess(1, first), REASON).await, handles([never]));
    assert_eq!(
        scenario.end(excess(0, first), REASON).await,
        handles([last]),
        "though it was used after the first"
    );
    sessions.assert_only_ended(&scenario, &[never, last]).await;
}

pub async fn a_list_is_no_longer_than_requested(scenario: Scenario) {
    let sessions = Sessions::create(&scenario).await;
    for max in [1, 2, 3, 4] {
        let listed = scenario.store.list(&sessions.alice, scenario.now, max).await.expect("listed");
        assert_eq!(listed.len(), usize::try_from(max.min(3)).expect("a small number"));
        assert!(listed.iter().all(|session| sessions.alices.contains(session)));
    }
}

pub async fn list_returns_the_live_sessions_of_one_account(mut scenario: Scenario) {
    let alice = new_account();
    scenario.signed_in(&alice).await;
    scenario.advance(IDLE);
    let sessions = Sessions::create(&scenario).await;
    let ended = scenario.signed_in(&sessions.alice).await;
    scenario.end(Selection::ById(ended.id_hash), REASON).await;
    assert_eq!(scenario.list(&alice).await, [""; 0], "expired");
    assert_eq!(scenario.list(&sessions.alice).await, handles(&sessions.alices));
    assert_eq!(scenario.list(&new_account()).await, [""; 0]);

    let bobs = scenario.store.list(&sessions.bob, scenario.now, 100).await.expect("listed");
    assert_eq!(bobs, [sessions.bobs]);
}
