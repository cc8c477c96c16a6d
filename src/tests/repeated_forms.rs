//! A form that is posted twice: by a double click, or by a retry on a bad connection.

use http::StatusCode;
use vestibule::model::{AppError, FormOutcome};

use crate::support::{ALICE, Actor, TestApp, TestResponse, WRONG_PASSWORD};

type Fields<'a> = &'a [(&'a str, &'a str)];

const REGISTRATION: Fields = &[("name", ALICE.name), ("email", ALICE.email), ("password", ALICE.password)];
const SIGN_IN: Fields = &[("email", ALICE.email), ("password", ALICE.password)];
const CONFIRM: Fields = &[("password", ALICE.password), ("next", "/account/sessions")];
const NEW_PASSWORD: &str = "a mad tea party";
const CHANGE: Fields = &[("current_password", ALICE.password), ("new_password", NEW_PASSWORD)];
const CHANGED: &str = "Your password has been changed.";

/// Posts a form twice: as the browser does, as a script does, and at the same time or one after the other.
async fn twice(actor: &Actor, path: &str, fields: Fields<'_>, way: Way) -> [TestResponse; 2] {
    let responses = match way {
        Way::Sequence => [actor.post(path, fields).await, actor.post(path, fields).await],
        Way::Parallel => <[_; 2]>::from(tokio::join!(actor.post(path, fields), actor.post(path, fields))),
        Way::Script => [actor.call(path, fields).await, actor.call(path, fields).await],
        Way::ScriptInParallel => {
            <[_; 2]>::from(tokio::join!(actor.call(path, fields), actor.call(path, fields)))
        }
    };
    for response in &responses {
        let status = response.status;
        let is_fine = match way {
            Way::Sequence | Way::Parallel => status == StatusCode::SEE_OTHER,
            // The session has got another id in between.
            Way::ScriptInParallel if status == StatusCode::UNAUTHORIZED => true,
            Way::Script | Way::ScriptInParallel => status == StatusCode::OK,
        };
        assert!(is_fine, "{path} {way:?}: {status} {}", response.text());
    }
    responses
}

#[derive(Clone, Copy, Debug)]
enum Way {
    Sequence,
    Parallel,
    Script,
    ScriptInParallel,
}

const WAYS: [Way; 4] = [Way::Sequence, Way::Parallel, Way::Script, Way::ScriptInParallel];

#[tokio::test]
async fn registering_twice_signs_in() {
    for way in WAYS {
        let app = TestApp::start().await;
        let alice = app.anon();
        for response in twice(&alice, "/api/register", REGISTRATION, way).await {
            if response.status == StatusCode::SEE_OTHER {
                response.leads_to("/");
            } else {
                let outcome: FormOutcome = response.json();
                assert!(matches!(outcome, FormOutcome::Accepted { .. }), "{way:?}: {outcome:?}");
            }
        }
        alice.is_signed_in().await;
        assert_eq!(app.number("SELECT count(*) FROM accounts").await, 1, "{way:?}");
    }
}

#[tokio::test]
async fn a_taken_email_with_another_password_stays_taken() {
    let app = TestApp::start().await;
    app.alice().await;
    let fields = [("name", ALICE.name), ("email", ALICE.email), ("password", WRONG_PASSWORD)];
    let other = app.anon();
    other.post("/api/register", &fields).await.leads_to("/register");
    other.get("/register").await.shows("There is already an account with this email address.");
    other.is_signed_out().await;
    // Trying passwords here leaves the same traces as at sign-in.
    assert_eq!(app.number("SELECT count(*) FROM events WHERE kind = 'sign_in_refused'").await, 1);
}

#[tokio::test]
async fn signing_in_twice_signs_in() {
    let app = TestApp::start().await;
    app.alice().await;
    for way in WAYS {
        let browser = app.anon();
        twice(&browser, "/api/sign_in", SIGN_IN, way).await;
        browser.is_signed_in().await;
    }
}

#[tokio::test]
async fn confirming_twice_leads_on() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    for way in WAYS {
        for response in twice(&alice, "/api/confirm", CONFIRM, way).await {
            match response.status {
                StatusCode::SEE_OTHER if response.location() == "/account/sessions" => {}
                // The other one came first. The browser has the new cookie, and goes on by itself.
                StatusCode::SEE_OTHER => {
                    response.leads_to("/login?next=%2Faccount%2Fsessions");
                    alice.get(response.location()).await.leads_to("/account/sessions");
                }
                StatusCode::UNAUTHORIZED => assert_eq!(response.json::<AppError>(), AppError::SignInRequired),
                _ => {}
            }
        }
        alice.is_signed_in().await;
    }
}

#[tokio::test]
async fn changing_the_password_twice_changes_it_once() {
    for way in WAYS {
        let app = TestApp::start().await;
        let alice = app.alice().await;
        twice(&alice, "/api/change_password", CHANGE, way).await;
        let page = alice.get("/account/security").await;
        page.hides("Incorrect password.");
        if matches!(way, Way::Sequence | Way::Script) {
            page.shows(CHANGED);
        }
        alice.is_signed_in().await;
        assert_eq!(
            app.number("SELECT count(*) FROM events WHERE kind = 'password_changed'").await,
            1,
            "{way:?}"
        );
        let refused = "SELECT count(*) FROM events WHERE kind = 'password_change_refused'";
        assert_eq!(app.number(refused).await, 0, "{way:?}");
        app.anon()
            .post("/api/sign_in", &[("email", ALICE.email), ("password", NEW_PASSWORD)])
            .await
            .leads_to("/");
    }
}

#[tokio::test]
async fn the_present_password_as_the_new_one_does_not_help_who_does_not_know_it() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let fields = [("current_password", WRONG_PASSWORD), ("new_password", NEW_PASSWORD)];
    alice.post("/api/change_password", &fields).await.leads_to("/account/security");
    alice.get("/account/security").await.shows("Incorrect password.");
    assert_eq!(app.number("SELECT count(*) FROM events WHERE kind = 'password_change_refused'").await, 1);
}

#[tokio::test]
async fn renaming_twice_renames() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    for (way, name) in WAYS.into_iter().zip(["Ada", "Grace", "Barbara", "Frances"]) {
        twice(&alice, "/api/rename", &[("name", name)], way).await;
        let page = alice.get("/account").await;
        page.shows(name);
        page.shows("Your name has been changed.");
    }
}

#[tokio::test]
async fn ending_a_session_twice_ends_it() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    for way in WAYS {
        let phone = app.anon();
        phone.sign_in(ALICE).await;
        let handle = app.session_of(&phone).await.handle;
        twice(&alice, "/api/end_session", &[("session", &handle)], way).await;
        phone.is_signed_out().await;
        let page = alice.get("/account/sessions").await;
        let text = page.text();
        assert!(text.contains("That session had ended already.") || text.contains("The session has ended."));

        phone.sign_in(ALICE).await;
        twice(&alice, "/api/end_other_sessions", &[], way).await;
        phone.is_signed_out().await;
        let page = alice.get("/account/sessions").await;
        let text = page.text();
        assert!(text.contains("No other session is left.") || text.contains("1 other session has ended."));
        alice.is_signed_in().await;
    }
}

#[tokio::test]
async fn signing_out_twice_signs_out() {
    let app = TestApp::start().await;
    for way in [Way::Sequence, Way::Parallel, Way::ScriptInParallel] {
        let browser = app.anon();
        browser.register(ALICE).await;
        for response in twice(&browser, "/api/sign_out", &[], way).await {
            assert!(response.status != StatusCode::SEE_OTHER || response.location().starts_with("/login"));
        }
        browser.is_signed_out().await;
    }
}
