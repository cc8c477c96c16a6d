//! Another email address, and the way back.

use std::time::Duration;

use vestibule::server::accounts;

use super::{
    journey::{
        DAY, INVALID, MILLISECOND, is_accepted, is_invalid, pause_mails, problem_of, resume_mails,
        start_with_alice,
    },
    mailbox::{Letter, Mailbox},
};
use crate::support::{ALICE, Actor, BOB, TestApp, User};

const OTHER: &str = "alice@wonderland.example";
const THIRD: &str = "alice@lookingglass.example";
const CONFIRM: &str = "Confirm your new email";
const CHANGED: &str = "Your email address was changed";

/// Asks for another address; returns the mail to it.
async fn ask(app: &TestApp, mailbox: &Mailbox, actor: &Actor, email: &str) -> Letter {
    mailbox.clear(app).await;
    is_accepted(&actor.ask_for_email(email).await);
    mailbox.only(app, email, CONFIRM).await
}

/// Changes the address; returns the mail to the old one, by which that is undone.
async fn change(app: &TestApp, mailbox: &Mailbox, actor: &Actor, [old, new]: [&str; 2]) -> Letter {
    let mail = ask(app, mailbox, actor, new).await;
    app.clock.advance(MILLISECOND);
    is_accepted(&actor.verify(&mail).await);
    mailbox.only(app, old, CHANGED).await
}

async fn undo(app: &TestApp, mail: &Letter) -> vestibule::model::FormOutcome {
    app.anon().call("/api/undo_email_change", &[("token", &mail.token())]).await.json()
}

#[tokio::test]
async fn a_new_address_counts_when_it_is_verified() {
    let (app, mailbox, alice) = start_with_alice().await;
    app.clock.advance(Duration::from_mins(16));
    alice.post("/api/change_email", &[("email", OTHER)]).await.leads_to("/confirm?next=%2Faccount");
    alice.post("/api/confirm", &[("password", ALICE.password), ("next", "/account")]).await;
    let mail = ask(&app, &mailbox, &alice, OTHER).await;
    assert!(app.anon().try_to_sign_in(User { email: OTHER, ..ALICE }).await.is_some());
    app.anon().open(&mail).await.shows("Confirm your new email address");
    is_accepted(&app.anon().verify(&mail).await);
    assert!(app.anon().try_to_sign_in(ALICE).await.is_some());
    app.anon().sign_in(User { email: OTHER, ..ALICE }).await;
    let told = mailbox.only(&app, ALICE.email, CHANGED).await;
    assert!(told.text.contains(OTHER), "{told:?}");
    alice.get("/account/activity").await.shows("Email address changed");
    is_invalid(&app.anon().verify(&mail).await);
}

#[tokio::test]
async fn the_link_to_the_new_address_works_for_24_hours() {
    let (app, mailbox, alice) = start_with_alice().await;
    let late = ask(&app, &mailbox, &alice, OTHER).await;
    app.clock.advance(DAY);
    is_invalid(&app.anon().verify(&late).await);
    alice.sign_in(ALICE).await;
    let in_time = ask(&app, &mailbox, &alice, OTHER).await;
    app.clock.advance(DAY - MILLISECOND);
    is_accepted(&app.anon().verify(&in_time).await);
}

#[tokio::test]
async fn who_undoes_a_change_ends_all_sessions_and_chooses_a_password() {
    let (app, mailbox, thief) = start_with_alice().await;
    let mail = change(&app, &mailbox, &thief, [ALICE.email, OTHER]).await;
    let owner = app.anon();
    owner.open(&mail).await.shows("Undo the change");
    thief.is_signed_in().await;
    let next = owner.post("/api/undo_email_change", &[("token", &mail.token())]).await;
    thief.is_signed_out().await;
    owner.get(next.location()).await.leads_to("/reset-password");
    let page = owner.get("/reset-password").await;
    page.shows("Your old email address is restored");
    page.shows(ALICE.email);
    let token = next.location().rsplit_once('/').expect("a token").1.to_owned();
    let fields = [("token", token.as_str()), ("password", "jabberwock and slithy toves")];
    is_accepted(&owner.call("/api/reset_password", &fields).await.json());
    owner.sign_in(User { password: "jabberwock and slithy toves", ..ALICE }).await;
    is_invalid(&undo(&app, &mail).await);
}

