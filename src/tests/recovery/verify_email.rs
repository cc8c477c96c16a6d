//! Confirming the address of an account that began without a link.

use http::header;
use vestibule::server::db::Row;

use super::journey::{DAY, MILLISECOND, is_accepted, is_invalid, start_with_alice};
use crate::support::{ALICE, TestApp};

const CONFIRM: &str = "Confirm your email";
const VERIFIED: &str = "SELECT count(*) FROM accounts WHERE email_verified_at IS NOT NULL";

#[tokio::test]
async fn only_the_button_confirms_the_address() {
    let (app, mailbox, alice) = start_with_alice().await;
    alice.get("/").await.shows("Send the link again");
    let mail = mailbox.only(&app, ALICE.email, CONFIRM).await;
    for _ in 0..3 {
        app.anon().open(&mail).await.shows("Confirm your email address");
    }
    assert_eq!(app.number(VERIFIED).await, 0);
    alice.post("/api/verify_email", &[("token", &mail.token())]).await.leads_to("/login");
    assert_eq!(app.number(VERIFIED).await, 1);
    alice.get("/").await.hides("Send the link again");
    is_invalid(&alice.verify(&mail).await);
    alice.get("/account/activity").await.shows("Email address confirmed");
}

#[tokio::test]
async fn a_newer_link_ends_the_one_before_and_each_works_for_24_hours() {
    let (app, mailbox, alice) = start_with_alice().await;
    let first = mailbox.only(&app, ALICE.email, CONFIRM).await;
    mailbox.clear(&app).await;
    alice.post("/api/resend_verification", &[]).await.leads_to("/");
    let second = mailbox.only(&app, ALICE.email, CONFIRM).await;
    is_invalid(&alice.verify(&first).await);
    app.clock.advance(DAY);
    is_invalid(&alice.verify(&second).await);
    mailbox.clear(&app).await;
    alice.sign_in(ALICE).await;
    alice.post("/api/resend_verification", &[]).await.leads_to("/");
    let third = mailbox.only(&app, ALICE.email, CONFIRM).await;
    app.clock.advance(DAY - MILLISECOND);
    is_accepted(&alice.verify(&third).await);
}

#[tokio::test]
async fn mails_can_be_asked_for_a_few_times_and_then_it_is_said_when_again() {
    let app = TestApp::start_with(|config| config.limits.mails_to_burst = 2).await;
    let alice = app.alice().await;
    for _ in 0..2 {
        alice.post("/api/resend_verification", &[]).await.leads_to("/");
    }
    let refused = alice.post("/api/resend_verification", &[]).await;
    assert_eq!((refused.status.as_u16(), refused.header(header::RETRY_AFTER)), (429, "600"));
    assert!(refused.text().contains("Please wait <span>10:00 minutes</span>"), "{}", refused.text());
}

#[tokio::test]
async fn a_link_confirms_only_the_address_that_it_was_mailed_to() {
    let (app, mailbox, alice) = start_with_alice().await;
    let mail = mailbox.only(&app, ALICE.email, CONFIRM).await;
    app.execute("UPDATE accounts SET email = 'other@example.org', email_key = 'other@example.org'").await;
    is_invalid(&alice.verify(&mail).await);
    assert_eq!(app.number(VERIFIED).await, 0);
    assert_eq!(app.rows("SELECT subject FROM mailed_tokens").await.len(), 1, "nothing was committed");
    assert!(
        !app.rows("SELECT token_hash FROM mailed_tokens").await[0]
            .text(0)
            .expect("text")
            .contains(&mail.token())
    );
}
