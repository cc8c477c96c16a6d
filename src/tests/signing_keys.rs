//! Keys that sign cookies, and key rotation.

use crate::support::{ALICE, TestApp};
use vestibule::server::config::{Config, Keys};

const OLD: &str = "QAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
const NEW: &str = "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA";

fn with(keys: &[&str]) -> impl FnOnce(&mut Config) {
    let keys: Keys = serde_json::from_value(serde_json::json!(keys)).expect("keys");
    |config| config.sessions.keys = keys
}

#[tokio::test]
async fn a_cookie_signed_with_an_older_key_is_signed_again() {
    let app = TestApp::start_with(with(&[OLD])).await;
    let alice = app.alice().await;
    let before = alice.cookie_value();

    let app = app.restart_with(with(&[NEW, OLD])).await;
    let alice = alice.reconnect_to(&app);
    alice.is_signed_in().await;
    let after = alice.cookie_value();
    assert_eq!(after[..22], before[..22], "the same session");
    assert_ne!(after[22..], before[22..], "signed with the first key");
    assert_eq!(alice.get("/").await.set_cookies(), [""; 0], "once");

    let app = app.restart_with(with(&[NEW])).await;
    alice.reconnect_to(&app).is_signed_in().await;
}

#[tokio::test]
async fn removing_a_key_signs_out_sessions_that_used_it() {
    let app = TestApp::start_with(with(&[OLD])).await;
    let alice = app.alice().await;
    let app = app.restart_with(with(&[NEW])).await;
    let alice = alice.reconnect_to(&app);
    alice.is_signed_out().await;
    alice.sign_in(ALICE).await;
    alice.is_signed_in().await;
}

#[tokio::test]
async fn configured_keys_create_no_key_file() {
    let app = TestApp::start_with(with(&[OLD])).await;
    assert!(!app.data_dir().join("secret.key").exists());
    let app = app.restart_with(with(&[])).await;
    assert!(app.data_dir().join("secret.key").exists());
}

#[tokio::test]
async fn a_second_line_of_the_key_file_verifies_too() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let file = app.data_dir().join("secret.key");
    let old = std::fs::read_to_string(&file).expect("a file");
    std::fs::write(&file, format!("{NEW}\n{old}")).expect("written");
    let app = app.restart().await;
    let alice = alice.reconnect_to(&app);
    alice.is_signed_in().await;
    std::fs::write(&file, NEW).expect("written");
    let app = app.restart().await;
    alice.reconnect_to(&app).is_signed_in().await;
}