#[tokio::test]
async fn the_password_opens_nothing_after_an_undo_until_another_is_chosen() {
    let (app, mailbox, thief) = start_with_alice().await;
    let mail = change(&app, &mailbox, &thief, [ALICE.email, OTHER]).await;
    is_accepted(&undo(&app, &mail).await);
    assert_eq!(app.anon().try_to_sign_in(ALICE).await.as_deref(), Some("Incorrect email or password."));
}

#[tokio::test]
async fn a_thief_who_changes_the_address_and_deletes_the_account_is_undone() {
    let (app, mailbox, thief) = start_with_alice().await;
    let mail = change(&app, &mailbox, &thief, [ALICE.email, OTHER]).await;
    is_accepted(&thief.call("/api/delete_account", &[("confirmation", OTHER)]).await.json());
    for _ in 0..6 {
        app.clock.advance(DAY);
        while accounts::delete_next(&app.state.app).await.expect("purged") {}
    }
    is_accepted(&undo(&app, &mail).await);
    app.clock.advance(2 * DAY);
    while accounts::delete_next(&app.state.app).await.expect("purged") {}
    assert_eq!(app.number("SELECT count(*) FROM accounts WHERE email = 'alice@example.org'").await, 1);
}

#[tokio::test]
async fn what_strangers_ask_for_keeps_no_owner_from_changing_the_address() {
    let app = TestApp::start_with(|config| config.limits.mails_to_burst = 1).await;
    let (alice, stranger) = (app.alice().await, app.anon());
    is_accepted(&stranger.forget_password(ALICE.email).await);
    let refused = stranger.call("/api/forgot_password", &[("email", ALICE.email)]).await;
    assert_eq!(refused.status.as_u16(), 429);
    is_accepted(&alice.ask_for_email(OTHER).await);
}

#[tokio::test]
async fn a_change_can_be_undone_for_7_days() {
    for (waited, works) in [(7 * DAY - MILLISECOND, true), (7 * DAY, false)] {
        let (app, mailbox, alice) = start_with_alice().await;
        let mail = change(&app, &mailbox, &alice, [ALICE.email, OTHER]).await;
        app.clock.advance(waited);
        let outcome = undo(&app, &mail).await;
        if works { is_accepted(&outcome) } else { is_invalid(&outcome) }
    }
}

/// The thief changes the address twice: the link in the second mail leads back to an address of the thief.
#[tokio::test]
async fn the_first_address_has_the_last_word() {
    let (app, mailbox, thief) = start_with_alice().await;
    let of_owner = change(&app, &mailbox, &thief, [ALICE.email, OTHER]).await;
    let of_thief = change(&app, &mailbox, &thief, [OTHER, THIRD]).await;
    is_accepted(&undo(&app, &of_thief).await);
    is_accepted(&undo(&app, &of_owner).await);
    app.execute("UPDATE accounts SET password_is_blocked = 0").await; // as if the owner had chosen it again
    app.anon().sign_in(ALICE).await;

    let thief = app.anon();
    thief.sign_in(ALICE).await;
    let of_owner = change(&app, &mailbox, &thief, [ALICE.email, OTHER]).await;
    let of_thief = change(&app, &mailbox, &thief, [OTHER, THIRD]).await;
    is_accepted(&undo(&app, &of_owner).await);
    is_invalid(&undo(&app, &of_thief).await);
    assert_eq!(app.number("SELECT count(*) FROM accounts WHERE email = 'alice@example.org'").await, 1);
}

/// The mail by which the thief could undo the second change is late.
#[tokio::test]
async fn an_undo_ends_links_that_are_not_mailed_yet() {
    let (app, mailbox, thief) = start_with_alice().await;
    let of_owner = change(&app, &mailbox, &thief, [ALICE.email, OTHER]).await;
    let confirmation = ask(&app, &mailbox, &thief, THIRD).await;
    app.clock.advance(MILLISECOND);
    pause_mails(&app).await;
    is_accepted(&thief.verify(&confirmation).await);
    is_accepted(&undo(&app, &of_owner).await);
    assert_eq!(app.number("SELECT count(*) FROM mails").await, 0);
}

