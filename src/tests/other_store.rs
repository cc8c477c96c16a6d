//! The application on a session store that is not part of the database.

use crate::support::{ALICE, TestApp};

#[tokio::test]
async fn people_sign_in_and_their_security_events_are_in_the_database() {
    let app = TestApp::start_with_sessions_in_memory().await;
    let (alice, phone) = (app.alice().await, app.anon());
    phone.sign_in(ALICE).await;
    alice.is_signed_in().await;
    alice.get("/account/sessions").await.shows("This device");
    phone.sign_out().await;
    phone.is_signed_out().await;
    let activity = alice.get("/account/activity").await;
    for event in ["Account created", "Signed in", "Signed out"] {
        activity.shows(event);
    }
}

#[tokio::test]
async fn a_password_change_ends_the_sessions_of_the_account() {
    let app = TestApp::start_with_sessions_in_memory().await;
    let (alice, phone) = (app.alice().await, app.anon());
    phone.sign_in(ALICE).await;
    // As a password change does, before it ends the sessions.
    app.execute("UPDATE accounts SET credentials = credentials + 1").await;
    for browser in [alice, phone] {
        browser.is_signed_out().await;
        browser.get("/login").await.shows("your password was changed");
    }
}
