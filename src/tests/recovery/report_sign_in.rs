//! A sign-in on a new device, and "This wasn't me".

use vestibule::model::{EndReason, SessionState};

use super::{
    journey::{DAY, INVALID, MILLISECOND, is_accepted, is_invalid, start_with_alice},
    mailbox::{Letter, Mailbox},
};
use crate::support::{ALICE, Actor, TestApp};

const NEW_SIGN_IN: &str = "New sign-in";

/// A thief signs in; the mail about it.
async fn sign_in_as_thief(app: &TestApp, mailbox: &Mailbox) -> (Actor, Letter) {
    mailbox.clear(app).await;
    let thief = app.anon();
    thief.sign_in(ALICE).await;
    (thief, mailbox.only(app, ALICE.email, NEW_SIGN_IN).await)
}

async fn report(app: &TestApp, mail: &Letter) -> vestibule::model::FormOutcome {
    app.anon().call("/api/report_sign_in", &[("token", &mail.token())]).await.json()
}

#[tokio::test]
async fn registering_and_a_browser_that_is_known_are_no_news() {
    let (app, mailbox, alice) = start_with_alice().await;
    alice.sign_out().await;
    alice.sign_in(ALICE).await;
    let again = [("name", ALICE.name), ("email", ALICE.email), ("password", ALICE.password)];
    is_accepted(&app.anon().call("/api/register", &again).await.json());
    let mails = mailbox.all_sent_to(&app, ALICE.email).await;
    assert!(mails.iter().all(|mail| !mail.subject.contains(NEW_SIGN_IN)), "{mails:?}");
    assert_eq!(app.number("SELECT count(*) FROM events WHERE kind = 'new_device'").await, 0);
}

#[tokio::test]
async fn the_form_to_register_is_no_way_around_the_notice() {
    let (app, mailbox, _) = start_with_alice().await;
    app.clock.advance(std::time::Duration::from_mins(1));
    let again = [("name", ALICE.name), ("email", ALICE.email), ("password", ALICE.password)];
    is_accepted(&app.anon().call("/api/register", &again).await.json());
    mailbox.only(&app, ALICE.email, NEW_SIGN_IN).await;
}

#[tokio::test]
async fn the_owner_ends_the_session_and_chooses_a_password() {
    let (app, mailbox, owner) = start_with_alice().await;
    let (thief, mail) = sign_in_as_thief(&app, &mailbox).await;
    assert!(mail.text.contains("Address: 127.0.0.1") && mail.text.contains("When: "), "{mail:?}");
    let mut stream = thief.listen().await.expect("a stream");
    assert_eq!(stream.state().await, SessionState::Live);
    app.anon().open(&mail).await.shows("Everyone is signed out of your account");
    thief.is_signed_in().await;
    let browser = app.anon();
    let next = browser.post("/api/report_sign_in", &[("token", &mail.token())]).await;
    assert_eq!(stream.state().await, SessionState::Ended { reason: Some(EndReason::Reported) });
    thief.is_signed_out().await;
    owner.is_signed_out().await;
    let incorrect = Some("Incorrect email or password.".to_owned());
    assert_eq!(app.anon().try_to_sign_in(ALICE).await, incorrect, "others know the password");
    browser.get(next.location()).await.leads_to("/reset-password");
    browser.get("/reset-password").await.shows("Everyone has been signed out. Now choose a new password.");
    is_invalid(&report(&app, &mail).await);
    assert_eq!(app.number("SELECT count(*) FROM events WHERE kind = 'sign_in_reported'").await, 1);
}

/// The second sign-in of a browser is no news any more, so no mail is about it.
#[tokio::test]
async fn a_thief_who_has_signed_in_again_since_the_mail_is_signed_out_as_well() {
    let (app, mailbox, _) = start_with_alice().await;
    let (thief, mail) = sign_in_as_thief(&app, &mailbox).await;
    thief.sign_in(ALICE).await;
    is_accepted(&thief.call("/api/delete_account", &[("confirmation", ALICE.email)]).await.json());
    thief.sign_in(ALICE).await;
    is_accepted(&report(&app, &mail).await);
    thief.is_signed_out().await;
    assert_eq!(app.number("SELECT count(*) FROM accounts WHERE delete_at IS NULL").await, 1);
}

#[tokio::test]
async fn the_link_works_once_for_7_days() {
    let (app, mailbox, _) = start_with_alice().await;
    let (_, mail) = sign_in_as_thief(&app, &mailbox).await;
    app.clock.advance(7 * DAY);
    app.anon().get(&mail.path()).await;
    is_invalid(&report(&app, &mail).await);
    let (_, mail) = sign_in_as_thief(&app, &mailbox).await;
    app.clock.advance(7 * DAY - MILLISECOND);
    let outcomes = tokio::join!(report(&app, &mail), report(&app, &mail));
    let refused = [&outcomes.0, &outcomes.1].into_iter().filter(|one| format!("{one:?}").contains(INVALID));
    assert_eq!(refused.count(), 1, "{outcomes:?}");
    assert_eq!(app.number("SELECT count(*) FROM events WHERE kind = 'sign_in_reported'").await, 1);
}

/// After the owner has undone a change of the address, the mails to the address in between must not give access.
#[tokio::test]
async fn a_link_to_another_address_gives_no_access() {
    let (app, mailbox, _) = start_with_alice().await;
    app.execute("UPDATE accounts SET email = 'thief@example.org', email_key = 'thief@example.org'").await;
    let thief = app.anon();
    thief.sign_in(crate::support::User { email: "thief@example.org", ..ALICE }).await;
    let mail = mailbox.only(&app, "thief@example.org", NEW_SIGN_IN).await;
    app.execute("UPDATE accounts SET email = 'alice@example.org', email_key = 'alice@example.org'").await;
    app.anon().open(&mail).await.shows("This link cannot be used");
    is_invalid(&report(&app, &mail).await);
    assert_eq!(app.number("SELECT count(*) FROM mailed_tokens WHERE purpose = 'reset_password'").await, 0);
}

#[tokio::test]
async fn many_sign_ins_do_not_bury_the_owner_in_mails() {
    let app = TestApp::start_with(|config| config.limits.notices_burst = 2).await;
    app.alice().await;
    let mailbox = Mailbox::folder_of(&app);
    for _ in 0..4 {
        app.anon().sign_in(ALICE).await;
    }
    let mails = mailbox.all_sent_to(&app, ALICE.email).await;
    assert_eq!(mails.iter().filter(|mail| mail.subject.contains(NEW_SIGN_IN)).count(), 2);
    assert_eq!(app.number("SELECT count(*) FROM events WHERE kind = 'new_device'").await, 4);
}
