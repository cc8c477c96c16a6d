//! Step-up: what it interrupts is neither carried out nor forgotten.

use std::time::Duration;

use http::{Method, StatusCode};

use crate::support::{ALICE, Actor, TestApp, WRONG_PASSWORD};

const NEXT: (&str, &str) = ("next", "/account/sessions");
const CONFIRM: &str = "/confirm?next=%2Faccount%2Fsessions";
const AGAIN: &str = "You have confirmed that it is you.";

/// Alice, who has signed in on two devices, and needs a step-up on both.
async fn laptop_and_phone(app: &TestApp) -> (Actor, Actor) {
    let (laptop, phone) = (app.alice().await, app.anon());
    phone.sign_in(ALICE).await;
    app.clock.advance(Duration::from_mins(16));
    (laptop, phone)
}

async fn confirm(actor: &Actor, password: &str, next: (&str, &str)) -> String {
    let response = actor.post("/api/confirm", &[("password", password), next]).await;
    assert_eq!(response.status, StatusCode::SEE_OTHER);
    response.location().to_owned()
}

#[tokio::test]
async fn after_a_step_up_the_page_says_what_has_to_be_pressed_again() {
    let app = TestApp::start().await;
    let (laptop, phone) = laptop_and_phone(&app).await;
    laptop.post("/api/end_other_sessions", &[]).await.leads_to(CONFIRM);
    laptop.get(CONFIRM).await.hides(AGAIN);
    assert_eq!(confirm(&laptop, WRONG_PASSWORD, NEXT).await, CONFIRM);
    assert_eq!(confirm(&laptop, ALICE.password, NEXT).await, "/account/sessions");
    phone.is_signed_in().await;
    laptop.get("/account/sessions").await.shows("Now press “Sign out everywhere else” again.");
    laptop.get("/account/sessions").await.hides(AGAIN);
    laptop.post("/api/end_other_sessions", &[]).await.leads_to("/account/sessions");
    laptop.get("/account/sessions").await.shows("1 other session has ended.");
}

#[tokio::test]
async fn a_function_that_is_refused_again_writes_nothing() {
    let app = TestApp::start().await;
    let (laptop, _) = laptop_and_phone(&app).await;
    laptop.post("/api/end_other_sessions", &[]).await.leads_to(CONFIRM);
    let writes = app.settled_usage().await.writes;
    laptop.post("/api/end_other_sessions", &[]).await.leads_to(CONFIRM);
    assert_eq!(app.db().usage().writes, writes);
}

#[tokio::test]
async fn a_script_that_was_refused_is_told_the_same() {
    let app = TestApp::start().await;
    let (laptop, _) = laptop_and_phone(&app).await;
    let refused = laptop.call("/api/end_session", &[("session", "x")]).await;
    assert_eq!(refused.text(), r#""ConfirmRequired""#);
    laptop.call("/api/confirm", &[("password", ALICE.password), NEXT]).await;
    laptop.get("/account/sessions").await.shows("Now press “End session” again.");
}

#[tokio::test]
async fn nothing_is_said_where_there_is_nothing_to_press() {
    let app = TestApp::start().await;
    let (laptop, phone) = laptop_and_phone(&app).await;
    confirm(&phone, ALICE.password, NEXT).await;
    phone.get("/account/sessions").await.hides(AGAIN);
    laptop.post("/api/end_other_sessions", &[]).await.leads_to(CONFIRM);
    confirm(&laptop, ALICE.password, ("next", "/account")).await;
    laptop.get("/account").await.hides(AGAIN);
    laptop.get("/account/sessions").await.hides(AGAIN);
}

#[tokio::test]
async fn a_message_waits_until_the_step_up_is_over() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    alice.post("/api/rename", &[("name", "Alice")]).await.leads_to("/account");
    alice.get("/confirm?next=%2Faccount").await.hides("Your name has been changed.");
    assert_eq!(confirm(&alice, ALICE.password, ("next", "/account")).await, "/account");
    alice.get("/account").await.shows("Your name has been changed.");
}

#[tokio::test]
async fn the_return_address_outlives_a_session_that_ends_before_the_step_up() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    alice.copy().sign_out().await;
    let page = "http://localhost:3000/confirm?next=%2Faccount%2Factivity%3Fq%3Da%2520b";
    let request = alice.request(Method::POST, "/api/confirm").accept("text/html").header("referer", page);
    let response = request.form(&[("password", ALICE.password)]).send().await;
    response.leads_to("/login?next=%2Faccount%2Factivity%3Fq%3Da%2520b");
    for referer in ["https://evil.example/confirm?next=%2Faccount", "http://localhost:3000/account", "x"] {
        let request = alice.request(Method::POST, "/api/confirm").accept("text/html");
        request.header("referer", referer).form(&[]).send().await.leads_to("/login?next=%2F");
    }
}
