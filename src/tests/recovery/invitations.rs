//! Who may register.

use vestibule::{
    model::FormOutcome,
    server::config::{Config, RegistrationPolicy},
};

use super::{
    journey::{DAY, is_accepted, start_with_mail_and},
    mailbox::Letter,
};
use crate::support::{ALICE, Actor, BOB, TestApp, User};

const ACCOUNTS: &str = "SELECT count(*) FROM accounts";
const INVITATION_ONLY: &str = "You need an invitation";

fn by_invitation(config: &mut Config) {
    config.registration.policy = RegistrationPolicy::Invitation;
}

/// The token of a link that the operator prints.
async fn invite(app: &TestApp, email: &str) -> String {
    let printed = app.run(&["account", "invite", email]).await;
    let link = printed.trim().strip_prefix("http://localhost:3000/register/");
    link.unwrap_or_else(|| panic!("no link: {printed}")).to_owned()
}

async fn register(actor: &Actor, user: User, invitation: &str) -> FormOutcome {
    let fields =
        [("name", user.name), ("email", user.email), ("password", user.password), ("invitation", invitation)];
    actor.call("/api/register", &fields).await.json()
}

#[track_caller]
fn is_refused(outcome: &FormOutcome) {
    assert!(format!("{outcome:?}").contains(INVITATION_ONLY), "{outcome:?}");
}

#[tokio::test]
async fn nobody_registers_where_that_is_closed() {
    let app = TestApp::start_with(|config| config.registration.policy = RegistrationPolicy::Closed).await;
    let token = invite(&app, ALICE.email).await;
    app.anon().get("/register").await.shows("New accounts cannot be created at the moment.");
    app.anon().get("/login").await.hides("href=\"/register\"");
    for invitation in ["", &token] {
        let outcome = register(&app.anon(), ALICE, invitation).await;
        assert!(format!("{outcome:?}").contains("New accounts cannot be created"), "{outcome:?}");
    }
    assert_eq!(app.number(ACCOUNTS).await, 0);
}

#[tokio::test]
async fn an_invitation_is_for_one_account_with_the_address_that_was_invited() {
    let app = TestApp::start_with(by_invitation).await;
    app.anon().get("/register").await.shows("invitation");
    app.anon().get("/register").await.hides("name=\"password\"");
    is_refused(&register(&app.anon(), ALICE, "").await);
    is_refused(&register(&app.anon(), ALICE, &"A".repeat(43)).await);
    let token = invite(&app, ALICE.email).await;
    is_refused(&register(&app.anon(), BOB, &token).await);

    let alice = app.anon();
    alice.get(&format!("/register/{token}")).await.leads_to("/register");
    let page = alice.get("/register").await;
    page.shows(&format!("value=\"{}\"", ALICE.email));
    page.shows(&token);
    let outcome = register(&alice, User { password: "short", ..ALICE }, &token).await;
    assert!(format!("{outcome:?}").contains("at least 8"), "{outcome:?}");
    is_accepted(&register(&alice, ALICE, &token).await);
    alice.is_signed_in().await;
    assert_eq!(app.number("SELECT count(*) FROM mailed_tokens WHERE purpose = 'invitation'").await, 0);
    is_refused(&register(&app.anon(), User { password: BOB.password, ..ALICE }, &token).await);
    app.anon().get(&format!("/register/{token}")).await.leads_to("/register");
}

#[tokio::test]
async fn an_invitation_is_valid_for_7_days_and_the_newest_counts() {
    let app = TestApp::start_with(by_invitation).await;
    // The commands have the clock of the machine.
    let first = invite(&app, ALICE.email).await;
    let second = invite(&app, ALICE.email).await;
    is_refused(&register(&app.anon(), ALICE, &first).await);
    app.execute("UPDATE mailed_tokens SET expires_at = 1767254400000").await;
    is_refused(&register(&app.anon(), ALICE, &second).await);
    app.execute("UPDATE mailed_tokens SET expires_at = 1767254400001").await;
    is_accepted(&register(&app.anon(), ALICE, &second).await);
    assert_eq!(vestibule::server::credentials::Purpose::Invitation.lifetime(), 7 * DAY);
}

#[tokio::test]
async fn of_two_with_one_invitation_at_the_same_moment_one_gets_an_account() {
    let app = TestApp::start_with(by_invitation).await;
    let token = invite(&app, ALICE.email).await;
    let (first, second) = (app.anon(), app.anon());
    let other = User { password: BOB.password, ..ALICE };
    let outcomes = tokio::join!(register(&first, ALICE, &token), register(&second, other, &token));
    let accepted = [&outcomes.0, &outcomes.1].into_iter();
    let accepted = accepted.filter(|outcome| matches!(outcome, FormOutcome::Accepted { .. }));
    assert_eq!((accepted.count(), app.number(ACCOUNTS).await), (1, 1), "{outcomes:?}");
}

#[tokio::test]
async fn an_invitation_can_be_mailed_by_a_running_server() {
    let (app, mailbox) = start_with_mail_and(by_invitation).await;
    let printed = app.run(&["account", "invite", ALICE.email, "--mail"]).await;
    assert!(printed.contains("in the queue"), "{printed}");
    // It is due by the clock of the machine.
    app.execute("UPDATE mails SET next_at = 1").await;
    app.state.app.mailer.wake();
    app.until_queue_is_empty().await;
    let mail: Letter = mailbox.all_to(ALICE.email).remove(0);
    app.anon().open(&mail).await.shows(ALICE.email);
    let alice = app.anon();
    is_accepted(&register(&alice, ALICE, &mail.token()).await);
    alice.is_signed_in().await;
}

/// A link that is used up must not be in the way of the next person at this browser.
#[tokio::test]
async fn where_all_may_register_an_old_invitation_does_no_harm() {
    let app = TestApp::start().await;
    let token = invite(&app, ALICE.email).await;
    let browser = app.anon();
    browser.get(&format!("/register/{token}")).await.leads_to("/register");
    is_accepted(&register(&browser, ALICE, &token).await);
    browser.sign_out().await;
    browser.get("/register").await.shows("name=\"password\"");
    is_accepted(&register(&browser, BOB, &token).await);
}
