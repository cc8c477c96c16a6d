//! `load_many` returns what `load` does, for several sessions.

use super::scenario::{Scenario, new_account};

pub async fn several_sessions_are_loaded_in_the_order_of_their_ids(mut scenario: Scenario) {
    let ended = scenario.ended_sessions().await;
    let mut sessions = ended.map(|(session, _)| session).to_vec();
    sessions.push(scenario.unknown(None));
    sessions.push(scenario.signed_in(&new_account()).await);
    sessions.push(scenario.anonymous().await);
    for _ in 0..sessions.len() {
        sessions.rotate_left(1);
        let ids: Vec<_> = sessions.iter().map(|session| session.id_hash.clone()).collect();
        let mut expected = Vec::new();
        for id in &ids {
            expected.push(scenario.load(id).await);
        }
        assert_eq!(scenario.store.load_many(&ids, scenario.now).await.expect("loaded"), expected);
    }
}
