//! A mail server that is down, slow or hangs loses nothing and delays no one.

use std::time::{Duration, Instant};

use vestibule::server::domain::Clock;

use super::{HOUR, MINUTE, SECOND, invitation, start, start_with};
use crate::support::{ALICE, Behaviour, Step, TestApp, until};

/// How long the application waits for the next attempt.
async fn delay(app: &TestApp, attempts: u32) -> Duration {
    let next_at = app.until_failed(attempts).await.next_at.expect("it was not given up");
    let millis = next_at.millis() - app.clock.now().millis();
    Duration::from_millis(millis.try_into().expect("in the future"))
}

#[tokio::test]
async fn a_server_that_is_down_for_an_hour_loses_nothing() {
    let (mut server, app) = start().await;
    server.go_down().await;
    app.anon().register(ALICE).await;
    let began = app.clock.now();
    let mut attempts = 0;
    while app.clock.now().millis() - began.millis() < 3_600_000 {
        attempts += 1;
        let expected = (30 * SECOND * 2_u32.pow(attempts - 1)).min(HOUR);
        assert_eq!(delay(&app, attempts).await, expected, "after attempt {attempts}");
        app.advance(expected - SECOND);
        assert_eq!(app.queued_mail().await.attempts, attempts, "not earlier");
        app.advance(SECOND);
    }
    app.until_failed(attempts + 1).await;
    server.go_up().await;
    app.advance(HOUR);
    app.until_queue_is_empty().await;
    let received = server.received();
    assert_eq!(received.len(), 1, "{received:?}");
    assert_eq!(received[0].recipients, [ALICE.email]);
}

#[tokio::test]
async fn after_about_a_day_a_mail_is_given_up_and_kept() {
    let (mut server, app) = start().await;
    server.go_down().await;
    app.enqueue_all([invitation("a@example.org")]).await;
    let began = app.clock.now();
    for attempts in 1..30 {
        let delay = delay(&app, attempts).await;
        assert_eq!(delay, (30 * SECOND).saturating_mul(1 << (attempts - 1)).min(HOUR));
        app.advance(delay);
    }
    let given_up = app.until_failed(30).await;
    assert_eq!(given_up.next_at, None);
    assert!(given_up.error.is_some_and(|error| error.contains("Connection refused")));
    let lasted =
        Duration::from_millis((app.clock.now().millis() - began.millis()).try_into().expect("a time"));
    assert!((22 * HOUR..26 * HOUR).contains(&lasted), "{lasted:?}");
    server.go_up().await;
    app.advance(2 * HOUR);
    app.enqueue_all([invitation("b@example.org")]).await;
    server.mail_to("b@example.org").await;
    until(async || app.queued().await.len() == 1).await;
    assert_eq!(app.queued_mail().await.recipient, "a@example.org");
}

#[tokio::test]
async fn pages_do_not_wait_for_a_server_that_hangs() {
    for step in [Step::Greeting, Step::Mail, Step::Recipient, Step::Data] {
        let (server, app) = start().await;
        server.behave(Behaviour::Hang(step));
        app.enqueue_all([invitation("a@example.org")]).await;
        server.until_connected(1).await;
        let began = Instant::now();
        app.anon().register(ALICE).await;
        app.anon().call("/api/forgot_password", &[("email", ALICE.email)]).await;
        assert_eq!(app.anon().get("/login").await.status, 200);
        assert!(began.elapsed() < 5 * SECOND, "after {:?}", began.elapsed());
        assert_eq!((server.connections(), server.received().len()), (1, 0), "it hangs still at {step:?}");
    }
}

#[tokio::test]
async fn a_server_that_takes_too_long_is_asked_again() {
    let (server, app) = start_with(|config| config.mail.timeout = Duration::from_millis(600)).await;
    server.behave(Behaviour::Hang(Step::Greeting));
    app.enqueue_all([invitation("a@example.org")]).await;
    let failed = app.until_failed(1).await;
    assert_eq!(failed.error.as_deref(), Some("the mail server took too long"));
    server.behave(Behaviour::Slow(Duration::from_millis(20)));
    app.advance(MINUTE);
    app.until_queue_is_empty().await;
    assert_eq!(server.received().len(), 1);
}

#[tokio::test]
async fn other_mails_arrive_meanwhile() {
    let (server, app) = start_with(|config| config.mail.timeout = Duration::from_millis(600)).await;
    server.behave_to("busy@example.org", Behaviour::Refuse(Step::Recipient, "450 4.2.1 Try again"));
    server.behave_to("slow@example.org", Behaviour::Hang(Step::Recipient));
    server.behave_to("gone@example.org", Behaviour::Refuse(Step::Recipient, "550 5.1.1 Unknown"));
    let recipients = ["busy", "slow", "gone", "ada", "bob"].map(|name| format!("{name}@example.org"));
    app.enqueue_all(recipients.iter().map(|recipient| invitation(recipient))).await;
    server.mail_to("ada@example.org").await;
    server.mail_to("bob@example.org").await;
    until(async || app.queued().await.len() == 3).await;
    let mut waiting: Vec<_> = app.queued().await.into_iter().map(|mail| mail.recipient).collect();
    waiting.sort();
    assert_eq!(waiting, ["busy@example.org", "gone@example.org", "slow@example.org"]);
}

/// It has said that it has taken the mail.
#[tokio::test]
async fn a_server_that_takes_no_leave_gets_a_mail_once() {
    let (server, app) = start().await;
    server.behave(Behaviour::Hang(Step::Quit));
    app.enqueue_all([invitation("a@example.org"), invitation("b@example.org")]).await;
    app.until_queue_is_empty().await;
    assert_eq!(server.received().len(), 2);
}

/// What SMTP makes unavoidable: the server has taken the mail, and the answer is lost.
#[tokio::test]
async fn only_a_lost_answer_sends_a_mail_twice_and_both_have_the_same_id() {
    let (server, app) = start().await;
    server.behave(Behaviour::HangUp);
    app.enqueue_all([invitation("a@example.org")]).await;
    app.until_failed(1).await;
    server.behave(Behaviour::Take);
    app.advance(MINUTE);
    app.until_queue_is_empty().await;
    assert_eq!(server.received().len(), 1, "the first was not taken");

    server.behave(Behaviour::TakeAndHangUp);
    app.enqueue_all([invitation("b@example.org")]).await;
    app.until_failed(1).await;
    server.behave(Behaviour::Take);
    app.advance(MINUTE);
    app.until_queue_is_empty().await;
    let ids: Vec<_> = server.received().iter().map(|mail| mail.header("Message-ID")).collect();
    assert_eq!(ids.len(), 3);
    assert_ne!(ids[0], ids[1]);
    assert_eq!(ids[1], ids[2]);
}
