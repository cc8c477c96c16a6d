//! A new id whenever somebody proves who they are.

use std::time::Duration;

use argon2::{Algorithm, Argon2, Params, Version, password_hash::PasswordHasher as _};
use http::StatusCode;
use sqlx::Row;

use crate::support::{ALICE, Actor, Fault, TestApp, WRONG_PASSWORD, interleave};

const LIVE: &str = "SELECT count(*) FROM sessions WHERE ended_at IS NULL";
const NEW_PASSWORD: &str = "seven impossible things";

async fn confirm(actor: &Actor, password: &str) -> crate::support::TestResponse {
    actor.post("/api/confirm", &[("password", password), ("next", "/account/sessions")]).await
}

async fn change_password(actor: &Actor, current: &str, new: &str) -> crate::support::TestResponse {
    actor.post("/api/change_password", &[("current_password", current), ("new_password", new)]).await
}

/// SessionHandle and absolute expiry of the live session.
async fn identity(app: &TestApp) -> (String, i64) {
    let rows = app.rows("SELECT handle, absolute_expires_at FROM sessions WHERE ended_at IS NULL").await;
    assert_eq!(rows.len(), 1, "one session lives");
    (rows[0].get(0), rows[0].get(1))
}

#[tokio::test]
async fn a_step_up_gives_a_new_id_and_ends_the_old() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let thief = alice.copy();
    let before = identity(&app).await;
    app.clock.advance(Duration::from_hours(2));

    confirm(&alice, ALICE.password).await.leads_to("/account/sessions");

    assert_ne!(alice.cookie(), thief.cookie());
    alice.is_signed_in().await;
    thief.is_signed_out().await;
    assert_eq!(identity(&app).await, before, "the same session, and it ends no later");
}

#[tokio::test]
async fn a_step_up_keeps_a_session_remembered() {
    let app = TestApp::start().await;
    app.alice().await;
    let alice = app.anon();
    alice.sign_in_remembered(ALICE).await;
    let answer = confirm(&alice, ALICE.password).await;
    assert!(answer.set_cookie().contains("; Max-Age=1209600"), "{}", answer.set_cookie());
}

#[tokio::test]
async fn a_refused_step_up_changes_nothing() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let before = alice.cookie();
    let answer = confirm(&alice, WRONG_PASSWORD).await;
    answer.leads_to("/confirm?next=%2Faccount%2Fsessions");
    assert_eq!(answer.session_cookies(), [""; 0]);
    assert_eq!(alice.cookie(), before);
    alice.get("/confirm").await.shows("Incorrect password.");
    alice.get("/confirm").await.hides("Incorrect password.");
    confirm(&alice, "").await;
    alice.get("/confirm").await.shows("Enter a password.");
}

#[tokio::test]
async fn nobody_steps_up_with_an_ended_session() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let thief = alice.copy();
    alice.sign_out().await;
    let answer = confirm(&thief, ALICE.password).await;
    answer.leads_to("/login?next=%2F");
    assert_eq!(answer.set_cookies(), [""; 0]);
    assert_eq!(app.number(LIVE).await, 0);
}

#[tokio::test]
async fn a_session_that_ends_during_a_step_up_stays_ended() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let tab = alice.copy();
    let barrier = app.store.pause_next_load();
    let answer = interleave(&barrier, confirm(&tab, ALICE.password), async {
        alice.sign_out().await;
    })
    .await;
    answer.leads_to("/login?next=%2F");
    assert_eq!(answer.set_cookies(), [""; 0], "no session comes of it");
    assert_eq!(app.number(LIVE).await, 0);
}

#[tokio::test]
async fn a_late_request_with_the_id_before_a_step_up_touches_no_cookie() {
    let app = TestApp::start().await;
    app.alice().await;
    let alice = app.anon();
    alice.sign_in_remembered(ALICE).await;
    let late = alice.copy();
    app.clock.advance(Duration::from_mins(2)); // so that it would be prolonged, and its cookie set again
    confirm(&alice, ALICE.password).await;
    for path in ["/", "/login", "/account/sessions"] {
        assert_eq!(late.get(path).await.set_cookies(), [""; 0], "{path}");
    }
    assert_eq!(late.sign_out().await.set_cookies(), [""; 0]);
    alice.is_signed_in().await;
}

