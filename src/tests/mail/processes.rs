//! One process sends at a time; one that stops or dies loses no mail.

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use vestibule::server::{config::SecretUrl, domain::Clock, system::SystemClock};

use super::{ATTEMPT_TIMEOUT, SECOND, invitation, start, start_with};
use crate::support::{
    ALICE, Actor, Behaviour, Installation, MailServer, ServerProcess, Step, Stores, TestApp, until,
};

#[tokio::test]
async fn of_several_processes_one_sends_and_each_mail_arrives_once() {
    // Each takes 40 ms: the crate sends the end of a mail alone, and the system waits with that.
    const MAILS: usize = 20;
    let (server, app) = start().await;
    let other = app.another(|_| {}).await;
    for batch in 0..2 {
        let recipients = (0..MAILS / 2).map(|number| invitation(&format!("{batch}-{number}@example.org")));
        app.enqueue_all(recipients).await;
        other.state.app.mailer.wake();
    }
    app.until_queue_is_empty().await;
    let received = server.received();
    let recipients: HashSet<_> = received.iter().flat_map(|mail| &mail.recipients).collect();
    assert_eq!((received.len(), recipients.len()), (MAILS, MAILS));
    assert_eq!(server.most_under_way(), 1, "one at a time");
}

#[tokio::test]
async fn when_one_process_stops_another_sends() {
    let (server, app) = start().await;
    server.behave(Behaviour::Hang(Step::Greeting));
    app.enqueue_all([invitation("a@example.org")]).await;
    server.until_connected(1).await;
    let other = app.another(|_| {}).await;
    server.behave(Behaviour::Take);
    app.stop.cancel();
    other.advance(ATTEMPT_TIMEOUT + 11 * SECOND);
    server.mail_to("a@example.org").await;
    other.until_queue_is_empty().await;
    assert_eq!(server.received().len(), 1);
}

/// Even if the clock of the other is ahead, or it thinks that this one has died.
#[tokio::test]
async fn no_other_process_sends_what_is_being_sent() {
    let (server, app) = start().await;
    server.behave(Behaviour::Hang(Step::Greeting));
    app.enqueue_all([invitation("a@example.org")]).await;
    server.until_connected(1).await;
    app.execute("DELETE FROM leases").await;
    let other = app.another(|_| {}).await;
    other.enqueue_all([invitation("b@example.org")]).await;
    server.until_connected(2).await;
    other.state.app.mailer.wake();
    server.behave(Behaviour::Take);
    assert_eq!(other.queued().await.iter().map(|mail| mail.attempts).collect::<Vec<_>>(), [1, 1]);
}

#[tokio::test]
async fn a_process_that_stops_finishes_the_mail_under_way() {
    let (server, app) = start().await;
    server.behave(Behaviour::Slow(Duration::from_millis(400)));
    app.enqueue_all([invitation("a@example.org"), invitation("b@example.org")]).await;
    server.until_connected(1).await;
    let (began, timeout) = (Instant::now(), app.config.http.shutdown_timeout);
    app.stop.cancel();
    let app = app.restart_with(|config| config.mail.url = SecretUrl::new(String::new())).await;
    assert!(began.elapsed() < timeout, "after {:?}", began.elapsed());
    assert_eq!(server.received().len(), 1);
    let mails = app.until_in_outbox(1).await;
    assert_eq!(mails.iter().map(|mail| mail.header("To")).collect::<Vec<_>>(), ["b@example.org"]);
}

#[tokio::test]
async fn a_server_that_hangs_delays_no_stop_and_loses_nothing() {
    let shutdown_timeout = Duration::from_millis(600);
    let (server, app) = start_with(|config| config.http.shutdown_timeout = shutdown_timeout).await;
    server.behave(Behaviour::Hang(Step::Data));
    app.enqueue_all([invitation("a@example.org")]).await;
    server.until_connected(1).await;
    let began = Instant::now();
    server.behave(Behaviour::Hang(Step::Data));
    app.stop.cancel();
    let app = app.restart().await;
    assert!(began.elapsed() < shutdown_timeout + SECOND, "after {:?}", began.elapsed());
    server.behave(Behaviour::Take);
    app.advance(ATTEMPT_TIMEOUT);
    app.until_queue_is_empty().await;
    assert_eq!(server.received().len(), 1);
}

/// Kills a server while the mail server behaves like this, and starts another; returns how often the mail arrives, with
/// how many different ids.
async fn killed_while(behaviour: Behaviour) -> (usize, usize) {
    let server = MailServer::start().await;
    server.behave(behaviour);
    let mut installation = Installation::on(Stores::chosen());
    server.configure(&mut installation.config);
    let process = ServerProcess::start(&installation.config, &[]);
    Actor::at(process.address()).register(ALICE).await;
    server.until_connected(1).await;
    if behaviour == Behaviour::Hang(Step::End) {
        server.until_received(1).await;
    }
    drop(process);
    server.behave(Behaviour::Take);
    let app = TestApp::start_in(installation, |_| {}).await;
    let ahead = SystemClock.now().millis() - app.clock.now().millis();
    app.advance(Duration::from_millis(ahead.try_into().expect("a time")) + 2 * ATTEMPT_TIMEOUT);
    until(async || app.queued().await.is_empty()).await;
    let ids: Vec<_> = server.received().iter().map(|mail| mail.header("Message-ID")).collect();
    (ids.len(), ids.iter().collect::<HashSet<_>>().len())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_is_killed_while_it_sends_loses_nothing() {
    assert_eq!(killed_while(Behaviour::Hang(Step::Recipient)).await, (1, 1));
}

/// What SMTP makes unavoidable.
#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_killed_before_it_knows_the_answer_sends_twice_with_the_same_id() {
    assert_eq!(killed_while(Behaviour::Hang(Step::End)).await, (2, 1));
}
