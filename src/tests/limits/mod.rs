//! How often strangers may try, and who never has to wait for them.

mod accounts;
mod addresses;
mod devices;
mod stored;

use std::time::Duration;

use http::{Method, StatusCode, header};
use vestibule::{
    model::{AppError, FormOutcome},
    server::config::LimitsConfig,
};

use crate::support::{Actor, TestApp, TestResponse, User, WRONG_PASSWORD, limits};

const MINUTE: Duration = Duration::from_mins(1);
/// Two addresses, and one in an IPv6 network.
const HERE: &str = "203.0.113.9";
const THERE: &str = "198.51.100.1";
const ROWS: &str = "SELECT count(*) FROM limits";

/// Only accounts are limited: two attempts, then delays.
fn two_attempts(limits: &mut LimitsConfig) {
    *limits = LimitsConfig { account_attempts: 2, sign_in_burst: 0, ..limits.clone() };
}

/// Only addresses are limited: two attempts, then one each ten seconds.
fn burst_of_two(limits: &mut LimitsConfig) {
    *limits = LimitsConfig { account_attempts: 0, sign_in_burst: 2, ..limits.clone() };
}

/// Calls a server function from an address.
async fn call(actor: &Actor, from: &str, path: &str, fields: &[(&str, &str)]) -> TestResponse {
    let request = actor.request(Method::POST, path).accept("application/json");
    request.header("x-forwarded-for", from).form(fields).send().await
}

async fn sign_in(actor: &Actor, from: &str, email: &str, password: &str) -> TestResponse {
    call(actor, from, "/api/sign_in", &[("email", email), ("password", password)]).await
}

async fn guess(actor: &Actor, from: &str, email: &str) -> TestResponse {
    sign_in(actor, from, email, WRONG_PASSWORD).await
}

/// How long one has to wait, as header and body say; `None` if the attempt was made.
#[track_caller]
fn wait(response: &TestResponse) -> Option<u32> {
    if response.status == StatusCode::OK {
        return None;
    }
    assert_eq!(response.status, StatusCode::TOO_MANY_REQUESTS, "{}", response.text());
    let error: AppError = response.json();
    let AppError::TooMany { seconds } = error else { panic!("{error:?}") };
    assert_eq!(response.header(header::RETRY_AFTER), seconds.to_string());
    Some(seconds)
}

#[track_caller]
fn is_accepted(response: &TestResponse) {
    assert_eq!(response.status, StatusCode::OK, "{}", response.text());
    assert!(matches!(response.json(), FormOutcome::Accepted { .. }), "{}", response.text());
}

/// The text with another character in the middle.
fn flip(text: &str) -> String {
    let (start, end) = text.split_at(text.len() / 2);
    let other = if end.starts_with('A') { "B" } else { "A" };
    format!("{start}{other}{}", &end[1..])
}

/// An account that is signed out, and the browser that has registered it.
async fn register(app: &TestApp, user: User) -> Actor {
    let browser = app.anon();
    browser.register(user).await;
    browser.sign_out().await;
    browser
}
