//! Leaving, and changing one's mind.

use std::time::Duration;

use vestibule::{
    model::{EndReason, SessionState},
    server::{accounts, db::Statement, domain::Client, sessions::Selection},
};

use super::journey::{DAY, MILLISECOND, is_accepted, operator, problem_of, start_with_alice};
use crate::support::{ALICE, Actor, BOB, Fault, TestApp, User, interleave, until};

const ACCOUNTS: &str = "SELECT count(*) FROM accounts";

async fn delete(actor: &Actor) {
    let fields = [("confirmation", ALICE.email)];
    actor.post("/api/delete_account", &fields).await.leads_to("/login");
}

/// Waits until all mails are sent, but for those that have been given up.
async fn until_mails_are_sent(app: &TestApp) {
    until(async || app.number("SELECT count(*) FROM mails WHERE next_at IS NOT NULL").await == 0).await;
}

/// What the purge does with accounts.
async fn purge(app: &TestApp) {
    until_mails_are_sent(app).await;
    while accounts::delete_next(&app.state.app).await.expect("purged") {}
}

#[tokio::test]
async fn it_takes_a_step_up_and_the_typed_address() {
    let (app, _, alice) = start_with_alice().await;
    for typed in ["", "yes", BOB.email] {
        problem_of(
            alice.call("/api/delete_account", &[("confirmation", typed)]).await.json(),
            "confirmation",
        );
    }
    app.clock.advance(Duration::from_mins(16));
    let fields = [("confirmation", ALICE.email)];
    alice.post("/api/delete_account", &fields).await.leads_to("/confirm?next=%2Faccount");
    assert_eq!(app.number("SELECT count(*) FROM accounts WHERE delete_at IS NOT NULL").await, 0);
    alice.is_signed_in().await;
}

#[tokio::test]
async fn all_sessions_end_and_signing_in_within_a_day_keeps_the_account() {
    let (app, mailbox, laptop) = start_with_alice().await;
    let phone = app.anon();
    phone.sign_in(ALICE).await;
    let mut stream = phone.listen().await.expect("a stream");
    assert_eq!(stream.state().await, SessionState::Live);
    delete(&laptop).await;
    assert_eq!(stream.state().await, SessionState::Ended { reason: Some(EndReason::AccountDeleted) });
    laptop.get("/login").await.shows("Your account will be deleted in a day.");
    mailbox.only(&app, ALICE.email, "Your account will be deleted").await;
    app.clock.advance(DAY - MILLISECOND);
    purge(&app).await;
    laptop.sign_in(ALICE).await;
    laptop.get("/").await.shows("Welcome back. Your account will not be deleted.");
    app.clock.advance(DAY);
    purge(&app).await;
    assert_eq!(app.number(ACCOUNTS).await, 1);
    let fields = [("name", ALICE.name), ("email", ALICE.email), ("password", ALICE.password)];
    assert_eq!(app.number("SELECT count(*) FROM events WHERE kind = 'account_restored'").await, 1);

    // The form to register is a way to sign in, too.
    laptop.sign_in(ALICE).await;
    delete(&laptop).await;
    is_accepted(&laptop.call("/api/register", &fields).await.json());
    app.clock.advance(DAY);
    purge(&app).await;
    assert_eq!(app.number(ACCOUNTS).await, 1);
}

#[tokio::test]
async fn when_the_day_is_over_the_account_cannot_be_kept() {
    let (app, mailbox, alice) = start_with_alice().await;
    delete(&alice).await;
    app.clock.advance(DAY);
    let refused = app.anon().try_to_sign_in(ALICE).await;
    assert_eq!(refused.as_deref(), Some("Incorrect email or password."));
    purge(&app).await;
    assert_eq!(app.number(ACCOUNTS).await, 0);
    mailbox.only(&app, ALICE.email, "account was deleted").await;
    assert!(app.anon().try_to_sign_in(ALICE).await.is_some());
    app.anon().register(User { password: BOB.password, ..ALICE }).await;
    assert_eq!(app.number(ACCOUNTS).await, 1);
}

