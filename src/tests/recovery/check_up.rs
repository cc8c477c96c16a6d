//! The security check-up on the home page, and leaked passwords that are found at sign-in.

use std::time::Duration;

use vestibule::server::credentials::Priority;

use super::journey::{DAY, is_accepted, start_with_alice};
use crate::support::{ALICE, TestApp, User, statement};

const CLEAN: &str = "Nothing to do. Your account is in good order.";
const UNVERIFIED: &str = "Your email address is not confirmed.";
const COMMON: &str = "Your password is on lists of common and stolen ones";
const UNUSED: &str = "You are still signed in on a device that you have not used for a month.";
const ALARMING: &str = "There was an unusual event in your account this week";
const VERIFY: &str = "UPDATE accounts SET email_verified_at = 1";

#[tokio::test]
async fn an_address_that_is_not_confirmed_is_mended_by_the_link() {
    let (app, mailbox, alice) = start_with_alice().await;
    let home = alice.get("/").await;
    home.shows(UNVERIFIED);
    home.hides(CLEAN);
    mailbox.clear(&app).await;
    alice.post("/api/resend_verification", &[]).await.leads_to("/");
    alice.get("/").await.shows("We have sent you an email.");
    is_accepted(&alice.verify(&mailbox.only(&app, ALICE.email, "Confirm").await).await);
    let home = alice.get("/").await;
    home.shows(CLEAN);
    home.hides(UNVERIFIED);
}

#[tokio::test]
async fn a_leaked_password_that_is_found_at_sign_in_leads_to_its_change() {
    let app = TestApp::start().await;
    app.alice().await;
    app.execute(VERIFY).await;
    // Chosen before it got onto the list.
    let hash =
        app.state.app.hasher.hash(&"password".to_owned().into(), Priority::Known).await.expect("a hash");
    let set = statement(format!("UPDATE accounts SET password_hash = '{hash}'"));
    set.query().execute(app.db().writer()).await.expect("set");
    let leaked = User { password: "password", ..ALICE };
    let alice = app.anon();
    let fields = [("email", leaked.email), ("password", leaked.password), ("next", "/account")];
    alice.post("/api/sign_in", &fields).await.leads_to("/account/security");
    alice.get("/account/security").await.shows(COMMON);
    alice.get("/").await.shows(COMMON);
    let change = [("current_password", "password"), ("new_password", "jabberwock and slithy toves")];
    alice.post("/api/change_password", &change).await.leads_to("/account/security");
    alice.get("/").await.hides(COMMON);
}

#[tokio::test]
async fn sessions_that_were_not_used_for_a_month_are_ended_by_a_click() {
    let long = Duration::from_hours(60 * 24);
    let app = TestApp::start_with(|config| {
        config.sessions.remembered_idle_timeout = long;
        config.sessions.remembered_absolute_timeout = long;
        config.sessions.idle_timeout = long;
        config.sessions.absolute_timeout = long;
    })
    .await;
    let old = app.alice().await;
    app.execute(VERIFY).await;
    app.clock.advance(30 * DAY);
    let alice = app.anon().with_device_cookie(old.device_cookie());
    alice.sign_in(ALICE).await;
    alice.get("/").await.hides(UNUSED);
    app.clock.advance(Duration::from_millis(1));
    alice.get("/").await.shows(UNUSED);
    alice.post("/api/end_unused_sessions", &[]).await.leads_to("/");
    old.is_signed_out().await;
    let home = alice.get("/").await;
    home.shows("1 unused session has ended.");
    home.shows(CLEAN);
}

#[tokio::test]
async fn alarming_events_of_a_week_are_shown_until_they_are_known() {
    let (app, _, alice) = start_with_alice().await;
    app.execute(VERIFY).await;
    alice.get("/").await.shows(CLEAN);
    app.clock.advance(Duration::from_millis(1));
    app.anon().sign_in(ALICE).await;
    alice.get("/").await.shows(ALARMING);
    alice.post("/api/review_events", &[]).await.leads_to("/");
    alice.get("/").await.shows(CLEAN);

    app.clock.advance(Duration::from_millis(1));
    app.anon().sign_in(ALICE).await;
    app.clock.advance(7 * DAY - Duration::from_millis(1));
    let browser = app.anon().with_device_cookie(alice.device_cookie());
    browser.sign_in(ALICE).await;
    browser.get("/").await.shows(ALARMING);
    app.clock.advance(Duration::from_millis(1));
    browser.get("/").await.shows(CLEAN);
}
