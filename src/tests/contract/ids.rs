//! Session ids are stored only as hashes.

use std::sync::Arc;

use axum::{Extension, Router, routing::get};
use base64::{
    Engine,
    prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD},
};
use tokio::runtime::Builder;
use vestibule::{
    model::EndReason,
    server::{
        domain::random,
        sessions::{RequestSession, Selection},
        system::SystemEntropy,
    },
};

use super::scenario::{Scenario, new_account};
use crate::support::{AUTHENTICATION, Fixture, RawId, StoreUnderTest, for_every_store};

pub async fn no_raw_id_is_stored(scenario: Scenario) {
    let account = new_account();
    let [live_id, ended_id, old_id, new_id] = [(); 4].map(|()| RawId(random(&SystemEntropy)));
    scenario.create(scenario.session_with_id(live_id, Some(&account))).await;
    let ended = scenario.create(scenario.session_with_id(ended_id, Some(&account))).await;
    scenario.end(Selection::ById(ended.id_hash), EndReason::SignedOut).await;
    let old = scenario.create(scenario.session_with_id(old_id, Some(&account))).await;
    scenario
        .rotate(&old, &scenario.session_with_id(new_id, Some(&account)))
        .await
        .expect("no error")
        .expect("a live session");
    for id in [live_id, ended_id, old_id, new_id] {
        assert_not_stored(&*scenario.backend, id).await;
    }
}

async fn assert_not_stored(backend: &dyn StoreUnderTest, RawId(id): RawId) {
    let stored = backend.stored_bytes().await;
    for encoding in encodings(id) {
        assert!(!stored.windows(encoding.len()).any(|window| window == encoding), "a raw id is stored");
    }
}

/// The id in every encoding that a store might use.
fn encodings(id: [u8; 16]) -> Vec<Vec<u8>> {
    let hex: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
    let list = format!("{id:?}");
    let texts = [
        BASE64_URL_SAFE_NO_PAD.encode(id),
        BASE64_STANDARD_NO_PAD.encode(id),
        hex.to_uppercase(),
        hex,
        list.trim_matches(['[', ']']).to_owned(),
        u128::from_be_bytes(id).to_string(),
        u128::from_le_bytes(id).to_string(),
        i128::from_be_bytes(id).to_string(),
        i128::from_le_bytes(id).to_string(),
    ];
    texts.into_iter().map(String::into_bytes).chain([id.to_vec()]).collect()
}

for_every_store!(no_id_of_a_cookie_is_stored);

/// The same with ids that the engine generates.
fn no_id_of_a_cookie_is_stored<S: StoreUnderTest>() {
    Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(async {
        let backend = Arc::new(S::empty().await);
        let fixture = Fixture::with_store(backend.clone());
        let reauthenticate = async |Extension(session): Extension<RequestSession>| {
            session.reauthenticate(AUTHENTICATION, None).await.expect("still signed in");
        };
        let first = fixture.sign_in_remembered().await;
        let second = fixture.send(Router::new().route("/", get(reauthenticate)), &first).await;
        for cookie in [first, second.expect("a new cookie")] {
            assert_not_stored(&*backend, id_in(&cookie)).await;
        }
    });
}

fn id_in(cookie: &str) -> RawId {
    let (_, value) = cookie.split_once('=').expect("a cookie");
    let (id, _) = value.split_once('.').expect("an id and a signature");
    RawId(BASE64_URL_SAFE_NO_PAD.decode(id).expect("base64url").try_into().expect("128 bits"))
}
