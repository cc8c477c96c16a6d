//! What the operator disables is over at once.

use vestibule::model::{EndReason, FormOutcome, SessionState};

use super::journey::{is_accepted, is_invalid, operator, start_with_alice};
use crate::support::{ALICE, TestApp, User, WRONG_PASSWORD, interleave};

const DISABLED: &str = "This account is disabled. Please contact the operator of this site.";
const INCORRECT: &str = "Incorrect email or password.";
const NEW: &str = "jabberwock and slithy toves";

async fn disable(app: &TestApp) {
    assert!(operator(app).disable(ALICE.email).await.expect("disabled"));
}

async fn enable(app: &TestApp) {
    assert!(operator(app).enable(ALICE.email).await.expect("enabled"));
}

#[tokio::test]
async fn all_sessions_end_in_all_processes_and_enabling_brings_none_back() {
    let (app, _, laptop) = start_with_alice().await;
    let phone = app.anon();
    phone.sign_in_remembered(ALICE).await;
    let another = app.another(|_| {}).await;
    let elsewhere = phone.reconnect_to(&another);
    elsewhere.is_signed_in().await;
    let mut stream = elsewhere.listen().await.expect("a stream");
    assert_eq!(stream.state().await, SessionState::Live);
    disable(&app).await;
    laptop.is_signed_out().await;
    phone.is_signed_out().await;
    elsewhere.is_signed_out().await;
    assert_eq!(stream.state().await, SessionState::Ended { reason: Some(EndReason::AccountDisabled) });
    laptop.get("/login").await.shows("You were signed out by an administrator.");
    enable(&app).await;
    laptop.is_signed_out().await;
    phone.is_signed_out().await;
    phone.sign_in(ALICE).await;
    phone.get("/account/activity").await.shows("Account disabled by an administrator");
}

#[tokio::test]
async fn only_who_knows_the_password_is_told() {
    let (app, _, _) = start_with_alice().await;
    disable(&app).await;
    let sign_in = async |email, password| app.anon().try_to_sign_in(User { email, password, ..ALICE }).await;
    assert_eq!(sign_in(ALICE.email, ALICE.password).await.as_deref(), Some(DISABLED));
    assert_eq!(sign_in(ALICE.email, WRONG_PASSWORD).await.as_deref(), Some(INCORRECT));
    assert_eq!(sign_in("nobody@example.org", WRONG_PASSWORD).await.as_deref(), Some(INCORRECT));
    let register = |password| [("name", ALICE.name), ("email", ALICE.email), ("password", password)];
    for password in [ALICE.password, NEW] {
        let outcome: FormOutcome = app.anon().call("/api/register", &register(password)).await.json();
        assert!(format!("{outcome:?}").contains("already an account"), "{outcome:?}");
    }
    assert!(app.live_sessions().await.is_empty(), "{:?}", app.live_sessions().await);
}

/// The password is compared before the account is disabled, and the session begins after that.
#[tokio::test]
async fn a_session_that_is_just_beginning_is_over_as_well() {
    let (app, _, _) = start_with_alice().await;
    let late = app.anon();
    let barrier = app.store.pause_next_create();
    interleave(&barrier, late.sign_in(ALICE), async { disable(&app).await }).await;
    late.is_signed_out().await;
    enable(&app).await;
    late.is_signed_out().await;
}

#[tokio::test]
async fn links_do_nothing_while_it_is_disabled_and_none_is_mailed() {
    let (app, mailbox, alice) = start_with_alice().await;
    is_accepted(&alice.ask_for_email("other@example.org").await);
    let change = mailbox.only(&app, "other@example.org", "Confirm your new").await;
    app.anon().sign_in(ALICE).await;
    let report = mailbox.only(&app, ALICE.email, "New sign-in").await;
    is_accepted(&app.anon().forget_password(ALICE.email).await);
    let reset = mailbox.only(&app, ALICE.email, "Choose a new").await;
    disable(&app).await;
    mailbox.clear(&app).await;
    app.anon().open(&reset).await.shows("This link cannot be used");
    is_invalid(&app.anon().reset(&reset, NEW).await);
    is_invalid(&app.anon().verify(&change).await);
    is_invalid(&app.anon().call("/api/report_sign_in", &[("token", &report.token())]).await.json());
    is_accepted(&app.anon().forget_password(ALICE.email).await);
    assert!(mailbox.all_sent_to(&app, ALICE.email).await.is_empty());
    let link = app.run(&["account", "reset-link", ALICE.email]).await;
    assert!(link.contains("the account is disabled: enable it first"), "{link}");

    enable(&app).await;
    is_accepted(&app.anon().reset(&reset, NEW).await);
}
