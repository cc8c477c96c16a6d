//! `create` inserts, and only inserts.

use serde_json::json;
use vestibule::{
    model::SecurityEventKind,
    server::sessions::{Lookup, StoreError, StoredSession, Values},
};

use super::scenario::{Scenario, new_account, values};

pub async fn a_created_session_can_be_loaded(scenario: Scenario) {
    let signed_in = scenario.signed_in(&new_account()).await;
    let anonymous = scenario.anonymous().await;
    for session in [signed_in, anonymous] {
        assert_eq!(scenario.live(&session.id_hash).await, session);
    }
    scenario.assert_unknown(&scenario.unknown(None)).await;
}

pub async fn every_character_is_kept(scenario: Scenario) {
    let odd = "\0 \n\t'\"\\ $1 %s {} é \u{1F980} \u{10FFFF}";
    let kinds = json!([null, true, -1, u64::MAX, 0.1, 1e300, odd, [], {"": {odd: [odd]}}]);
    let session = StoredSession {
        user_agent: odd.trim_start_matches('\0').to_owned(), // no header has a NUL byte
        values: Values::from([(String::new(), json!(odd)), (odd.to_owned(), kinds)]),
        ..scenario.unknown(Some(&new_account()))
    };
    scenario.create(session.clone()).await;
    assert_eq!(scenario.live(&session.id_hash).await, session);
    scenario.merge(&session.id_hash, &[("", None), (odd, Some(odd))]).await;
    assert_eq!(scenario.live(&session.id_hash).await.values, Values::from([(odd.to_owned(), json!(odd))]));
}

pub async fn create_never_overwrites_a_session(mut scenario: Scenario) {
    let mut known: Vec<(StoredSession, Option<Lookup>)> = scenario
        .ended_sessions()
        .await
        .into_iter()
        .map(|(session, lookup)| (session, Some(lookup)))
        .collect();
    known.push((scenario.anonymous().await, None));
    for (session, expected) in known {
        let duplicate = StoredSession {
            id_hash: session.id_hash.clone(),
            values: values(&[("mine", "now")]),
            ..scenario.unknown(Some(&new_account()))
        };
        let created = scenario.store.create(&duplicate, &[]).await;
        assert!(matches!(created, Err(StoreError::Exists)), "{created:?}");
        match expected {
            Some(expected) => assert_eq!(scenario.load(&session.id_hash).await, expected, "unchanged"),
            None => assert_eq!(scenario.live(&session.id_hash).await, session, "unchanged"),
        }
    }
}

pub async fn create_records_its_events_only_on_success(scenario: Scenario) {
    let session = scenario.unknown(Some(&new_account()));
    let events = [
        scenario.event(SecurityEventKind::SignedIn, &session),
        scenario.event(SecurityEventKind::SteppedUp, &session),
    ];
    scenario.store.create(&session, &events).await.expect("created");
    assert_eq!(scenario.events().await, events);

    scenario.store.create(&session, &events).await.expect_err("it exists");
    assert_eq!(scenario.events().await, events, "nothing recorded for a failed call");
}