#[tokio::test]
async fn a_change_that_was_asked_for_is_void_when_the_password_changes() {
    let (app, mailbox, thief) = start_with_alice().await;
    // The mail to the thief waits until the owner has changed the password.
    pause_mails(&app).await;
    is_accepted(&thief.ask_for_email(OTHER).await);
    let passwords = [("current_password", ALICE.password), ("new_password", "jabberwock and slithy toves")];
    is_accepted(&thief.call("/api/change_password", &passwords).await.json());
    resume_mails(&app).await;
    let mail = mailbox.only(&app, OTHER, CONFIRM).await;
    is_invalid(&app.anon().verify(&mail).await);
    app.anon().sign_in(User { password: "jabberwock and slithy toves", ..ALICE }).await;
}

#[tokio::test]
async fn the_own_address_may_be_written_in_another_way() {
    let (app, mailbox, alice) = start_with_alice().await;
    let same = problem_of(alice.ask_for_email("alice@EXAMPLE.org").await, "email");
    assert_eq!(same, "This is your current email address.");
    change(&app, &mailbox, &alice, [ALICE.email, "Alice@example.org"]).await;
    alice.get("/account").await.shows("Alice@example.org");
    change(&app, &mailbox, &alice, ["Alice@example.org", "alice@xn--bcher-kva.example"]).await;
    let same = problem_of(alice.ask_for_email("alice@bücher.example").await, "email");
    assert_eq!(same, "This is your current email address.");
    app.anon().sign_in(User { email: "alice@xn--bcher-kva.example", ..ALICE }).await;
}

#[tokio::test]
async fn an_address_that_is_taken_is_said_to_be_only_in_the_mail_to_it() {
    let (app, mailbox, alice) = start_with_alice().await;
    app.anon().register(BOB).await;
    mailbox.clear(&app).await;
    let (taken, free) = (
        alice.call("/api/change_email", &[("email", BOB.email)]).await,
        alice.call("/api/change_email", &[("email", OTHER)]).await,
    );
    assert_eq!((taken.status, taken.text()), (free.status, free.text()));
    mailbox.only(&app, BOB.email, "Your email address was entered elsewhere").await;
    assert_eq!(app.number("SELECT count(*) FROM mailed_tokens WHERE purpose = 'email_change'").await, 1);
}

#[tokio::test]
async fn an_address_that_is_taken_meanwhile_stays_with_who_has_it() {
    let (app, mailbox, alice) = start_with_alice().await;
    let mail = ask(&app, &mailbox, &alice, BOB.email).await;
    app.anon().register(BOB).await;
    is_invalid(&app.anon().verify(&mail).await);
    app.anon().sign_in(ALICE).await;

    let mail = change(&app, &mailbox, &alice, [ALICE.email, OTHER]).await;
    app.anon().register(User { password: BOB.password, ..ALICE }).await;
    is_invalid(&undo(&app, &mail).await);
    alice.is_signed_in().await;
}

#[tokio::test]
async fn of_two_accounts_that_want_an_address_at_the_same_moment_one_gets_it() {
    let (app, mailbox, alice) = start_with_alice().await;
    let bob = app.anon();
    bob.register(BOB).await;
    for _ in 0..5 {
        let of_alice = ask(&app, &mailbox, &alice, OTHER).await;
        mailbox.clear(&app).await;
        let of_bob = ask(&app, &mailbox, &bob, OTHER).await;
        let (alice_wins, bob_wins) = tokio::join!(alice.verify(&of_alice), bob.verify(&of_bob));
        let refused = [&alice_wins, &bob_wins].into_iter().filter(|one| format!("{one:?}").contains(INVALID));
        assert_eq!(refused.count(), 1, "{alice_wins:?} {bob_wins:?}");
        app.execute("UPDATE accounts SET email = id, email_key = id").await;
    }
}

#[tokio::test]
async fn addresses_that_would_add_a_header_are_refused() {
    let (app, _, alice) = start_with_alice().await;
    for email in
        ["a@example.org\r\nBcc: b@example.org", "a@example.org, b@example.org", "<a@example.org>", ""]
    {
        problem_of(alice.ask_for_email(email).await, "email");
    }
    assert_eq!(app.number("SELECT count(*) FROM events WHERE kind = 'email_change_requested'").await, 0);
}
