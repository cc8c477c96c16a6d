//! Session id rotation: step-up, change of the password, and races with them.

use std::time::Duration;

use argon2::{Algorithm, Argon2, Params, Version, password_hash::PasswordHasher as _};
use http::StatusCode;
use vestibule::server::db::Statement;

use crate::support::{ALICE, Actor, Fault, TestApp, WRONG_PASSWORD, interleave};

const NEW_PASSWORD: &str = "seven impossible things";

async fn confirm(actor: &Actor, password: &str) -> crate::support::TestResponse {
    actor.post("/api/confirm", &[("password", password), ("next", "/account/sessions")]).await
}

async fn change_password(actor: &Actor, current: &str, new: &str) -> crate::support::TestResponse {
    actor.post("/api/change_password", &[("current_password", current), ("new_password", new)]).await
}

/// Handle and absolute expiry of the live session.
async fn identity(app: &TestApp) -> (String, i64) {
    let session = app.live_session().await;
    (session.handle, session.absolute_expires_at)
}

#[tokio::test]
async fn a_step_up_rotates_the_id_and_ends_the_old_one() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let attacker = alice.copy();
    let before = identity(&app).await;
    app.clock.advance(Duration::from_hours(2));

    confirm(&alice, ALICE.password).await.leads_to("/account/sessions");

    assert_ne!(alice.cookie(), attacker.cookie());
    alice.is_signed_in().await;
    attacker.is_signed_out().await;
    assert_eq!(identity(&app).await, before, "the same session and absolute timeout");
}

#[tokio::test]
async fn a_remembered_session_stays_remembered_after_a_step_up() {
    let app = TestApp::start().await;
    app.alice().await;
    let alice = app.anon();
    alice.sign_in_remembered(ALICE).await;
    let response = confirm(&alice, ALICE.password).await;
    assert!(response.set_cookie().contains("; Max-Age=1209600"), "{}", response.set_cookie());
}

#[tokio::test]
async fn a_refused_step_up_changes_nothing() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let before = alice.cookie();
    let response = confirm(&alice, WRONG_PASSWORD).await;
    response.leads_to("/confirm?next=%2Faccount%2Fsessions");
    assert_eq!(response.session_cookies(), [""; 0]);
    assert_eq!(alice.cookie(), before);
    alice.get("/confirm").await.shows("Incorrect password.");
    alice.get("/confirm").await.hides("Incorrect password.");
    confirm(&alice, "").await;
    alice.get("/confirm").await.shows("Enter a password.");
}

#[tokio::test]
async fn an_ended_session_cannot_step_up() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let attacker = alice.copy();
    alice.sign_out().await;
    let response = confirm(&attacker, ALICE.password).await;
    response.leads_to("/login?next=%2F");
    assert_eq!(response.set_cookies(), [""; 0]);
    assert!(app.live_sessions().await.is_empty());
}

#[tokio::test]
async fn a_session_that_ends_during_a_step_up_stays_ended() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let tab = alice.copy();
    let barrier = app.store.pause_next_load();
    let response = interleave(&barrier, confirm(&tab, ALICE.password), async {
        alice.sign_out().await;
    })
    .await;
    response.leads_to("/login?next=%2Faccount%2Fsessions");
    assert_eq!(response.session_cookies(), [""; 0], "no new session");
    assert!(app.live_sessions().await.is_empty());
}

#[tokio::test]
async fn a_late_request_with_the_old_id_sets_no_cookie() {
    let app = TestApp::start().await;
    app.alice().await;
    let alice = app.anon();
    alice.sign_in_remembered(ALICE).await;
    let late = alice.copy();
    app.clock.advance(Duration::from_mins(2)); // late enough to extend the session and set its cookie again
    confirm(&alice, ALICE.password).await;
    for path in ["/", "/login", "/account/sessions"] {
        assert_eq!(late.get(path).await.set_cookies(), [""; 0], "{path}");
    }
    assert_eq!(late.sign_out().await.set_cookies(), [""; 0]);
    alice.is_signed_in().await;
}