/// In one of them may be the link by which the owner can undo what a thief has done.
#[tokio::test]
async fn a_deletion_waits_for_mails_about_the_account() {
    let (app, _, alice) = start_with_alice().await;
    delete(&alice).await;
    until_mails_are_sent(&app).await;
    app.clock.advance(DAY);
    app.execute(
        "INSERT INTO mails (id, content, account_id, recipient, created_at, next_at) \
         SELECT 'late', '{}', id, email, 1, 9000000000000 FROM accounts",
    )
    .await;
    while accounts::delete_next(&app.state.app).await.expect("postponed") {}
    assert_eq!(app.number(ACCOUNTS).await, 1);
    app.execute("UPDATE mails SET next_at = NULL").await; // given up
    app.clock.advance(Duration::from_mins(59));
    purge(&app).await;
    assert_eq!(app.number(ACCOUNTS).await, 1);
    app.clock.advance(Duration::from_mins(1));
    purge(&app).await;
    assert_eq!(app.number(ACCOUNTS).await, 0);
}

#[tokio::test]
async fn everything_of_a_deleted_account_is_gone() {
    let (app, mailbox, alice) = start_with_alice().await;
    let marked = app.anon();
    let fields = crate::support::encode(&[("email", ALICE.email), ("password", ALICE.password)]);
    let request = marked.request(http::Method::POST, "/api/sign_in").accept("application/json");
    request.header("user-agent", "Quokka/7").body(fields).send().await;
    app.anon().fail_to_sign_in(ALICE.email).await;
    alice.ask_for_email("alice@wonderland.example").await;
    mailbox.clear(&app).await;
    app.execute(
        "INSERT INTO mails (id, content, recipient, created_at) VALUES ('given-up', '{}', 'alice@example.org', 0)",
    )
    .await;
    app.execute("INSERT INTO registrations VALUES ('alice@example.org', 'alice@example.org', 'X', '-', 1)")
        .await;
    app.execute(
        "INSERT INTO mailed_tokens VALUES ('x', 'registration', 'alice@example.org', NULL, 'alice@example.org', \
         'alice@example.org', 1, 9000000000000)",
    )
    .await;
    app.anon().register(BOB).await;
    app.execute(
        "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 10001) \
         INSERT INTO events (at, account_id, address, user_agent, kind, details) \
         SELECT n, accounts.id, '203.0.113.1', 'Quokka/7', 'signed_in', '{\"user_agent\":\"Quokka/7\"}' \
         FROM numbers, accounts WHERE email = 'alice@example.org'",
    )
    .await;
    let of_bob = app.number("SELECT count(*) FROM events WHERE address <> ''").await;
    assert!(of_bob > 5);
    delete(&alice).await;
    let events = app.number("SELECT count(*) FROM events").await;
    app.clock.advance(DAY);
    purge(&app).await;
    app.until_queue_is_empty().await;

    for (query, left) in [
        (ACCOUNTS, 1),
        ("SELECT count(*) FROM mails", 0),
        ("SELECT count(*) FROM registrations", 0),
        ("SELECT count(*) FROM mailed_tokens", 1), // that of Bob
    ] {
        assert_eq!(app.number(query).await, left, "{query}");
    }
    assert_eq!(app.number("SELECT count(*) FROM events").await, events + 1, "the events stay");
    let personal = "SELECT count(*) FROM events WHERE account_id NOT IN (SELECT id FROM accounts) AND \
                    kind <> 'account_deleted' \
                    AND (address <> '' OR user_agent <> '' OR repeat_key IS NOT NULL OR details LIKE '%Quokka%')";
    assert_eq!(app.number(personal).await, 0);
    let of_others =
        "SELECT count(*) FROM events WHERE account_id IN (SELECT id FROM accounts) AND address = ''";
    assert_eq!(app.number(of_others).await, 0);
    assert!(!app.is_stored_outside_of_files(b"Quokka/7").await, "no session is left");
    alice.is_signed_out().await;
}

