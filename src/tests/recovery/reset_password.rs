//! A forgotten password.

use std::time::Duration;

use http::header;
use vestibule::model::{EndReason, SessionState};

use super::{
    journey::{
        INVALID, MILLISECOND, comparable, is_accepted, is_invalid, join, least_cost, operator, pause_mails,
        problem_of, start_with_alice, start_with_mail,
    },
    mailbox::{Letter, Mailbox},
};
use crate::support::{ALICE, BOB, Installation, ServerProcess, Stores, TestApp, User};

const CHOOSE: &str = "Choose a new password";
const NEW: &str = "jabberwock and slithy toves";
const TEN_MINUTES: Duration = Duration::from_mins(10);

async fn forget(app: &TestApp, mailbox: &Mailbox) -> Letter {
    mailbox.clear(app).await;
    is_accepted(&app.anon().forget_password(ALICE.email).await);
    mailbox.only(app, ALICE.email, CHOOSE).await
}

#[tokio::test]
async fn the_answer_is_the_same_for_any_address() {
    let (app, mailbox, _) = start_with_alice().await;
    let (known, unknown) = (app.anon(), app.anon());
    for (known_address, unknown_address) in [(ALICE.email, BOB.email), ("ALICE@EXAMPLE.ORG", "x@example.org")]
    {
        let ask = |email: &'static str| [("email", email)];
        let path = "/api/forgot_password";
        let called =
            (known.call(path, &ask(known_address)).await, unknown.call(path, &ask(unknown_address)).await);
        assert_eq!(comparable(&called.0), comparable(&called.1));
        let posted =
            (known.post(path, &ask(known_address)).await, unknown.post(path, &ask(unknown_address)).await);
        posted.0.leads_to("/forgot-password?sent=1");
        assert_eq!(comparable(&posted.0), comparable(&posted.1));
    }
    assert!(mailbox.all_sent_to(&app, BOB.email).await.is_empty());
    assert_eq!(app.number("SELECT count(*) FROM mailed_tokens WHERE purpose = 'reset_password'").await, 1);
}

/// A letter that only looks like one of the address: compared, it is the same; its mailbox may be a stranger's.
#[tokio::test]
async fn the_mail_goes_to_the_address_of_the_account_and_not_to_what_was_typed() {
    let (app, mailbox) = start_with_mail().await;
    let kate = User { email: "kate@example.org", ..ALICE };
    operator(&app).create(kate.email, kate.name, None).await.expect("created");
    is_accepted(&app.anon().forget_password("\u{212a}ate@example.org").await);
    let mail = mailbox.wait_for(kate.email, CHOOSE).await;
    assert_eq!(mail.to, kate.email);
}

#[tokio::test]
async fn known_and_unknown_addresses_cost_the_same_statements() {
    let (app, _, _) = start_with_alice().await;
    pause_mails(&app).await;
    let cost = async |email| {
        let browser = app.anon();
        least_cost(&app, async || drop(browser.forget_password(email).await)).await
    };
    assert_eq!(cost(ALICE.email).await, cost(BOB.email).await);
}

#[tokio::test]
async fn a_new_password_ends_all_sessions_and_open_pages_learn_it() {
    let (app, mailbox, alice) = start_with_alice().await;
    let mut stream = alice.listen().await.expect("a stream");
    assert_eq!(stream.state().await, SessionState::Live);
    let mail = forget(&app, &mailbox).await;
    let browser = app.anon();
    browser.open(&mail).await.shows("You will be signed out everywhere");
    let fields = [("token", mail.token()), ("password", NEW.to_owned())];
    let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
    browser.post("/api/reset_password", &fields).await.leads_to("/login");
    browser.get("/login").await.shows("Your password has been changed. Sign in with the new one.");
    browser.is_signed_out().await;
    let reason = Some(EndReason::PasswordChanged);
    assert_eq!(stream.state().await, SessionState::Ended { reason });
    alice.is_signed_out().await;
    assert!(browser.try_to_sign_in(ALICE).await.is_some());
    browser.sign_in(User { password: NEW, ..ALICE }).await;
    let home = browser.get("/").await;
    home.hides("Send the link again"); // The mail has shown that the address is hers.
    assert_eq!(mailbox.only(&app, ALICE.email, "Your password was changed").await.path(), "/forgot-password");
}

#[tokio::test]
async fn the_link_works_for_10_minutes() {
    let (app, mailbox, _) = start_with_alice().await;
    let mail = forget(&app, &mailbox).await;
    app.clock.advance(TEN_MINUTES);
    app.anon().open(&mail).await.shows("This link cannot be used");
    is_invalid(&app.anon().reset(&mail, NEW).await);
    let mail = forget(&app, &mailbox).await;
    app.clock.advance(TEN_MINUTES - MILLISECOND);
    app.anon().open(&mail).await.shows(CHOOSE);
    is_accepted(&app.anon().reset(&mail, NEW).await);
}

