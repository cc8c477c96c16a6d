//! `vestibule account`: what an operator does.

use std::{
    io::{Write, pipe},
    process::{Output, Stdio},
};

use vestibule::server::accounts::OperatorError;

use super::journey::{is_accepted, is_invalid, operator, pause_mails, resume_mails, start_with_alice};
use crate::support::{ALICE, BOB, TestApp, User, command};

/// Runs `account create` with these lines as its input.
fn create(app: &TestApp, arguments: &[&str], input: &str) -> (bool, String) {
    let arguments = [&["account", "create"], arguments].concat();
    let mut command = command(&app.config, &arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("it runs");
    let mut stdin = child.stdin.take().expect("its input");
    // A command that needs none may have ended already.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    let Output { status, stdout, stderr } = child.wait_with_output().expect("it ends");
    (status.success(), String::from_utf8([stdout, stderr].concat()).expect("UTF-8"))
}

fn token_of(link: &str) -> String {
    let token = link.trim().strip_prefix("http://localhost:3000/reset-password/");
    token.unwrap_or_else(|| panic!("no link: {link}")).to_owned()
}

#[tokio::test]
async fn an_account_is_created_with_a_password_from_a_line_of_input() {
    let app = TestApp::start().await;
    let arguments = [ALICE.email, "--name", ALICE.name];
    let refused = [
        ("password\n", "on lists of common"),
        ("short\n", "at least 8 characters"),
        ("\n", "Enter a password."),
        ("aliceliddell1\n", "more than your name"),
    ];
    for (input, reason) in refused {
        let (done, printed) = create(&app, &arguments, input);
        assert!(!done && printed.contains(reason), "{printed}");
    }
    for ending in ["\n", "\r\nsomething else\n"] {
        let (done, printed) = create(&app, &arguments, &format!("{}{ending}", ALICE.password));
        let taken = "there is already an account with the email address";
        assert!(
            (done && printed.contains("The account is created.")) || printed.contains(taken),
            "{printed}"
        );
    }
    app.anon().sign_in(ALICE).await;
    assert_eq!(app.number("SELECT count(*) FROM events WHERE kind = 'registered'").await, 1);
    let (done, printed) = create(&app, &[ALICE.email, "--name", "x", "--password", "secret"], "");
    assert!(!done && printed.contains("unexpected argument"), "{printed}");
}

#[tokio::test]
async fn an_account_is_created_with_a_link_and_nobody_can_sign_in_before() {
    let app = TestApp::start().await;
    let (done, printed) = create(&app, &[ALICE.email, "--name", ALICE.name, "--link"], "");
    assert!(done, "{printed}");
    let token = token_of(&printed);
    assert!(app.anon().try_to_sign_in(ALICE).await.is_some());
    let fields = [("token", token.as_str()), ("password", ALICE.password)];
    // The clock of the command is ahead of that of the test, so the link has not expired.
    is_accepted(&app.anon().call("/api/reset_password", &fields).await.json());
    app.anon().sign_in(ALICE).await;
    is_invalid(&app.anon().call("/api/reset_password", &fields).await.json());
}

#[tokio::test]
async fn a_link_to_reset_the_password_ends_the_one_before() {
    let app = TestApp::start().await;
    app.alice().await;
    let first = token_of(&app.run(&["account", "reset-link", "ALICE@example.org"]).await);
    let second = token_of(&app.run(&["account", "reset-link", ALICE.email]).await);
    let reset = async |token: &str| {
        let fields = [("token", token), ("password", "jabberwock and slithy toves")];
        app.anon().call("/api/reset_password", &fields).await.json()
    };
    is_invalid(&reset(&first).await);
    is_accepted(&reset(&second).await);
    assert!(!app.is_stored_outside_of_files(second.as_bytes()).await);
}

#[tokio::test]
async fn accounts_are_listed_with_what_is_to_be_known() {
    let app = TestApp::start().await;
    assert_eq!(app.run(&["account", "list"]).await, "No accounts.\n");
    let alice = app.alice().await;
    app.clock.advance(std::time::Duration::from_millis(1));
    app.anon().register(User { name: "Bob", ..BOB }).await;
    alice.call("/api/delete_account", &[("confirmation", ALICE.email)]).await;
    app.execute("UPDATE accounts SET email_verified_at = 1, disabled_at = 1 WHERE email = 'bob@example.org'")
        .await;
    let printed = app.run(&["account", "list"]).await;
    let lines: Vec<_> = printed.lines().collect();
    assert_eq!(lines.len(), 2, "{printed}");
    assert!(lines[1].starts_with("alice@example.org  Alice Liddell, created "), "{printed}");
    assert!(lines[1].ends_with("(will be deleted, email not confirmed)"), "{printed}");
    assert!(lines[0].ends_with("(disabled)"), "{printed}");
}

#[tokio::test]
async fn what_cannot_be_done_is_said() {
    let app = TestApp::start().await;
    for command in ["disable", "enable", "reset-link"] {
        let printed = app.run(&["account", command, "nobody@example.org"]).await;
        assert!(
            printed.contains("there is no account with the email address \"nobody@example.org\""),
            "{printed}"
        );
        let printed = app.run(&["account", command, "nobody"]).await;
        assert!(printed.contains("Enter an email address like name@example.org."), "{printed}");
    }
    app.alice().await;
    let printed = app.run(&["account", "invite", ALICE.email]).await;
    assert!(printed.contains("there is already an account"), "{printed}");
    let repeated =
        ["The account is disabled, and its sessions have ended.", "The account was disabled already."];
    for expected in repeated {
        assert_eq!(app.run(&["account", "disable", ALICE.email]).await.trim(), expected);
    }
    for expected in ["The account is enabled.", "The account was not disabled."] {
        assert_eq!(app.run(&["account", "enable", ALICE.email]).await.trim(), expected);
    }
}

const OTHER: &str = "alice@wonderland.example";

#[tokio::test]
async fn a_mistyped_address_is_corrected_and_whoever_came_in_by_it_goes() {
    let (app, mailbox, alice) = start_with_alice().await;
    let verification = mailbox.only(&app, ALICE.email, "Confirm your email").await;
    alice.ask_for_email("third@example.org").await;
    let change = mailbox.only(&app, "third@example.org", "Confirm your new email").await;
    alice.forget_password(ALICE.email).await;
    let reset = mailbox.only(&app, ALICE.email, "Choose a new password").await;
    mailbox.clear(&app).await;

    operator(&app).change_email(ALICE.email, OTHER).await.expect("changed");
    alice.is_signed_out().await;
    for old in [&verification, &change] {
        is_invalid(&app.anon().verify(old).await);
    }
    is_invalid(&app.anon().reset(&reset, "jabberwock and slithy toves").await);
    assert!(app.anon().try_to_sign_in(ALICE).await.is_some());
    let alice = app.anon();
    alice.sign_in(User { email: OTHER, ..ALICE }).await;
    alice.get("/account/activity").await.shows("Email address changed");
    assert!(app.run(&["account", "list"]).await.contains("email not confirmed"));
    let confirm = mailbox.only(&app, OTHER, "Confirm your email").await;
    is_accepted(&app.anon().verify(&confirm).await);
    assert!(mailbox.all_to(ALICE.email).is_empty(), "a stranger is told nothing");
}

#[tokio::test]
async fn the_address_before_undoes_nothing_that_the_operator_has_changed() {
    let (app, mailbox, alice) = start_with_alice().await;
    let third = "third@example.org";
    alice.ask_for_email(third).await;
    is_accepted(&alice.verify(&mailbox.only(&app, third, "Confirm your new email").await).await);
    let undo = mailbox.only(&app, ALICE.email, "Your email address was changed").await;
    mailbox.clear(&app).await;
    pause_mails(&app).await;
    app.anon().sign_in(User { email: third, ..ALICE }).await;
    assert_eq!(app.number("SELECT count(*) FROM mails").await, 1, "about a new device");

    operator(&app).change_email(third, OTHER).await.expect("changed");
    resume_mails(&app).await;
    mailbox.only(&app, OTHER, "Confirm your email").await;
    assert!(mailbox.all_to(third).is_empty(), "what waited is not sent");
    is_invalid(&app.anon().call("/api/undo_email_change", &[("token", &undo.token())]).await.json());
}

#[tokio::test]
async fn an_address_that_is_taken_or_makes_no_sense_is_given_to_nobody() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    app.anon().register(BOB).await;
    for (new, reason) in [
        ("BOB@example.org", "there is already an account with the email address"),
        (ALICE.email, "that is the address of the account already"),
        ("nobody", "Enter an email address like name@example.org."),
    ] {
        let printed = app.run(&["account", "change-email", ALICE.email, new]).await;
        assert!(printed.contains(reason), "{printed}");
    }
    let unknown = operator(&app).change_email("nobody@example.org", OTHER).await;
    assert!(matches!(unknown, Err(OperatorError::Unknown(_))), "{unknown:?}");
    alice.is_signed_in().await;
    let printed = app.run(&["account", "change-email", ALICE.email, OTHER]).await;
    assert!(printed.starts_with("The account has the new address."), "{printed}");
}

