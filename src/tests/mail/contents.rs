//! What each mail says.

use std::collections::BTreeMap;

use scraper::{Html, Selector};
use vestibule::server::domain::{MailContent, NewMail};

use super::{HOUR, invitation, origin};
use crate::support::{ALICE, Received, TestApp, payloads};

/// Mails by their subjects.
async fn send(app: &TestApp, mails: Vec<NewMail>) -> BTreeMap<String, Received> {
    let count = app.outbox().len() + mails.len();
    app.enqueue_all(mails).await;
    let mails = app.until_in_outbox(count).await;
    mails.into_iter().map(|mail| (mail.subject(), mail)).collect()
}

/// One of each kind; the account is Alice's.
async fn all_kinds(app: &TestApp) -> BTreeMap<String, Received> {
    app.alice().await;
    app.until_in_outbox(1).await;
    app.execute(
        "INSERT INTO registrations (email_key, email, name, password_hash, created_at) \
         VALUES ('new@example.org', 'new@example.org', 'Ada', '-', 1767254400000)",
    )
    .await;
    app.execute("UPDATE accounts SET delete_at = 9000000000000").await;
    let account = Some(app.account_id().await);
    let to_alice = |content| NewMail { content, account: account.clone(), recipient: ALICE.email.to_owned() };
    let registration = |recipient: &str| NewMail {
        content: MailContent::Registration { origin: origin() },
        account: None,
        recipient: recipient.to_owned(),
    };
    let mails = vec![
        registration("new@example.org"),
        registration(ALICE.email),
        to_alice(MailContent::ResetPassword { origin: origin() }),
        NewMail {
            recipient: "next@example.org".to_owned(),
            ..to_alice(MailContent::EmailChange { origin: origin(), credential_version: 0 })
        },
        to_alice(MailContent::EmailChanged { origin: origin(), new_email: "next@example.org".to_owned() }),
        to_alice(MailContent::PasswordChanged { origin: origin() }),
        to_alice(MailContent::NewDevice { origin: origin(), session: "handle".to_owned() }),
        to_alice(MailContent::AccountDeletion { origin: origin(), delete_at: origin().at + 86_400_000 }),
        to_alice(MailContent::AccountDeleted),
        invitation("guest@example.org"),
    ];
    send(app, mails).await
}

#[tokio::test]
async fn each_says_when_from_which_device_from_where_and_what_to_do() {
    /// Subject, the path of the link, and what to do.
    const WITH_ORIGIN: [(&str, &str, &str); 8] = [
        ("Finish creating your Vestibule account", "/verify-email/", "If this was not you, do not open it"),
        ("You already have a Vestibule account", "/login", "you can ignore this email: nothing has changed"),
        ("Choose a new password for Vestibule", "/reset-password/", "your password has not changed"),
        ("Confirm your new email address", "/verify-email/", "you can ignore this email"),
        ("Your email address was changed", "/undo-email-change/", "open the link: this address is restored"),
        ("Your password was changed", "/forgot-password", "ask for a link to reset it right away"),
        ("New sign-in to Vestibule", "/report-sign-in/", "The link signs everyone out"),
        ("Your account will be deleted", "/login", "someone knows your password: sign in and change it"),
    ];
    const WITHOUT: [(&str, &str, &str); 2] = [
        ("Confirm your email address", "/verify-email/", "you can ignore this email"),
        ("Your invitation to Vestibule", "/register/", "The link works once, for 7 days."),
    ];
    let app = TestApp::start().await;
    let mails = all_kinds(&app).await;
    assert_eq!(mails.len(), WITH_ORIGIN.len() + WITHOUT.len() + 1, "{:?}", mails.keys());
    for (subject, path, advice) in WITH_ORIGIN.iter().chain(&WITHOUT) {
        let mail = mails.get(*subject).unwrap_or_else(|| panic!("no {subject:?} in {:?}", mails.keys()));
        let (text, shown) = (mail.text(), visible(&mail.html()));
        assert!(mail.link().starts_with(&format!("http://localhost:3000{path}")), "{}", mail.link());
        for words in [&text, &shown] {
            assert!(words.contains(advice), "{words}");
            assert!(words.contains("Sent by Vestibule, http://localhost:3000."), "{words}");
        }
    }
    for (subject, ..) in WITH_ORIGIN {
        let text = mails[subject].text();
        assert!(
            text.contains(
                "\n\nWhen: 1 January 2026, 08:00 UTC\nDevice: Firefox on Linux\nAddress: 203.0.113.9\n\n"
            ),
            "{text}"
        );
    }
    assert!(mails["Your account will be deleted"].text().contains("deleted on 2 January 2026, 08:00 UTC"));
    let deleted = mails["Your Vestibule account was deleted"].text();
    assert!(deleted.contains("were deleted on 1 January 2026, 08:00 UTC"), "{deleted}");
    assert!(deleted.contains("someone knew your password: change it wherever else you use it"), "{deleted}");
}