#[tokio::test]
async fn the_link_works_once_and_a_newer_one_takes_its_place() {
    let (app, mailbox, _) = start_with_alice().await;
    let first = forget(&app, &mailbox).await;
    let second = forget(&app, &mailbox).await;
    is_invalid(&app.anon().reset(&first, NEW).await);
    let reset = || async { app.anon().reset(&second, NEW).await };
    let outcomes = tokio::join!(reset(), reset());
    let refused = [&outcomes.0, &outcomes.1].into_iter().filter(|one| format!("{one:?}").contains(INVALID));
    assert_eq!(refused.count(), 1, "{outcomes:?}");
    is_invalid(&app.anon().reset(&second, BOB.password).await);
    assert_eq!(app.number("SELECT count(*) FROM events WHERE kind = 'password_reset'").await, 1);
}

#[tokio::test]
async fn the_rules_of_passwords_apply_and_a_refused_one_does_not_cost_the_link() {
    let (app, mailbox, _) = start_with_alice().await;
    let mail = forget(&app, &mailbox).await;
    let refused = [
        ("password", "This password is on lists of common"),
        ("short", "Use at least 8 characters."),
        ("aliceliddell1", "Choose a password that is more than your name"),
        (ALICE.password, "This is your current password. Choose another."),
    ];
    for (password, reason) in refused {
        let problem = problem_of(app.anon().reset(&mail, password).await, "password");
        assert!(problem.starts_with(reason), "{problem}");
    }
    is_accepted(&app.anon().reset(&mail, NEW).await);
}

#[tokio::test]
async fn a_token_is_good_for_its_purpose_and_address_only() {
    let (app, mailbox, alice) = start_with_alice().await;
    let verification = mailbox.only(&app, ALICE.email, "Confirm your email").await;
    is_invalid(&app.anon().reset(&verification, NEW).await);
    let reset = forget(&app, &mailbox).await;
    is_invalid(&app.anon().verify(&reset).await);
    for function in ["/api/undo_email_change", "/api/report_sign_in"] {
        is_invalid(&app.anon().call(function, &[("token", &reset.token())]).await.json());
    }
    app.execute("UPDATE accounts SET email = 'other@example.org', email_key = 'other@example.org'").await;
    app.anon().open(&reset).await.shows("This link cannot be used");
    is_invalid(&app.anon().reset(&reset, NEW).await);
    alice.is_signed_in().await;
}

#[tokio::test]
async fn a_new_password_ends_the_other_links_that_would_change_the_account() {
    let (app, mailbox, alice) = start_with_alice().await;
    let verification = mailbox.only(&app, ALICE.email, "Confirm your email").await;
    alice.ask_for_email("other@example.org").await;
    let change = mailbox.only(&app, "other@example.org", "Confirm your new email").await;
    let reset = forget(&app, &mailbox).await;
    is_accepted(&app.anon().reset(&reset, NEW).await);
    is_invalid(&app.anon().verify(&verification).await);
    is_invalid(&app.anon().verify(&change).await);
    assert_eq!(app.number("SELECT count(*) FROM mailed_tokens").await, 0);
}

#[tokio::test]
async fn the_token_is_stored_nowhere_but_in_the_mail() {
    let (app, mailbox) = start_with_mail().await;
    join(&app, &mailbox, ALICE).await;
    let mail = forget(&app, &mailbox).await;
    assert!(!app.is_stored(mail.token().as_bytes()).await);
    let used = mail.clone();
    is_accepted(&app.anon().reset(&used, NEW).await);
    assert!(!app.is_stored(mail.token().as_bytes()).await);
}

#[tokio::test]
async fn the_token_leaves_the_address_bar_and_is_never_logged() {
    let installation = Installation::on(Stores::chosen());
    let server = ServerProcess::start(&installation.config, &[("VESTIBULE_LOG", "trace")]);
    let browser = crate::support::Actor::at(server.address());
    browser.register(ALICE).await;
    is_accepted(&browser.forget_password(ALICE.email).await);
    let outbox = Mailbox::folder(&installation.config.data_dir);
    let mail = outbox.wait_for(ALICE.email, CHOOSE).await;
    let redirect = browser.get(&mail.path()).await;
    redirect.leads_to("/reset-password");
    assert_eq!(redirect.header(header::CACHE_CONTROL), "no-store, no-transform");
    assert_eq!(redirect.header(header::REFERRER_POLICY), "same-origin");
    let token = mail.token();
    browser.get("/reset-password").await.shows(&token);
    let refused = browser.post("/api/reset_password", &[("token", &token), ("password", "short")]).await;
    refused.leads_to("/reset-password");
    assert!(!format!("{:?}", refused.headers).contains(&token));
    browser.post("/api/reset_password", &[("token", &token), ("password", NEW)]).await.leads_to("/login");
    let log = server.log();
    assert!(log.contains("DEBUG") || log.contains("TRACE"), "everything is logged");
    assert!(!log.contains(&token), "the token is logged");
}

#[tokio::test]
async fn forms_to_ask_for_links_are_limited_and_say_when_to_try_again() {
    let app = TestApp::start_with(|config| config.limits.mails_to_burst = 1).await;
    for email in [ALICE.email, BOB.email] {
        is_accepted(&app.anon().forget_password(email).await);
        let refused = app.anon().post("/api/forgot_password", &[("email", email)]).await;
        assert_eq!((refused.status.as_u16(), refused.header(header::RETRY_AFTER)), (429, "600"));
    }
}
