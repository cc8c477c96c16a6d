//! An id is nowhere but in the cookie.

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
    let [lives, ends, before, after] = [(); 4].map(|()| RawId(random(&SystemEntropy)));
    scenario.keep(scenario.of_id(lives, Some(&account))).await;
    let ended = scenario.keep(scenario.of_id(ends, Some(&account))).await;
    scenario.end(Selection::ById(ended.id_hash), EndReason::SignedOut).await;
    let old = scenario.keep(scenario.of_id(before, Some(&account))).await;
    scenario
        .rotate(&old, &scenario.of_id(after, Some(&account)))
        .await
        .expect("a response")
        .expect("it lived");
    for id in [lives, ends, before, after] {
        is_nowhere(&*scenario.backend, id).await;
    }
}

async fn is_nowhere(backend: &dyn StoreUnderTest, RawId(id): RawId) {
    let kept = backend.stored_bytes().await;
    for form in forms(id) {
        assert!(!kept.windows(form.len()).any(|window| window == form), "an id is kept");
    }
}

/// Every way in which anybody would write an id down.
fn forms(id: [u8; 16]) -> Vec<Vec<u8>> {
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

for_every_store!(the_id_in_a_cookie_never_reaches_the_store);

/// The same from the outside: with the ids that the engine makes.
fn the_id_in_a_cookie_never_reaches_the_store<S: StoreUnderTest>() {
    Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(async {
        let backend = Arc::new(S::empty().await);
        let fixture = Fixture::on(backend.clone());
        let prove_again = async |Extension(session): Extension<RequestSession>| {
            session.reauthenticate(AUTHENTICATION, None).await.expect("still signed in");
        };
        let first = fixture.sign_in_remembered().await;
        let second = fixture.send(Router::new().route("/", get(prove_again)), &first).await;
        for cookie in [first, second.expect("a new cookie")] {
            is_nowhere(&*backend, id_in(&cookie)).await;
        }
    });
}

fn id_in(cookie: &str) -> RawId {
    let (_, value) = cookie.split_once('=').expect("a cookie");
    let (id, _) = value.split_once('.').expect("an id and a signature");
    RawId(BASE64_URL_SAFE_NO_PAD.decode(id).expect("base64url").try_into().expect("128 bits"))
}
