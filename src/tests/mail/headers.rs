//! No one can add headers to a mail, or write to strangers through this site (CWE-93).

use vestibule::model::FormOutcome;

use super::{MINUTE, invitation, start, start_with};
use crate::support::{ALICE, MailServer, TestApp, TestResponse};

const EXPECTED: [&str; 8] =
    ["From", "To", "Date", "Message-ID", "Subject", "Auto-Submitted", "MIME-Version", "Content-Type"];

/// What is said about a field of a form.
#[track_caller]
fn said(response: &TestResponse, field: &str) -> String {
    assert_eq!(response.status, 200, "{}", response.text());
    let FormOutcome::Rejected(rejection) = response.json() else { panic!("{}", response.text()) };
    let of_field = rejection.fields.into_iter().find(|(name, _)| name == field);
    of_field.unwrap_or_else(|| panic!("{}", response.text())).1
}

async fn register(app: &TestApp, name: &str, email: &str) -> TestResponse {
    let fields = [("name", name), ("email", email), ("password", ALICE.password)];
    app.anon().call("/api/register", &fields).await
}

#[tokio::test]
async fn addresses_that_would_break_a_header_are_refused_in_words() {
    const HOSTILE: [&str; 14] = [
        "ada@example.org\r\nBcc: bob@example.org",
        "ada@example.org\nBcc: bob@example.org",
        "ada\r\n@example.org",
        "ada\0@example.org",
        "ada@example.org,bob@example.org",
        "ada@example.org;bob@example.org",
        "ada@example.org bob@example.org",
        "<ada@example.org>",
        "Ada <ada@example.org>",
        "\"ada\r\nBcc: bob\"@example.org",
        "ada@example.org>\r\nRCPT TO:<bob@example.org",
        "ada(comment)@example.org",
        "ada@[127.0.0.1]",
        "ada\u{2028}@example.org",
    ];
    let (server, app) = start().await;
    let alice = app.anon();
    for email in HOSTILE {
        let words = said(&register(&app, "Ada", email).await, "email");
        assert!(words.ends_with('.') && !words.contains("@example.org\r"), "{email:?}: {words}");
        let response = alice.call("/api/forgot_password", &[("email", email)]).await;
        assert!(
            response.status == 200 && !response.text().contains("bob@"),
            "{email:?}: {}",
            response.text()
        );
    }
    app.until_queue_is_empty().await;
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn addresses_that_no_mail_server_knows_are_refused_where_mails_are_sent() {
    let (server, app) = start().await;
    for email in ["a..b@example.org", ".ada@example.org", "ada.@example.org"] {
        let words = said(&register(&app, "Ada", email).await, "email");
        assert_eq!(words, "No email can be sent to this address. Check it for typing mistakes.", "{email}");
    }
    assert_eq!((server.connections(), app.queued().await.len()), (0, 0));
    let without = TestApp::start().await;
    assert_eq!(
        register(&without, "Ada", "a..b@example.org").await.json::<serde_json::Value>()["Rejected"],
        serde_json::Value::Null
    );
}

#[tokio::test]
async fn a_domain_in_letters_goes_out_as_dns_has_it() {
    let (server, app) = start().await;
    register(&app, "Ann", "Ann@Müller.example").await;
    let mail = server.mail_to("Ann@xn--mller-kva.example").await;
    assert_eq!(mail.header("To"), "Ann@xn--mller-kva.example");
    assert!(mail.raw.is_ascii(), "{}", mail.raw);
}

/// Otherwise anyone could write to anyone through this site.
#[tokio::test]
async fn the_mail_to_an_address_that_is_not_verified_says_nothing_that_was_typed() {
    let (server, app) = start().await;
    let long = "Win a prize at evil.example ".repeat(4)[..100].to_owned();
    let names = ["https://evil.example/prize", "Zoë 李 🦀", "<b>evil</b>", &long];
    for (number, name) in names.iter().enumerate() {
        let email = format!("a{number}@example.org");
        let response = register(&app, name, &email).await;
        assert!(response.text().contains("sent=1"), "{}", response.text());
        let mail = server.mail_to(&email).await;
        assert_eq!(mail.header_names(), EXPECTED);
        let everything = format!("{}{}{}", mail.raw, mail.text(), mail.html());
        for typed in [*name, "evil", "Zo=C3=AB", "李"] {
            assert!(!everything.contains(typed), "{typed} is in {everything}");
        }
    }
    let words = said(&register(&app, "Ada\r\nBcc: bob@example.org", "ada@example.org").await, "name");
    assert!(words.ends_with('.'), "{words}");
    let words = said(&register(&app, &"x".repeat(101), "ada@example.org").await, "name");
    assert!(words.contains("100"), "{words}");
    app.until_queue_is_empty().await;
    assert_eq!(server.received().len(), names.len());
}

#[tokio::test]
async fn letters_in_the_sender_are_encoded() {
    let from = "Zoë 李 🦀 <hello@example.org>";
    let (server, app) = start_with(|config| config.mail.from = from.to_owned()).await;
    app.enqueue_all([invitation("a@example.org")]).await;
    let mail = server.mail_to("a@example.org").await;
    assert!(mail.raw.is_ascii(), "{}", mail.raw);
    assert_eq!(mail.header("From").replace('"', ""), from);
    assert_eq!(mail.sender, "hello@example.org");
    assert_eq!(mail.header_names(), EXPECTED);
}

#[tokio::test]
async fn a_recipient_that_was_stored_otherwise_breaks_nothing() {
    let server = MailServer::start().await;
    let app = TestApp::start_with(|config| server.configure(config)).await;
    for recipient in
        ["a@example.org\r\nBcc: b@example.org", "a@b@example.org", "", "@", "a@example.org>\r\nDATA"]
    {
        app.enqueue_all([invitation(recipient)]).await;
    }
    app.enqueue_all([invitation("last@example.org")]).await;
    server.mail_to("last@example.org").await;
    app.advance(MINUTE);
    app.until_queue_is_empty().await;
    assert_eq!(server.received().len(), 1, "there was nothing to say to them");
}
