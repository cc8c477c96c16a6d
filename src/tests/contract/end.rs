//! `end` ends sessions for good.

use vestibule::{
    model::EndReason,
    server::{
        domain::SessionHandle,
        sessions::{Selection, StoreError, StoredSession},
    },
};

use super::scenario::{IDLE, Scenario, handles, new_account, values};

pub async fn the_end_reason_is_stored(scenario: Scenario) {
    for reason in EndReason::ALL {
        let session = scenario.signed_in(&new_account()).await;
        scenario.end(Selection::ById(session.id_hash.clone()), reason).await;
        scenario.assert_ended(&session, reason).await;
    }
}

pub async fn an_ended_session_stays_ended(mut scenario: Scenario) {
    for reason in EndReason::ALL {
        let session = scenario.signed_in(&new_account()).await;
        scenario.end(Selection::ById(session.id_hash.clone()), reason).await;
        for _ in 0..2 {
            call_everything(&scenario, &session).await;
            scenario.assert_ended(&session, reason).await;
            scenario.advance(IDLE);
        }
    }
}

/// Makes every call of the store with an id that has ended.
async fn call_everything(scenario: &Scenario, session: &StoredSession) {
    let (id, account) = (&session.id_hash, session.account.clone().expect("an account"));
    let created = scenario.store.create(session, &[]).await;
    assert!(matches!(created, Err(StoreError::Exists)), "{created:?}");
    assert!(!scenario.merge(id, &[("colour", Some("blue"))]).await);
    assert!(!scenario.touch(session).await);
    let successor = scenario.successor(session);
    assert_eq!(scenario.rotate(session, &successor).await.expect("no error"), None);
    for which in [
        Selection::ById(id.clone()),
        Selection::ByHandle(account.clone(), session.handle.clone()),
        Selection::AllExcept(account.clone(), SessionHandle::new("unknown".to_owned())),
        Selection::All(account.clone()),
        Selection::LeastRecentlyUsed {
            account: account.clone(),
            except: SessionHandle::new("unknown".to_owned()),
            keep: 0,
        },
        Selection::AllAccounts,
    ] {
        assert_eq!(scenario.end(which, EndReason::EndedByAdministrator).await, [""; 0]);
    }
    scenario.purge().await;
    assert_eq!(scenario.list(&account).await, [""; 0]);
}

pub async fn the_values_of_an_ended_session_are_deleted(mut scenario: Scenario) {
    let secret = |text| values(&[("secret", text)]);
    let create = async |scenario: &Scenario, text| {
        scenario
            .create(StoredSession { values: secret(text), ..scenario.unknown(Some(&new_account())) })
            .await
    };
    let ended = create(&scenario, "of the ended").await;
    let rotated = create(&scenario, "of the rotated").await;
    create(&scenario, "of the expired").await;

    scenario.end(Selection::ById(ended.id_hash), EndReason::SignedOut).await;
    let new = scenario.successor(&rotated);
    scenario.rotate(&rotated, &new).await.expect("no error").expect("a live session");
    scenario.end(Selection::ById(new.id_hash), EndReason::SignedOut).await;
    scenario.advance(IDLE);
    scenario.purge().await;

    let stored = scenario.backend.stored_values().await;
    assert!(!stored.contains("of the"), "{stored}");
}

pub async fn end_returns_exactly_the_sessions_it_ended(scenario: Scenario) {
    let account = new_account();
    let all = [scenario.signed_in(&account).await, scenario.signed_in(&account).await];
    let [first, second] = &all;
    let selections = [
        (Selection::ById(first.id_hash.clone()), vec![first]),
        (Selection::All(account.clone()), vec![second]),
        (Selection::ByHandle(account.clone(), second.handle.clone()), vec![]),
        (Selection::AllExcept(account.clone(), first.handle.clone()), vec![]),
    ];
    for (which, expected) in selections {
        let ended = scenario.end(which.clone(), EndReason::EndedElsewhere).await;
        assert_eq!(ended, handles(expected), "{which:?}");
        assert_eq!(scenario.end(which, EndReason::PasswordChanged).await, [""; 0], "nothing left to end");
    }
    scenario.assert_ended(first, EndReason::EndedElsewhere).await;
    scenario.assert_ended(second, EndReason::EndedElsewhere).await;
}

pub async fn an_expired_session_cannot_be_ended(mut scenario: Scenario) {
    let account = new_account();
    let session = scenario.signed_in(&account).await;
    scenario.advance(IDLE);
    assert_eq!(scenario.end(Selection::All(account), EndReason::PasswordChanged).await, [""; 0]);
    let by_id = Selection::ById(session.id_hash.clone());
    assert_eq!(scenario.end(by_id, EndReason::PasswordChanged).await, [""; 0]);
    scenario.assert_ended(&session, EndReason::ExpiredIdle).await;
}

pub async fn many_sessions_end_in_batches(scenario: Scenario) {
    let account = new_account();
    let current = scenario.signed_in(&account).await;
    for selection in [
        Selection::AllExcept(account.clone(), current.handle.clone()),
        Selection::LeastRecentlyUsed { account: account.clone(), except: current.handle.clone(), keep: 0 },
        Selection::All(account.clone()),
        Selection::AllAccounts,
    ] {
        for _ in 0..5 {
            scenario.signed_in(&account).await;
        }
        let recorded = scenario.events().await.len();
        let (mut ended, mut batches) = (0, 0);
        loop {
            let batch = scenario.end_batch(selection.clone(), EndReason::EndedElsewhere, 2).await;
            assert!(batch.handles.len() <= 2, "{selection:?}: {batch:?}");
            ended += batch.handles.len();
            assert_eq!(scenario.events().await.len() - recorded, ended, "each batch is recorded");
            batches += 1;
            if !batch.more {
                break;
            }
            assert!(batches < 10, "{selection:?} does not come to an end");
        }
        let all = matches!(selection, Selection::All(_));
        assert_eq!(ended, 5 + usize::from(all), "{selection:?}");
    }
    scenario.assert_ended(&current, EndReason::EndedElsewhere).await;
}
