//! Session ids: session fixation, and what the store knows of ids.

use std::fs;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::Value;
use sha2::{Digest, Sha256};
use sqlx::Row;

use vestibule::server::sessions::Key;

use crate::support::{ALICE, Actor, TestApp};

const ALL: &str = "SELECT count(*) FROM sessions";
const LIVE: &str = "SELECT count(*) FROM sessions WHERE ended_at IS NULL";

/// The id in the cookie.
fn raw_id(actor: &Actor) -> Vec<u8> {
    BASE64_URL_SAFE_NO_PAD.decode(&actor.cookie_value()[..22]).expect("base64url")
}

/// The id as the store has it.
fn id_hash(actor: &Actor) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(raw_id(actor)))
}

/// The values of the session, and its end reason.
async fn row_of(app: &TestApp, actor: &Actor) -> (Value, Option<String>) {
    let row = sqlx::query("SELECT data, end_reason FROM sessions WHERE id_hash = $1")
        .bind(id_hash(actor))
        .fetch_one(app.state.app.db.reader())
        .await
        .expect("the session is stored under the hash of its id");
    (serde_json::from_str(row.get("data")).expect("JSON"), row.get("end_reason"))
}

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

    assert_ne!(raw_id(&victim), raw_id(&attacker));
    victim.is_signed_in().await;
    attacker.is_signed_out().await;
    assert_eq!(row_of(&app, &attacker).await.1.as_deref(), Some("replaced"), "ended, with a tombstone");
}

#[tokio::test]
async fn registering_prevents_session_fixation() {
    let app = TestApp::start().await;
    let victim = with_fixed_session(&app).await;
    let attacker = victim.copy();
    victim.register(ALICE).await;
    assert_ne!(raw_id(&victim), raw_id(&attacker));
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
    assert_ne!(raw_id(&alice), raw_id(&before));
    alice.is_signed_in().await;
    before.is_signed_out().await;
    assert_eq!(app.number(LIVE).await, 1);
}

#[tokio::test]
async fn a_failed_sign_in_does_not_sign_out() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let before = alice.copy();
    alice.fail_to_sign_in(ALICE.email).await;
    before.is_signed_in().await;
    assert_eq!(raw_id(&alice), raw_id(&before));
}

#[tokio::test]
async fn values_of_an_anonymous_session_do_not_survive_sign_in() {
    let app = TestApp::start().await;
    app.alice().await;
    let browser = with_fixed_session(&app).await;
    let (before, _) = row_of(&app, &browser).await;
    assert_eq!(before, serde_json::json!({ "colour": "fixed" }));

    browser.sign_in(ALICE).await;

    let (values, _) = row_of(&app, &browser).await;
    assert_eq!(values, serde_json::json!({}));
    browser.get("/").await.hides("fixed");
}

#[tokio::test]
async fn the_store_has_the_hash_of_an_id_and_never_the_id() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let others = [with_fixed_session(&app).await, app.anon()];
    others[1].sign_in_remembered(ALICE).await;
    for actor in others.iter().chain([&alice]) {
        let hash = id_hash(actor);
        assert!(is_stored(&app, hash.as_bytes()), "the search finds the hash");
        assert!(!is_stored(&app, &raw_id(actor)), "the bytes of an id");
        assert!(!is_stored(&app, &actor.cookie_value().as_bytes()[..22]), "an id in base64url");
        assert!(!is_stored(&app, &actor.cookie_value().as_bytes()[23..]), "a signature");
        let number = i128::from_le_bytes(raw_id(actor).try_into().expect("16 bytes"));
        assert!(!is_stored(&app, number.to_string().as_bytes()), "an id as a number");
    }
}

/// Whether any file in the data folder contains these bytes.
fn is_stored(app: &TestApp, needle: &[u8]) -> bool {
    let files = fs::read_dir(app.data_dir()).expect("a folder");
    let mut contents = files.map(|file| fs::read(file.expect("an entry").path()).expect("a file"));
    contents.any(|content| content.windows(needle.len()).any(|window| window == needle))
}

#[tokio::test]
async fn no_page_shows_an_id_or_its_hash() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let home = alice.get("/").await;
    home.hides(&alice.cookie_value()[..22]);
    home.hides(&id_hash(&alice));
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
    assert_eq!(app.number(ALL).await, 0);
}

#[tokio::test]
async fn a_rejection_returned_to_a_script_sets_no_cookie() {
    let app = TestApp::start().await;
    let fields = [("email", ALICE.email), ("password", "wrong")];
    let response = app.anon().call("/api/sign_in", &fields).await;
    assert_eq!(response.set_cookies(), [""; 0]);
    assert_eq!(app.anon().post("/api/sign_in", &fields).await.set_cookies().len(), 1, "a form's cookie");
    assert_eq!(app.number(ALL).await, 0);
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
