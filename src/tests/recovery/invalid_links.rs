//! Links that cannot be used: one calm page, the same for every cause.

use http::{Method, StatusCode};
use vestibule::model::FormOutcome;

use super::journey::{comparable, is_accepted, start_with_alice};
use crate::support::{ALICE, TestApp, TestResponse};

const PAGES: [(&str, &str); 4] = [
    ("/verify-email", "/api/verify_email"),
    ("/reset-password", "/api/reset_password"),
    ("/undo-email-change", "/api/undo_email_change"),
    ("/report-sign-in", "/api/report_sign_in"),
];
const PASSWORD: &str = "jabberwock and slithy toves";

/// What a browser is shown that follows the link; the redirect, and the page.
async fn open(app: &TestApp, page: &str, token: &str) -> [TestResponse; 2] {
    let browser = app.anon();
    let redirect = browser.get(&format!("{page}/{token}")).await;
    redirect.leads_to(page);
    [redirect, browser.get(page).await]
}

#[tokio::test]
async fn expired_used_foreign_truncated_and_guessed_links_lead_to_the_same_page() {
    let (app, mailbox, alice) = start_with_alice().await;
    let foreign = mailbox.only(&app, ALICE.email, "Confirm your email").await.token();
    is_accepted(&app.anon().forget_password(ALICE.email).await);
    let used = mailbox.only(&app, ALICE.email, "Choose a new").await;
    is_accepted(&app.anon().reset(&used, PASSWORD).await);
    mailbox.clear(&app).await;
    is_accepted(&app.anon().forget_password(ALICE.email).await);
    let expired = mailbox.only(&app, ALICE.email, "Choose a new").await.token();
    app.clock.advance(std::time::Duration::from_mins(10));
    let (used, guessed, long) = (used.token(), "A".repeat(43), "A".repeat(6000));
    let tokens = [
        expired.as_str(),
        &used,
        &foreign,
        &expired[..42],
        &guessed,
        &long,
        "%00",
        "%FF%FE",
        "%2e%2e%2f",
        "é",
        "'%20OR%201=1",
        "<script>",
    ];
    for (page, function) in PAGES {
        let tokens = tokens.iter().filter(|token| page != "/verify-email" || **token != foreign);
        let (mut pages, mut outcomes, mut redirects) = (Vec::new(), Vec::new(), Vec::new());
        for token in tokens {
            let [_, shown] = open(&app, page, token).await;
            shown.shows("This link cannot be used");
            shown.hides("<form method=\"post\"");
            pages.push(comparable(&shown));
            let browser = app.anon();
            let fields = [("token", *token), ("password", PASSWORD)];
            outcomes.push(comparable(&browser.call(function, &fields).await));
            let posted = browser.post(function, &fields).await;
            posted.leads_to(page);
            redirects.push(posted.status);
            let shown = browser.get(page).await;
            shown.shows("This link cannot be used");
        }
        for list in [pages, outcomes] {
            for one in &list {
                assert_eq!(one, &list[0], "{page}");
            }
        }
    }
    assert!(app.number("SELECT count(*) FROM events WHERE kind = 'password_reset'").await == 1);
    drop(alice);
}

#[tokio::test]
async fn without_a_link_the_pages_say_the_same() {
    let app = TestApp::start().await;
    for (page, _) in PAGES {
        let bare = app.anon().get(page).await;
        bare.shows("This link cannot be used");
        assert_eq!(comparable(&bare), comparable(&open(&app, page, "x").await[1]));
        app.anon().get(&format!("{page}/")).await.location();
        assert_eq!(app.anon().get(&format!("{page}/a/b")).await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn a_cookie_that_was_not_made_here_is_none() {
    let (app, mailbox, _) = start_with_alice().await;
    let mail = mailbox.only(&app, ALICE.email, "Confirm your email").await;
    let name = {
        let browser = app.anon();
        let redirect = browser.get(&mail.path()).await;
        let line = redirect.set_cookies()[0].to_owned();
        assert!(
            line.contains("HttpOnly") && line.contains("SameSite=Lax") && line.contains("Path=/;"),
            "{line}"
        );
        line.split_once('=').expect("a pair").0.to_owned()
    };
    let forged = format!("/verify-email/{}", mail.token());
    for value in ["", "x", "%00", "a.b", &forged, &"A".repeat(4000)] {
        let request = app.anon();
        let request = request.request(Method::GET, "/verify-email").accept("text/html");
        let page = request.header("cookie", &format!("{name}={value}")).send().await;
        page.shows("This link cannot be used");
    }
}

/// Mail programs change links.
#[tokio::test]
async fn a_link_may_end_with_a_slash_or_be_percent_encoded() {
    let (app, mailbox, _) = start_with_alice().await;
    let link = mailbox.only(&app, ALICE.email, "Confirm your email").await;
    let (path, token) = (link.path(), link.token());
    let encoded = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    for changed in [
        format!("{path}/"),
        path.replace('-', "%2D"),
        path.replace('-', "%2d") + "/",
        format!("/verify-email/{}", encoded(&token)),
        format!("/{}/{}/?utm_source=mail", encoded("verify-email"), encoded(&token)),
        format!("{path}%2F"),
    ] {
        let browser = app.anon();
        let redirect = browser.get(&changed).await;
        redirect.leads_to("/verify-email");
        browser.get("/verify-email").await.shows(&token);
    }
    for method in [Method::POST, Method::PUT] {
        let refused = app.anon().request(method, &format!("{path}/")).accept("text/html").send().await;
        assert_eq!(refused.status, StatusCode::METHOD_NOT_ALLOWED);
    }
}

#[tokio::test]
async fn a_link_leads_to_its_own_page_alone() {
    let (app, mailbox, _) = start_with_alice().await;
    let mail = mailbox.only(&app, ALICE.email, "Confirm your email").await;
    let browser = app.anon();
    browser.get(&mail.path()).await;
    browser.get("/reset-password").await.shows("This link cannot be used");
    browser.get("/verify-email").await.shows(&mail.token());
}

#[tokio::test]
async fn bodies_that_are_no_forms_are_refused_and_huge_tokens_are_no_links() {
    let app = TestApp::start().await;
    for (_, function) in PAGES {
        let huge = "A".repeat(40_000);
        let outcome = app.anon().call(function, &[("token", &huge), ("password", PASSWORD)]).await;
        assert!(outcome.status == StatusCode::OK || outcome.status == StatusCode::PAYLOAD_TOO_LARGE);
        if outcome.status == StatusCode::OK {
            assert!(matches!(outcome.json::<FormOutcome>(), FormOutcome::Rejected(_)));
        }
        for body in ["", "token", "token=%FF%FE", "token=a&token=b", "%00=%00"] {
            let browser = app.anon();
            let request = browser.request(Method::POST, function).accept("application/json");
            let status = request.body(body).send().await.status.as_u16();
            assert!(status < 500, "{function} {body}: {status}");
        }
    }
}