#[tokio::test]
async fn nobody_is_invited_where_no_one_may_register() {
    let app = TestApp::start().await;
    for arguments in [&["account", "invite", ALICE.email][..], &["account", "invite", ALICE.email, "--mail"]]
    {
        let mut command = command(&app.config, arguments);
        let refused = command.env("VESTIBULE_REGISTRATION__POLICY", "closed").output().expect("it runs");
        let said = String::from_utf8_lossy(&refused.stderr);
        assert!(
            !refused.status.success() && said.contains("no link would work: set it to invitation"),
            "{said}"
        );
    }
    assert_eq!(
        app.number("SELECT (SELECT count(*) FROM mails) + (SELECT count(*) FROM mailed_tokens)").await,
        0
    );
}

#[tokio::test]
async fn lists_end_quietly_when_no_one_reads_on() {
    let app = TestApp::start().await;
    app.alice().await;
    for arguments in
        [&["account", "list"][..], &["mail", "list"], &["session", "list", ALICE.email], &["config"]]
    {
        let (reader, writer) = pipe().expect("a pipe");
        drop(reader);
        let output = command(&app.config, arguments).stdout(writer).output().expect("it runs");
        assert!(output.status.success() && output.stderr.is_empty(), "{arguments:?}: {output:?}");
    }
}
