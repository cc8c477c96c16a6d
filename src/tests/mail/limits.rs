//! How many mails someone can have sent.

use http::{Method, StatusCode, header};
use vestibule::{
    model::{AppError, FormOutcome},
    server::config::LimitsConfig,
};

use super::{MINUTE, start_with};
use crate::support::{ALICE, Actor, MailServer, TestApp, TestResponse, limits, until};

const HERE: &str = "203.0.113.9";
const THERE: &str = "198.51.100.1";

async fn call(actor: &Actor, from: &str, path: &str, fields: &[(&str, &str)]) -> TestResponse {
    let request = actor.request(Method::POST, path).accept("application/json");
    request.header("x-forwarded-for", from).form(fields).send().await
}

async fn forgot(app: &TestApp, from: &str, email: &str) -> Option<u32> {
    wait(&call(&app.anon(), from, "/api/forgot_password", &[("email", email)]).await)
}

/// How long one has to wait, as header and body say; `None` if the mail was asked for.
#[track_caller]
fn wait(response: &TestResponse) -> Option<u32> {
    if response.status == StatusCode::OK {
        assert!(matches!(response.json(), FormOutcome::Accepted { .. }), "{}", response.text());
        return None;
    }
    assert_eq!(response.status, StatusCode::TOO_MANY_REQUESTS, "{}", response.text());
    let error: AppError = response.json();
    let AppError::TooMany { seconds } = error else { panic!("{error:?}") };
    assert_eq!(response.header(header::RETRY_AFTER), seconds.to_string());
    Some(seconds)
}

/// An application in which Alice has an account that is signed out.
async fn with_alice(change: impl FnOnce(&mut LimitsConfig)) -> (MailServer, TestApp) {
    let (server, app) = start_with(limits(change)).await;
    let alice = app.anon();
    assert_eq!(register(&alice, "192.0.2.1", ALICE.email).await, None);
    let link = server.mail_to(ALICE.email).await.link();
    let token = link.rsplit('/').next().expect("a token");
    let response = call(&alice, "192.0.2.1", "/api/verify_email", &[("token", token)]).await;
    assert!(response.status.is_success(), "{}", response.text());
    assert_eq!(app.number("SELECT count(*) FROM accounts").await, 1);
    (server, app)
}

async fn register(actor: &Actor, from: &str, email: &str) -> Option<u32> {
    let fields = [("name", "Ada"), ("email", email), ("password", ALICE.password)];
    wait(&call(actor, from, "/api/register", &fields).await)
}

#[tokio::test]
async fn an_address_asks_for_some_mails_and_then_one_at_a_time() {
    let (_server, app) = with_alice(|limits| limits.mails_from_burst = 2).await;
    for (email, expected) in
        [(ALICE.email, None), ("b@example.org", None), (ALICE.email, Some(60)), ("c@example.org", Some(60))]
    {
        assert_eq!(forgot(&app, HERE, email).await, expected, "{email}");
    }
    assert_eq!(register(&app.anon(), HERE, "d@example.org").await, Some(60), "all kinds count together");
    assert_eq!(forgot(&app, THERE, "c@example.org").await, None);
    app.clock.advance(MINUTE);
    assert_eq!(forgot(&app, HERE, ALICE.email).await, None);
}

#[tokio::test]
async fn a_mailbox_cannot_be_flooded_whether_it_has_an_account_or_not() {
    let (server, app) = with_alice(|limits| limits.mails_to_burst = 3).await;
    app.clock.advance(30 * MINUTE);
    for email in [ALICE.email, "nobody@example.org"] {
        for (number, expected) in [None, None, None, Some(600), Some(600)].into_iter().enumerate() {
            let from = format!("198.51.100.{number}");
            assert_eq!(forgot(&app, &from, email).await, expected, "{number} to {email}");
        }
        assert_eq!(forgot(&app, "2001:db8::1", &email.to_uppercase()).await, Some(600), "in capitals");
        assert_eq!(register(&app.anon(), "2001:db8:1::1", email).await, None, "counted apart");
    }
    app.until_queue_is_empty().await;
    let to_alice = server.received().iter().filter(|mail| mail.recipients == [ALICE.email]).count();
    assert_eq!((to_alice, server.received().len()), (5, 6));
    app.clock.advance(10 * MINUTE);
    assert_eq!(forgot(&app, HERE, ALICE.email).await, None);
    assert_eq!(forgot(&app, HERE, "nobody@example.org").await, None);
}

#[tokio::test]
async fn a_thief_cannot_bury_a_notice_among_a_thousand() {
    let (server, app) = with_alice(|limits| limits.notices_burst = 2).await;
    for _ in 0..4 {
        app.anon().sign_in(ALICE).await;
    }
    app.until_queue_is_empty().await;
    let notices =
        || server.received().iter().filter(|mail| mail.subject().starts_with("New sign-in")).count();
    assert_eq!(notices(), 2);
    let recorded = app.number("SELECT count(*) FROM events WHERE kind = 'new_device'").await;
    assert!(recorded > 0, "the activity page has them");
    app.advance(30 * MINUTE);
    app.anon().sign_in(ALICE).await;
    until(async || notices() == 3).await;
}
