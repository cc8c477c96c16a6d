//! What a mail server refuses: for now (4xx), for ever (5xx), or because of how it was asked.

use vestibule::server::{config::SecretUrl, domain::Clock};

use super::{HOUR, MINUTE, SECOND, invitation, start, start_with};
use crate::support::{ALICE, Actor, Behaviour, Installation, MailServer, ServerProcess, Step, Stores};

const STEPS: [Step; 4] = [Step::Mail, Step::Recipient, Step::Data, Step::End];

#[tokio::test]
async fn what_is_refused_for_now_is_sent_later() {
    let (server, app) = start().await;
    for (number, step) in STEPS.into_iter().chain([Step::Greeting]).enumerate() {
        server.behave(Behaviour::Refuse(step, "451 4.7.1 Greylisted, come back later"));
        app.enqueue_all([invitation("a@example.org")]).await;
        let failed = app.until_failed(1).await;
        assert_eq!(failed.next_at, Some(app.clock.now() + 30 * SECOND), "{step:?}");
        assert!(failed.error.is_some_and(|error| error.contains("451") && error.contains("Greylisted")));
        server.behave(Behaviour::Take);
        app.advance(30 * SECOND);
        app.until_queue_is_empty().await;
        assert_eq!(server.received().len(), number + 1, "{step:?}");
    }
}

#[tokio::test]
async fn what_is_refused_for_ever_is_given_up_and_kept() {
    let (server, app) = start().await;
    for step in STEPS {
        server.behave(Behaviour::Refuse(step, "554 5.7.1 Rejected\u{1b}[2J \u{202e}as spam"));
        app.enqueue_all([invitation("a@example.org")]).await;
        let failed = app.until_failed(1).await;
        assert_eq!(failed.next_at, None, "{step:?}");
        let error = failed.error.expect("a reason");
        assert!(error.contains("554"), "{error}");
        assert!(!error.contains(['\u{1b}', '\u{202e}']), "nothing that commands a terminal: {error}");
        server.behave(Behaviour::Take);
        app.advance(2 * HOUR);
        app.execute("DELETE FROM mails").await;
    }
    assert_eq!(server.received().len(), 0);
}

/// The operator can mend it, and until then no mail is lost.
#[tokio::test]
async fn a_wrong_password_gives_no_mail_up() {
    let server = MailServer::start().await;
    let url = format!("smtp://ada:hunter2@{}", server.address);
    server.behave(Behaviour::Refuse(Step::Auth, "535 5.7.8 Authentication credentials invalid"));
    let (_other, app) = start_with(|config| config.mail.url = SecretUrl::new(url)).await;
    app.enqueue_all([invitation("a@example.org")]).await;
    let failed = app.until_failed(1).await;
    assert!(failed.next_at.is_some(), "{failed:?}");
    assert!(failed.error.is_some_and(|error| error.contains("535") && !error.contains("hunter2")));
    assert!(!format!("{:?}{:?}", app.config, app.state.app.mailer).contains("hunter2"));
    server.behave(Behaviour::Take);
    app.advance(MINUTE);
    server.mail_to("a@example.org").await;
}

#[tokio::test]
async fn a_very_long_answer_is_cut() {
    let (server, app) = start().await;
    let answer: &str = Box::leak(format!("550 5.1.1 {}", "x".repeat(900)).into_boxed_str());
    server.behave(Behaviour::Refuse(Step::Recipient, answer));
    app.enqueue_all([invitation("a@example.org")]).await;
    let error = app.until_failed(1).await.error.expect("a reason");
    assert!(error.len() <= 300, "{error}");
}

/// Mail servers repeat the address in their answers.
#[tokio::test(flavor = "multi_thread")]
async fn the_log_says_why_without_the_address() {
    let server = MailServer::start().await;
    let mut installation = Installation::on(Stores::chosen());
    server.configure(&mut installation.config);
    server.behave(Behaviour::Refuse(Step::Recipient, "550 5.1.1 <alice@example.org>: unknown"));
    let process = ServerProcess::start(&installation.config, &[]);
    Actor::at(process.address()).register(ALICE).await;
    process.wait_for("a mail was given up");
    assert!(process.log().contains("the mail server has answered 550"), "{}", process.log());
    assert!(!process.log().contains("alice"), "{}", process.log());
    let listed = installation.run(&["mail", "list"]);
    assert!(listed.contains("<alice@example.org>: unknown"), "{listed}");
}
