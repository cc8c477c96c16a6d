//! Session ids: session fixation, and what the store knows of ids.

use serde_json::json;
use vestibule::server::sessions::Key;

use crate::support::{ALICE, Actor, TestApp};

/// A browser whose anonymous session an attacker may know, as in a session fixation attack.
async fn with_fixed_session(app: &TestApp) -> Actor {
    app.with_anonymous_session(&Key::new("colour"), "fixed").await
}

#[tokio::test]
async fn signing_in_prevents_session_fixation() {
    let app = TestApp::start().await;
    app.alice().await;
    let victim = with_fixed_session(&app).await;
    let attacker = victim.copy();

    victim.sign_in(ALICE).await;

    assert_ne!(victim.raw_id(), attacker.raw_id());
    victim.is_signed_in().await;
    attacker.is_signed_out().await;
    let tombstone = app.session_of(&attacker).await;
    assert_eq!(tombstone.end_reason.as_deref(), Some("replaced"));
}

#[tokio::test]
async fn registering_prevents_session_fixation() {
    let app = TestApp::start().await;
    let victim = with_fixed_session(&app).await;
    let attacker = victim.copy();
    victim.register(ALICE).await;
    assert_ne!(victim.raw_id(), attacker.raw_id());
    victim.is_signed_in().await;
    attacker.is_signed_out().await;
}

#[tokio::test]
async fn signing_in_without_javascript_prevents_session_fixation() {
    let app = TestApp::start().await;
    app.alice().await;
    let victim = with_fixed_session(&app).await;
    let attacker = victim.copy();
    let fields = [("email", ALICE.email), ("password", ALICE.password)];
    victim.post("/api/sign_in", &fields).await.leads_to("/");
    victim.is_signed_in().await;
    attacker.is_signed_out().await;
}

#[tokio::test]
async fn signing_in_again_ends_the_previous_session() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let before = alice.copy();
    alice.sign_in(ALICE).await;
    assert_ne!(alice.raw_id(), before.raw_id());
    alice.is_signed_in().await;
    before.is_signed_out().await;
    app.live_session().await;
}

#[tokio::test]
async fn a_failed_sign_in_does_not_sign_out() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let before = alice.copy();
    alice.fail_to_sign_in(ALICE.email).await;
    before.is_signed_in().await;
    assert_eq!(alice.raw_id(), before.raw_id());
}

#[tokio::test]
async fn values_of_an_anonymous_session_do_not_survive_sign_in() {
    let app = TestApp::start().await;
    app.alice().await;
    let browser = with_fixed_session(&app).await;
    let before = app.session_of(&browser).await.values;
    assert_eq!(json!(before), json!({ "colour": "fixed" }));

    browser.sign_in(ALICE).await;

    let values = app.session_of(&browser).await.values;
    assert_eq!(json!(values), json!({}));
    browser.get("/").await.hides("fixed");
}

#[tokio::test]
async fn the_store_has_the_hash_of_an_id_and_never_the_id() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let others = [with_fixed_session(&app).await, app.anon()];
    others[1].sign_in_remembered(ALICE).await;
    for actor in others.iter().chain([&alice]) {
        let hash = actor.id_hash();
        assert!(app.is_stored(hash.as_bytes()).await, "the search finds the hash");
        assert!(!app.is_stored(&actor.raw_id()).await, "the bytes of an id");
        assert!(!app.is_stored(&actor.cookie_value().as_bytes()[..22]).await, "an id in base64url");
        assert!(!app.is_stored(&actor.cookie_value().as_bytes()[23..]).await, "a signature");
        let number = i128::from_le_bytes(actor.raw_id().try_into().expect("16 bytes"));
        assert!(!app.is_stored(number.to_string().as_bytes()).await, "an id as a number");
    }
}

#[tokio::test]
async fn no_page_shows_an_id_or_its_hash() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let home = alice.get("/").await;
    home.hides(&alice.cookie_value()[..22]);
    home.hides(&alice.id_hash());
}

#[tokio::test]
async fn reading_pages_creates_no_session() {
    let app = TestApp::start().await;
    let anon = app.anon();
    for path in
        ["/", "/login", "/login?next=%2F", "/register", "/nowhere", "/robots.txt", "/healthz", "/readyz"]
    {
        assert_eq!(anon.get(path).await.set_cookies(), [""; 0], "{path}");
    }
    assert!(app.sessions().await.is_empty());
}

#[tokio::test]
async fn a_rejection_returned_to_a_script_sets_no_cookie() {
    let app = TestApp::start().await;
    let fields = [("email", ALICE.email), ("password", "wrong")];
    let response = app.anon().call("/api/sign_in", &fields).await;
    assert_eq!(response.set_cookies(), [""; 0]);
    assert_eq!(app.anon().post("/api/sign_in", &fields).await.set_cookies().len(), 1, "a form's cookie");
    assert!(app.sessions().await.is_empty());
}

#[tokio::test]
async fn every_browser_has_its_own_session() {
    let app = TestApp::start().await;
    let laptop = app.alice().await;
    let phone = app.anon();
    phone.sign_in(ALICE).await;
    laptop.sign_out().await;
    laptop.is_signed_out().await;
    phone.is_signed_in().await;
}

#[tokio::test]
async fn sessions_survive_a_restart() {
    let app = TestApp::start().await;
    let (alice, phone) = (app.alice().await, app.anon());
    phone.sign_in(ALICE).await;
    let ended = phone.copy();
    phone.sign_out().await;

    let app = app.restart().await;

    alice.reconnect_to(&app).is_signed_in().await;
    ended.reconnect_to(&app).is_signed_out().await;
}