#[tokio::test]
async fn events_of_accounts_that_exist_cannot_be_made_anonymous() {
    let (app, _, alice) = start_with_alice().await;
    let anonymous = "UPDATE events SET address = '', user_agent = '', repeat_key = NULL";
    let refused = async |sql: &'static str| {
        Statement::new(sql).query().execute(app.db().writer()).await.expect_err(sql);
    };
    refused(anonymous).await;
    delete(&alice).await;
    refused(anonymous).await;
    app.clock.advance(DAY);
    purge(&app).await;
    for sql in [
        "UPDATE events SET address = '::1'",
        "UPDATE events SET user_agent = 'x'",
        "UPDATE events SET kind = 'signed_in'",
        "UPDATE events SET at = at + 1",
        "UPDATE events SET session = NULL WHERE session IS NOT NULL",
        "UPDATE events SET account_id = NULL, address = ''",
        "UPDATE events SET details = '{\"x\":1}', address = ''",
        "UPDATE events SET details = '{\"user_agent\":\"x\"}', address = ''",
        "UPDATE events SET count = count + 1, address = ''",
        "DELETE FROM events",
    ] {
        refused(sql).await;
    }
}

/// The password is compared before the account is to be deleted, and the session begins after that.
#[tokio::test]
async fn a_sign_in_at_the_moment_of_the_request_is_over_and_keeps_nothing() {
    let (app, _, alice) = start_with_alice().await;
    let late = app.anon();
    let barrier = app.store.pause_next_create();
    interleave(&barrier, late.sign_in(ALICE), async { delete(&alice).await }).await;
    late.is_signed_out().await;
    assert_eq!(app.number("SELECT count(*) FROM accounts WHERE delete_at IS NOT NULL").await, 1);
}

#[tokio::test]
async fn a_deletion_that_fails_has_done_nothing() {
    let (app, _, alice) = start_with_alice().await;
    delete(&alice).await;
    app.clock.advance(DAY);
    until_mails_are_sent(&app).await;
    app.store.set_fault(Fault::Failing);
    accounts::delete_next(&app.state.app).await.expect_err("no sessions can be ended");
    assert_eq!(app.number(ACCOUNTS).await, 1);
    app.store.set_fault(Fault::None);
    app.execute("ALTER TABLE registrations RENAME TO lost_registrations").await;
    accounts::delete_next(&app.state.app).await.expect_err("registrations cannot be removed");
    assert_eq!(app.number(ACCOUNTS).await, 1);
    assert_eq!(app.number("SELECT count(*) FROM events WHERE address = ''").await, 0);
    app.execute("ALTER TABLE lost_registrations RENAME TO registrations").await;
    purge(&app).await;
    assert_eq!(app.number(ACCOUNTS).await, 0);
}

/// The end of the sessions could not be stored: they are over all the same, and leave no event when they expire.
#[tokio::test]
async fn sessions_that_could_not_be_ended_are_ended_before_the_purge() {
    let (app, _, alice) = start_with_alice().await;
    let account = app.account_id().await;
    app.store.set_fault(Fault::ReadOnly);
    delete(&alice).await;
    app.store.set_fault(Fault::None);
    alice.is_signed_out().await;
    app.clock.advance(DAY / 3); // the sessions have not expired
    app.execute("UPDATE accounts SET delete_at = 1").await;
    purge(&app).await;
    let all = Selection::All(account);
    let revoked = app.state.app.sessions.revoke(all, EndReason::AccountDeleted, &Client::none()).await;
    assert_eq!(revoked.expect("nothing"), 0);
    let events = app.number("SELECT count(*) FROM events").await;
    app.clock.advance(40 * DAY);
    app.purge().await;
    assert_eq!(app.number("SELECT count(*) FROM events").await, events);
    assert_eq!(app.count_stored_sessions().await, 0);
}

#[tokio::test]
async fn a_disabled_account_is_deleted_as_well_and_not_kept_by_signing_in() {
    let (app, _, alice) = start_with_alice().await;
    delete(&alice).await;
    assert!(operator(&app).disable(ALICE.email).await.expect("disabled"));
    assert!(app.anon().try_to_sign_in(ALICE).await.expect("refused").contains("disabled"));
    app.clock.advance(DAY);
    purge(&app).await;
    assert_eq!(app.number(ACCOUNTS).await, 0);
}