#[tokio::test]
async fn changing_the_password_gives_a_new_id_and_ends_all_others() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let (phone, thief) = (app.anon(), alice.copy());
    phone.sign_in(ALICE).await;

    change_password(&alice, ALICE.password, NEW_PASSWORD).await.leads_to("/account/security");

    assert_ne!(alice.cookie(), thief.cookie());
    alice.get("/account/security").await.shows("1 other session has ended");
    alice.is_signed_in().await;
    for other in [&phone, &thief] {
        other.is_signed_out().await;
    }
    phone.get("/login").await.shows("your password was changed on another device");
    let sign_in = async |password| {
        let fields = [("email", ALICE.email), ("password", password)];
        app.anon().call("/api/sign_in", &fields).await.text().contains("Accepted")
    };
    assert!(!sign_in(ALICE.password).await, "the old password is good for nothing");
    assert!(sign_in(NEW_PASSWORD).await);
}

#[tokio::test]
async fn password_managers_find_the_page() {
    let app = TestApp::start().await;
    app.anon().get("/.well-known/change-password").await.leads_to("/account/security");
}

#[tokio::test]
async fn the_password_changes_only_for_who_knows_it_and_to_one_that_is_fit() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let phone = app.anon();
    phone.sign_in(ALICE).await;
    let cases = [
        (WRONG_PASSWORD, NEW_PASSWORD, "Incorrect password."),
        ("", NEW_PASSWORD, "Enter your current password."),
        (ALICE.password, "short", "Use at least 8 characters."),
        (ALICE.password, ALICE.email, "not your name or email"),
        (ALICE.password, "", "Enter a new password."),
    ];
    for (current, new, words) in cases {
        change_password(&alice, current, new).await.leads_to("/account/security");
        alice.get("/account/security").await.shows(words);
    }
    phone.is_signed_in().await;
    app.anon().sign_in(ALICE).await;
}

#[tokio::test]
async fn a_sign_in_with_the_old_password_does_not_slip_in_behind_its_change() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let thief = app.anon();
    // The thief's password has been compared; the session is about to begin.
    let barrier = app.store.pause_next_create();
    let fields = [("email", ALICE.email), ("password", ALICE.password)];
    let stolen = interleave(&barrier, thief.call("/api/sign_in", &fields), async {
        change_password(&alice, ALICE.password, NEW_PASSWORD).await.leads_to("/account/security");
    })
    .await;
    assert_eq!(stolen.status, StatusCode::OK);
    thief.is_signed_out().await;
    alice.is_signed_in().await;
    alice.get("/account/sessions").await.shows("You are signed in nowhere else.");
}

#[tokio::test]
async fn a_step_up_with_the_old_password_does_not_outlive_its_change() {
    let app = TestApp::start().await;
    let (alice, phone) = (app.alice().await, app.anon());
    phone.sign_in(ALICE).await;
    // The old password has been compared; the phone's session is about to get a new id.
    let barrier = app.store.pause_next_rotation();
    interleave(&barrier, confirm(&phone, ALICE.password), async {
        sqlx::query("UPDATE accounts SET credentials = credentials + 1")
            .execute(app.state.app.db.writer())
            .await
            .expect("as a change of the password does");
    })
    .await;
    for old in [&phone, &alice] {
        old.is_signed_out().await;
    }
    alice.get("/login").await.shows("your password was changed");
}

#[tokio::test]
async fn once_the_password_has_changed_all_sessions_are_over_even_if_the_store_fails() {
    let app = TestApp::start().await;
    let (alice, phone) = (app.alice().await, app.anon());
    phone.sign_in(ALICE).await;
    let barrier = app.store.pause_next_rotation();
    let answer = interleave(&barrier, change_password(&alice, ALICE.password, NEW_PASSWORD), async {
        app.store.set_fault(Fault::Failing);
    })
    .await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.set_cookies(), [""; 0]);
    app.store.set_fault(Fault::None);
    for old in [phone, alice] {
        old.is_signed_out().await;
    }
}

#[tokio::test]
async fn two_sign_ins_that_both_upgrade_the_hash_both_succeed() {
    let app = TestApp::start().await;
    app.alice().await;
    let weak = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8, 1, 1, None).expect("fine"));
    let old = weak.hash_password_with_salt(ALICE.password.as_bytes(), &[1; 16]).expect("hashed").to_string();
    sqlx::query("UPDATE accounts SET password_hash = $1")
        .bind(old)
        .execute(app.state.app.db.writer())
        .await
        .expect("an old hash");
    let (one, other) = (app.anon(), app.anon());
    tokio::join!(one.sign_in(ALICE), other.sign_in(ALICE));
    one.is_signed_in().await;
    other.is_signed_in().await;
}
