//! Where mails are sent, an account begins with the link in one.

use vestibule::{model::FormOutcome, server::config::RegistrationPolicy};

use super::journey::{
    DAY, INVALID, MILLISECOND, comparable, is_accepted, is_invalid, join, least_cost, pause_mails,
    resume_mails, start_with_mail,
};
use crate::support::{ALICE, BOB, User};

const FINISH: &str = "Finish creating";
const ACCOUNTS: &str = "SELECT count(*) FROM accounts";

fn fields(user: User) -> [(&'static str, &'static str); 3] {
    [("name", user.name), ("email", user.email), ("password", user.password)]
}

#[tokio::test]
async fn a_new_and_a_taken_address_get_the_same_answer() {
    let (app, mailbox) = start_with_mail().await;
    join(&app, &mailbox, ALICE).await;
    for path in ["/api/register", "/api/register"] {
        let (taken, new) = (app.anon(), app.anon());
        let answers = (taken.call(path, &fields(ALICE)).await, new.call(path, &fields(BOB)).await);
        assert_eq!(comparable(&answers.0), comparable(&answers.1));
        let answers = (taken.post(path, &fields(ALICE)).await, new.post(path, &fields(BOB)).await);
        assert_eq!(comparable(&answers.0), comparable(&answers.1));
        let pages = (taken.get("/register?sent=1").await, new.get("/register?sent=1").await);
        assert_eq!(comparable(&pages.0), comparable(&pages.1));
        taken.is_signed_out().await;
        new.is_signed_out().await;
    }
    assert_eq!(app.number(ACCOUNTS).await, 1);
    assert_eq!(app.live_sessions().await.len(), 1, "only that of Alice");
}

#[tokio::test]
async fn a_new_and_a_taken_address_cost_the_same_statements() {
    let (app, mailbox) = start_with_mail().await;
    join(&app, &mailbox, ALICE).await;
    pause_mails(&app).await;
    let cost = async |email| {
        let browser = app.anon();
        least_cost(&app, async || drop(browser.register(User { email, ..BOB }).await)).await
    };
    assert_eq!(cost(ALICE.email).await, cost(BOB.email).await);
}

#[tokio::test]
async fn the_account_begins_with_the_button_and_not_before() {
    let (app, mailbox) = start_with_mail().await;
    let alice = app.anon();
    alice.register(ALICE).await;
    alice.is_signed_out().await;
    let mail = mailbox.only(&app, ALICE.email, FINISH).await;
    let scanner = app.anon();
    for _ in 0..5 {
        scanner.head(&mail.path()).await.leads_to("/verify-email");
        scanner.open(&mail).await.shows("Finish creating your account");
        scanner.head("/verify-email").await;
    }
    assert_eq!(app.number(ACCOUNTS).await, 0);
    assert_eq!(alice.try_to_sign_in(ALICE).await.as_deref(), Some("Incorrect email or password."));

    alice.open(&mail).await.shows(ALICE.email);
    alice.post("/api/verify_email", &[("token", &mail.token())]).await.leads_to("/login");
    alice.get("/login").await.shows("Your account is ready.");
    assert_eq!(app.number("SELECT count(*) FROM accounts WHERE email_verified_at IS NOT NULL").await, 1);
    assert_eq!(app.number("SELECT count(*) FROM registrations").await, 0);
    alice.is_signed_out().await;
    alice.sign_in(ALICE).await;
    alice.is_signed_in().await;
    assert_eq!(mailbox.all_sent_to(&app, ALICE.email).await.len(), 1, "this sign-in is no news");
    is_invalid(&scanner.verify(&mail).await);
}