#[tokio::test]
async fn both_parts_say_the_same_in_light_and_dark() {
    let app = TestApp::start().await;
    for (subject, mail) in all_kinds(&app).await {
        let (text, html) = (mail.text(), mail.html());
        let shown = visible(&html);
        for line in text.lines().filter(|line| !line.is_empty() && *line != "-- ") {
            let line = line.strip_suffix(':').unwrap_or(line);
            for piece in line.split(": ") {
                let is_there = shown.contains(piece) || html.contains(&format!("href=\"{piece}\""));
                assert!(is_there, "{piece:?} of {subject:?} is not in {shown}");
            }
        }
        assert!(
            !text.contains('<') && !text.contains("&amp;") && text.is_ascii() | text.contains('“'),
            "{text}"
        );
        assert!(html.starts_with("<!DOCTYPE html>"), "{html}");
        for piece in [
            "<meta name=\"color-scheme\" content=\"light dark\">",
            "@media(prefers-color-scheme:dark){",
            "background:#fbfaf7",
            ".paper{background:#12131b!important}",
        ] {
            assert!(html.contains(piece), "{piece} is not in {html}");
        }
        // Nothing that a mail program loads, or that tells the sender when it is read.
        for loading in ["src=", "url(", "<img", "<link", "@import", "<script"] {
            assert!(!html.contains(loading), "{loading} is in {html}");
        }
    }
}

#[tokio::test]
async fn what_strangers_type_is_text_in_every_part() {
    let app = TestApp::start().await;
    app.alice().await;
    app.until_in_outbox(1).await;
    let account = Some(app.account_id().await);
    let (mut sent, mut expected) = (1, None);
    for payload in payloads() {
        let mut origin = origin();
        (origin.address, origin.user_agent) = (payload.clone(), payload.clone());
        let content = MailContent::EmailChanged { origin, new_email: payload.clone() };
        app.enqueue_all([NewMail { content, account: account.clone(), recipient: ALICE.email.to_owned() }])
            .await;
        sent += 1;
        let mails = app.until_in_outbox(sent).await;
        let mail = mails.iter().find(|mail| mail.subject().contains("was changed")).expect("a mail");
        let elements = elements(&mail.html());
        assert_eq!(
            *expected.get_or_insert_with(|| elements.clone()),
            elements,
            "{payload:?}: {}",
            mail.html()
        );
        assert_eq!(mail.header_names().len(), 8, "{payload:?}: {}", mail.raw);
        let text = mail.text();
        assert!(text.starts_with("The email address of your account is now "), "{payload:?}: {text}");
        assert!(!text.contains("\nAddress: \n"), "{payload:?}: {text}");
        app.outbox_files().iter().for_each(|file| std::fs::remove_file(file).expect("removed"));
        sent = 0;
    }
}

#[tokio::test]
async fn nothing_is_mailed_that_has_no_meaning_any_more() {
    let app = TestApp::start().await;
    app.alice().await;
    app.until_in_outbox(1).await;
    let account = Some(app.account_id().await);
    app.execute("UPDATE accounts SET email_verified_at = 1").await;
    let mails = [
        NewMail { content: MailContent::VerifyEmail, account, recipient: ALICE.email.to_owned() },
        NewMail {
            content: MailContent::ResetPassword { origin: origin() },
            account: None,
            recipient: "nobody@example.org".to_owned(),
        },
        NewMail {
            content: MailContent::Registration { origin: origin() },
            account: None,
            recipient: "expired@example.org".to_owned(),
        },
    ];
    app.enqueue_all(mails).await;
    app.until_queue_is_empty().await;
    app.advance(HOUR);
    assert_eq!(app.outbox().len(), 1, "the one of the registration");
}

/// The text that is seen.
fn visible(html: &str) -> String {
    let body = Html::parse_document(html);
    let selector = Selector::parse("p, h1, td, a").expect("a selector");
    let texts = body.select(&selector);
    texts.map(|element| element.text().collect::<String>()).collect::<Vec<_>>().join("\n")
}

fn elements(html: &str) -> Vec<String> {
    let document = Html::parse_document(html);
    let selector = Selector::parse("*").expect("a selector");
    document
        .select(&selector)
        .map(|element| {
            let mut names: Vec<_> = element.value().attrs().map(|(name, _)| name).collect();
            names.sort_unstable();
            format!("{} {}", element.value().name(), names.join(" "))
        })
        .collect()
}
