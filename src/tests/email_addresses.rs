//! One account however its address is typed, and words for what cannot be an address.

use vestibule::model::{FormOutcome, Rejection};

use crate::support::{ALICE, BOB, TestApp, User};

const TYPED: &str = "Ada@bücher.example";
/// As Chromium sends what was typed.
const SENT: &str = "Ada@xn--bcher-kva.example";

fn user(email: &'static str) -> User {
    User { email, ..ALICE }
}

async fn rejection(app: &TestApp, function: &str, fields: &[(&str, &str)]) -> Rejection {
    match app.anon().call(function, fields).await.json() {
        FormOutcome::Rejected(rejection) => rejection,
        FormOutcome::Accepted { .. } => panic!("{fields:?} are accepted"),
    }
}

async fn registering(app: &TestApp, name: &str, email: &str) -> Rejection {
    // Not the password of the account: with it, the form would have been posted twice.
    let fields = [("name", name), ("email", email), ("password", BOB.password)];
    rejection(app, "/api/register", &fields).await
}

#[tokio::test]
async fn an_international_address_is_one_account() {
    for registered in [TYPED, SENT] {
        let app = TestApp::start().await;
        let ada = app.anon();
        ada.register(user(registered)).await;
        ada.get("/").await.shows("Ada@bücher.example");
        for email in [TYPED, SENT, "\u{200b}ada＠BU\u{308}CHER。example. "] {
            app.anon().sign_in(user(email)).await;
            let taken = registering(&app, "Eve", email).await;
            assert_eq!(
                taken.of("email"),
                Some("There is already an account with this email address."),
                "{email}"
            );
        }
        assert_eq!(app.number("SELECT count(*) FROM accounts").await, 1);
        for email in [SENT, TYPED] {
            let listed = app.run(&["session", "list", email]).await;
            assert!(!listed.contains("there is no account"), "{listed}");
        }
    }
}

#[tokio::test]
async fn an_account_of_an_earlier_version_is_found_and_stays_the_only_one() {
    let app = TestApp::start().await;
    app.anon().register(user(SENT)).await;
    app.execute("UPDATE accounts SET email_key = 'ada@bücher.example', email = 'Ada@bücher.example'").await;
    for email in [TYPED, SENT] {
        app.anon().sign_in(user(email)).await;
        assert!(registering(&app, "Eve", email).await.of("email").is_some(), "{email}");
    }
    assert_eq!(app.number("SELECT count(*) FROM accounts").await, 1);
    // What is no longer accepted was once.
    for (statement, email) in [
        ("UPDATE accounts SET email_key = 'ada@example.org.'", "Ada@example.org."),
        ("UPDATE accounts SET email_key = 'a,da@my_host'", "A,da@my_host"),
    ] {
        app.execute(statement).await;
        app.anon().sign_in(user(email)).await;
    }
}

#[tokio::test]
async fn what_is_wrong_with_an_address_is_said() {
    let app = TestApp::start().await;
    for (email, words) in [
        ("ada@example.org, bob@example.org", "Remove “,”: enter one email address like name@example.org."),
        ("Ada <ada@example.org>", "Remove “<”: enter one email address like name@example.org."),
        ("ada@-.example", "Enter an email address like name@example.org."),
    ] {
        assert_eq!(registering(&app, "Ada", email).await.of("email"), Some(words), "{email:?}");
    }
    // Wherever an address is entered.
    for (email, words) in [
        ("a\u{200b}da@example.org", "Remove the invisible character after “a”."),
        ("ada@exam\u{ad}ple.org", "Remove the invisible character after “m”."),
        ("ada@\u{200b}example.org", "Remove the invisible characters."),
        ("ada@example.org\r\nBcc: bob@example.org", "Remove the invisible character after “g”."),
        ("ada @example.org", "Remove the space: an email address has none."),
        ("\u{200b}", "Enter your email address."),
    ] {
        assert_eq!(registering(&app, "Ada", email).await.of("email"), Some(words), "{email:?}");
        let fields = [("email", email), ("password", ALICE.password)];
        assert_eq!(rejection(&app, "/api/sign_in", &fields).await.of("email"), Some(words), "{email:?}");
        let listed = app.run(&["session", "list", email]).await;
        assert!(listed.contains(words), "{email:?}: {listed}");
    }
    assert_eq!(app.number("SELECT count(*) FROM accounts").await, 0);
}

#[tokio::test]
async fn a_name_has_something_to_see() {
    let app = TestApp::start().await;
    for (name, words) in [
        ("\u{3164}", "Enter your name."),
        ("\u{2800} \u{200b}", "Enter your name."),
        ("\u{301}", "Use at least one letter, digit or symbol in your name."),
        ("Ada\u{2028}Lovelace", "Remove the invisible character after “a”."),
        ("Ada\u{202e}ecalevoL", "Remove the invisible character after “a”."),
        ("A\u{336}\u{336}\u{336}\u{336}\u{336}\u{336}da", "Use fewer accents on one letter."),
    ] {
        let rejected = registering(&app, name, "ada@example.org").await;
        assert_eq!(rejected.of("name"), Some(words), "{name:?}");
    }
    let alice = app.alice().await;
    alice.post("/api/rename", &[("name", "\u{feff}علی\u{200c}رضا\u{200b}")]).await;
    alice.get("/account").await.shows("علی\u{200c}رضا");
    alice.get("/account").await.hides("\u{200b}");
}