#[tokio::test]
async fn the_link_works_for_24_hours() {
    let (app, mailbox) = start_with_mail().await;
    for (user, waited, works) in [(ALICE, DAY - MILLISECOND, true), (BOB, DAY, false)] {
        app.anon().register(user).await;
        let mail = mailbox.only(&app, user.email, FINISH).await;
        app.clock.advance(waited);
        let page = app.anon().open(&mail).await;
        assert_eq!(page.text().contains("Finish creating"), works, "{}", page.text());
        let outcome = app.anon().verify(&mail).await;
        if works { is_accepted(&outcome) } else { is_invalid(&outcome) }
    }
    assert_eq!(app.number(ACCOUNTS).await, 1);
}

#[tokio::test]
async fn a_link_makes_no_account_where_registration_was_closed_meanwhile() {
    let (app, mailbox) = start_with_mail().await;
    app.anon().register(ALICE).await;
    let mail = mailbox.only(&app, ALICE.email, FINISH).await;
    let app = app.restart_with(|config| config.registration.policy = RegistrationPolicy::Closed).await;
    let FormOutcome::Rejected(refused) = app.anon().verify(&mail).await else { panic!("an account") };
    assert_eq!(refused.form.as_deref(), Some("New accounts cannot be created at the moment."));
    assert_eq!(app.number(ACCOUNTS).await, 0);
}

/// A stranger registers with the address of a person who is about to open the link of their own registration.
#[tokio::test]
async fn a_second_registration_ends_the_link_of_the_first_at_once() {
    let (app, mailbox) = start_with_mail().await;
    app.anon().register(ALICE).await;
    let first = mailbox.only(&app, ALICE.email, FINISH).await;
    mailbox.clear(&app).await;
    // The second mail waits.
    pause_mails(&app).await;
    app.anon().register(User { password: BOB.password, ..ALICE }).await;
    is_invalid(&app.anon().verify(&first).await);
    assert_eq!(app.number(ACCOUNTS).await, 0);

    resume_mails(&app).await;
    let second = mailbox.only(&app, ALICE.email, FINISH).await;
    app.anon().open(&first).await.shows("This link cannot be used");
    is_accepted(&app.anon().verify(&second).await);
    assert!(app.anon().try_to_sign_in(ALICE).await.is_some(), "the first password is gone");
}

#[tokio::test]
async fn who_has_an_account_is_told_so_by_mail() {
    let (app, mailbox) = start_with_mail().await;
    join(&app, &mailbox, ALICE).await;
    app.anon().register(User { email: "ALICE@example.org", password: BOB.password, ..ALICE }).await;
    let mail = mailbox.only(&app, "ALICE@example.org", "You already have").await;
    assert!(mail.text.contains("so nothing has changed") && mail.path() == "/login", "{mail:?}");
    assert_eq!(app.number("SELECT count(*) FROM mailed_tokens").await, 0);
    app.anon().sign_in(ALICE).await;
}

#[tokio::test]
async fn an_address_that_got_an_account_meanwhile_gets_no_second_one() {
    let (app, mailbox) = start_with_mail().await;
    app.anon().register(ALICE).await;
    let mail = mailbox.only(&app, ALICE.email, FINISH).await;
    let token = mail.token();
    let press = || async { app.anon().verify(&mail).await };
    let (first, second) = tokio::join!(press(), press());
    let accepted = [&first, &second].into_iter().filter(|outcome| !format!("{outcome:?}").contains(INVALID));
    assert_eq!(accepted.count(), 1, "{first:?} {second:?}");
    assert_eq!(app.number(ACCOUNTS).await, 1);
    is_invalid(&app.anon().call("/api/verify_email", &[("token", &token)]).await.json());
}

#[tokio::test]
async fn addresses_that_no_mail_can_be_sent_to_are_refused() {
    let (app, _mailbox) = start_with_mail().await;
    for email in ["alice@exa mple.org", "a@example.org\r\nBcc: bob@example.org", "al..ice@example.org"] {
        let fields = [("name", ALICE.name), ("email", email), ("password", ALICE.password)];
        let outcome = app.anon().call("/api/register", &fields).await.json();
        super::journey::problem_of(outcome, "email");
    }
    assert_eq!(app.number("SELECT count(*) FROM mails").await, 0);
}