#[tokio::test]
async fn changing_the_password_rotates_the_id_and_ends_other_sessions() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let (phone, attacker) = (app.anon(), alice.copy());
    phone.sign_in(ALICE).await;

    change_password(&alice, ALICE.password, NEW_PASSWORD).await.leads_to("/account/security");

    assert_ne!(alice.cookie(), attacker.cookie());
    alice.get("/account/security").await.shows("1 other session has ended");
    alice.is_signed_in().await;
    for other in [&phone, &attacker] {
        other.is_signed_out().await;
    }
    phone.get("/login").await.shows("your password was changed on another device");
    let sign_in = async |password| {
        let fields = [("email", ALICE.email), ("password", password)];
        app.anon().call("/api/sign_in", &fields).await.text().contains("Accepted")
    };
    assert!(!sign_in(ALICE.password).await, "the old password");
    assert!(sign_in(NEW_PASSWORD).await);
}

#[tokio::test]
async fn the_well_known_url_redirects_to_the_security_page() {
    let app = TestApp::start().await;
    app.anon().get("/.well-known/change-password").await.leads_to("/account/security");
}

#[tokio::test]
async fn changing_the_password_requires_the_current_one_and_a_valid_new_one() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let phone = app.anon();
    phone.sign_in(ALICE).await;
    let cases = [
        (WRONG_PASSWORD, NEW_PASSWORD, "Incorrect password."),
        ("", NEW_PASSWORD, "Enter your current password."),
        (ALICE.password, "short", "Use at least 8 characters."),
        (ALICE.password, ALICE.email, "more than your name or email"),
        (ALICE.password, "", "Enter a new password."),
    ];
    for (current, new, message) in cases {
        change_password(&alice, current, new).await.leads_to("/account/security");
        alice.get("/account/security").await.shows(message);
    }
    phone.is_signed_in().await;
    app.anon().sign_in(ALICE).await;
}

#[tokio::test]
async fn a_concurrent_sign_in_with_the_old_password_does_not_survive_its_change() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let attacker = app.anon();
    // The old password has been verified; the session is about to be created.
    let barrier = app.store.pause_next_create();
    let fields = [("email", ALICE.email), ("password", ALICE.password)];
    let response = interleave(&barrier, attacker.call("/api/sign_in", &fields), async {
        change_password(&alice, ALICE.password, NEW_PASSWORD).await.leads_to("/account/security");
    })
    .await;
    assert_eq!(response.status, StatusCode::OK);
    attacker.is_signed_out().await;
    alice.is_signed_in().await;
    alice.get("/account/sessions").await.shows("You are not signed in anywhere else.");
}

#[tokio::test]
async fn a_concurrent_step_up_with_the_old_password_does_not_survive_its_change() {
    let app = TestApp::start().await;
    let (alice, phone) = (app.alice().await, app.anon());
    phone.sign_in(ALICE).await;
    // The old password has been verified; the session of the phone is about to be rotated.
    let barrier = app.store.pause_next_rotation();
    interleave(&barrier, confirm(&phone, ALICE.password), async {
        // As a change of the password does.
        app.execute("UPDATE accounts SET credentials = credentials + 1").await;
    })
    .await;
    for old in [&phone, &alice] {
        old.is_signed_out().await;
    }
    alice.get("/login").await.shows("your password was changed");
}

#[tokio::test]
async fn changing_the_password_ends_all_sessions_even_if_the_store_fails() {
    let app = TestApp::start().await;
    let (alice, phone) = (app.alice().await, app.anon());
    phone.sign_in(ALICE).await;
    let barrier = app.store.pause_next_rotation();
    let response = interleave(&barrier, change_password(&alice, ALICE.password, NEW_PASSWORD), async {
        app.store.set_fault(Fault::Failing);
    })
    .await;
    // The password is changed, and an error would deny it.
    response.leads_to("/account/security");
    assert_eq!(response.session_cookies(), [""; 0]);
    app.store.set_fault(Fault::None);
    for old in [&phone, &alice] {
        old.is_signed_out().await;
    }
    alice.get("/login").await.shows("your password was changed");
}

#[tokio::test]
async fn concurrent_sign_ins_that_upgrade_the_hash_both_succeed() {
    let app = TestApp::start().await;
    app.alice().await;
    let weak = Argon2::new(
        Algorithm::Argon2id,
        Version::V0x13,
        Params::new(8, 1, 1, None).expect("valid parameters"),
    );
    let old = weak.hash_password_with_salt(ALICE.password.as_bytes(), &[1; 16]).expect("hashed").to_string();
    let set_hash = Statement::new("UPDATE accounts SET password_hash = $1").bind(old);
    set_hash.execute(app.db().writer()).await.expect("an old hash");
    let (one, other) = (app.anon(), app.anon());
    tokio::join!(one.sign_in(ALICE), other.sign_in(ALICE));
    one.is_signed_in().await;
    other.is_signed_in().await;
}
