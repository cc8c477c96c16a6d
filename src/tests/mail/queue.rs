//! No mail in the queue keeps others waiting, and no clock hides one.

use std::time::Duration;

use vestibule::server::{
    accounts::mails,
    db::{Dialect, mails as queue},
    domain::Clock,
};

use super::{HOUR, MINUTE, SECOND, invitation, start};
use crate::support::{Behaviour, Step, until};

const DAY: Duration = Duration::from_hours(24);

#[tokio::test]
async fn a_mail_of_a_newer_version_is_left_to_it() {
    let (server, app) = start().await;
    app.execute(
        "INSERT INTO mails (id, content, recipient, created_at, next_at) VALUES ('newer', '{\"kind\":\"postcard\"}', 'a@example.org', 0, 0)",
    )
    .await;
    app.enqueue_all([invitation("b@example.org")]).await;
    server.mail_to("b@example.org").await;
    until(async || app.queued().await.len() == 1).await;
    let left = app.until_failed(1).await;
    assert_eq!((left.id.as_str(), left.content), ("newer", None));
    assert_eq!(
        left.next_at,
        Some(app.clock.now() + 30 * SECOND),
        "soon again, for a newer version that starts"
    );
    assert_eq!(server.received().len(), 1);
    assert!(app.run(&["mail", "list"]).await.contains("newer  unknown to a@example.org, made "));
}

#[tokio::test]
async fn a_mail_that_cannot_be_composed_keeps_no_other_waiting() {
    let (server, app) = start().await;
    app.execute(match app.db().dialect() {
        Dialect::Postgres => "ALTER TABLE mailed_tokens ADD CHECK (email <> 'a@example.org')",
        Dialect::Sqlite => {
            "CREATE TRIGGER broken BEFORE INSERT ON mailed_tokens WHEN NEW.email = 'a@example.org' \
             BEGIN SELECT RAISE(ABORT, 'broken'); END"
        }
    })
    .await;
    app.enqueue_all([invitation("a@example.org")]).await;
    app.until_failed(1).await;
    app.advance(MINUTE);
    app.enqueue_all([invitation("b@example.org")]).await;
    server.mail_to("b@example.org").await;
    until(async || app.queued().await.len() == 1).await;
    assert_eq!(app.until_failed(2).await.recipient, "a@example.org");
}

/// A mail on which the process dies each time.
#[tokio::test]
async fn a_mail_whose_attempts_never_end_is_given_up() {
    let (server, app) = start().await;
    server.behave(Behaviour::Hang(Step::Greeting));
    app.enqueue_all([invitation("a@example.org")]).await;
    server.until_connected(1).await;
    app.stop.cancel();
    app.execute("UPDATE mails SET attempts = 30, next_at = 0").await;
    let other = app.another(|_| {}).await;
    other.execute("DELETE FROM leases").await;
    until(async || other.queued().await.iter().all(|mail| mail.next_at.is_none())).await;
    assert!(other.queued_mail().await.error.is_some_and(|error| error.contains("has ended the process")));
}

#[tokio::test]
async fn an_attempt_is_begun_by_one_of_two() {
    let (server, app) = start().await;
    server.behave(Behaviour::Refuse(Step::Mail, "450 4.0.0 Later"));
    app.enqueue_all([invitation("a@example.org")]).await;
    app.until_failed(1).await;
    let (mail, later) = (app.queued_mail().await, app.clock.now() + HOUR);
    assert!(queue::begin_attempt(app.db(), &mail, later).await.expect("begun"));
    assert!(!queue::begin_attempt(app.db(), &mail, later).await.expect("asked"));
    let mail = app.queued_mail().await;
    assert_eq!((mail.attempts, mail.next_at, mail.error), (2, Some(later), None));
}

#[tokio::test]
async fn a_clock_that_is_set_back_hides_no_mail() {
    let (server, app) = start().await;
    server.behave(Behaviour::Refuse(Step::Mail, "450 4.0.0 Later"));
    app.enqueue_all([invitation("a@example.org")]).await;
    app.until_failed(1).await;
    server.behave(Behaviour::Take);
    app.clock.set_back(365 * DAY);
    // As of a process that had the lease a year ahead, and has died.
    app.execute("DELETE FROM leases").await;
    app.execute("INSERT INTO leases (task, process, expires_at) VALUES ('mails', 'dead', 1767254490000)")
        .await;
    let listed = app.run(&["mail", "list"]).await;
    assert!(listed.contains("a@example.org"), "{listed}");
    mails::purge_old(&app.state.app).await.expect("looked at");
    app.state.app.mailer.wake();
    server.mail_to("a@example.org").await;
}

#[tokio::test]
async fn what_waits_as_it_should_is_not_brought_forward() {
    let (server, app) = start().await;
    server.behave(Behaviour::Refuse(Step::Mail, "450 4.0.0 Later"));
    app.enqueue_all([invitation("a@example.org")]).await;
    let next_at = app.until_failed(1).await.next_at;
    mails::purge_old(&app.state.app).await.expect("looked at");
    assert_eq!(app.queued_mail().await.next_at, next_at);
    app.execute("UPDATE mails SET next_at = NULL").await;
    app.clock.advance(29 * DAY);
    mails::purge_old(&app.state.app).await.expect("looked at");
    assert_eq!(app.queued_mail().await.next_at, None, "one that was given up is kept for a month");
    app.clock.advance(2 * DAY);
    mails::purge_old(&app.state.app).await.expect("looked at");
    assert_eq!(app.queued().await, []);
}
