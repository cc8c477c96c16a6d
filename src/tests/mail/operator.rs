//! What the operator sees of mails, and mends.

use std::time::Duration;

use vestibule::server::{domain::Clock, system::SystemClock};

use super::{SECOND, invitation, start};
use crate::support::{Behaviour, Step, TestApp, until};

/// Commands go by the clock of the machine.
fn advance_to_now(app: &TestApp) {
    let ahead = SystemClock.now().millis() - app.clock.now().millis();
    app.advance(Duration::from_millis(ahead.try_into().unwrap_or_default()) + SECOND);
}

#[tokio::test]
async fn mails_are_listed_with_why_they_wait() {
    let (server, app) = start().await;
    advance_to_now(&app);
    assert_eq!(app.run(&["mail", "list"]).await, "No mail waits.\n");
    server.behave_to("gone@example.org", Behaviour::Refuse(Step::Recipient, "550 5.1.1 Unknown"));
    server.behave_to("busy@example.org", Behaviour::Refuse(Step::Recipient, "450 4.2.1 Busy"));
    app.enqueue_all([invitation("gone@example.org"), invitation("busy@example.org")]).await;
    until(async || app.queued().await.iter().all(|mail| mail.error.is_some())).await;
    let listed = app.run(&["mail", "list"]).await;
    let lines: Vec<_> = listed.lines().collect();
    assert_eq!(lines.len(), 2, "{listed}");
    assert!(lines[0].contains("invitation to busy@example.org, made "), "{listed}");
    assert!(lines[0].contains(", 1 attempt, due in ") && lines[0].contains("450"), "{listed}");
    assert!(lines[1].contains("invitation to gone@example.org, made "), "{listed}");
    assert!(lines[1].contains(", 1 attempt, given up: ") && lines[1].ends_with("5.1.1 Unknown"), "{listed}");
    assert!(!listed.contains("/register/"), "no link");
}

#[tokio::test]
async fn mails_that_were_given_up_are_sent_again() {
    let (server, app) = start().await;
    advance_to_now(&app);
    server.behave(Behaviour::Refuse(Step::Mail, "554 5.7.1 Relay access denied"));
    let recipients = ["a@example.org", "b@example.org", "c@example.org"];
    app.enqueue_all(recipients.map(invitation)).await;
    until(async || app.queued().await.iter().all(|mail| mail.next_at.is_none())).await;
    server.behave(Behaviour::Take);

    let id =
        app.queued().await.into_iter().find(|mail| mail.recipient == "b@example.org").expect("a mail").id;
    assert_eq!(app.run(&["mail", "retry", &id]).await, "The mail is sent next.\n");
    advance_to_now(&app);
    server.mail_to("b@example.org").await;
    until(async || app.queued().await.len() == 2).await;

    assert_eq!(app.run(&["mail", "retry", "--all"]).await, "2 mails are sent next.\n");
    advance_to_now(&app);
    app.until_queue_is_empty().await;
    assert_eq!(server.received().len(), 3);

    assert_eq!(app.run(&["mail", "retry", "--all"]).await, "0 mails are sent next.\n");
    assert!(
        app.run(&["mail", "retry", "no such id"])
            .await
            .contains("there is no mail with the id \"no such id\"")
    );
    assert!(app.run(&["mail", "retry"]).await.contains("required"));
    assert!(app.run(&["mail", "retry", &id, "--all"]).await.contains("cannot be used with"));
}
