//! Prefetched pages consume no flash message and do not extend the idle timeout.

use std::time::Duration;

use http::{Method, header};

use crate::support::{ALICE, Actor, TestApp, TestResponse};

const RENAMED: &str = "Your name has been changed.";

async fn prefetch(actor: &Actor, page: &str, header: &str, value: &str) -> TestResponse {
    let request = actor.request(Method::GET, page).accept("text/html").header(header, "x");
    request.header(header, value).send().await
}

const KINDS: [(&str, &str); 11] = [
    ("sec-purpose", "prefetch"),
    ("sec-purpose", "prefetch;prerender"),
    ("sec-purpose", "prefetch;anonymous-client-ip"),
    ("sec-purpose", "PREFETCH"),
    ("sec-purpose", "é;prefetch"),
    ("purpose", "prefetch"),
    ("purpose", "preview"),
    ("x-purpose", "preview"),
    ("x-purpose", "prefetch"),
    ("x-moz", "prefetch"),
    ("x-moz", "Prefetch"),
];

#[tokio::test]
async fn a_prefetch_consumes_no_flash_message() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    alice.post("/api/rename", &[("name", "Alice")]).await.leads_to("/account");
    for (header, value) in KINDS {
        prefetch(&alice, "/account", header, value).await.hides(RENAMED);
    }
    alice.get("/account").await.shows(RENAMED);
    alice.get("/account").await.hides(RENAMED);
}

#[tokio::test]
async fn a_prefetch_consumes_no_rejected_form() {
    let app = TestApp::start().await;
    app.alice().await;
    let browser = app.anon();
    browser.fail_to_sign_in(ALICE.email).await.leads_to("/login");
    for (header, value) in KINDS {
        let page = prefetch(&browser, "/login", header, value).await;
        page.hides("Incorrect email or password.");
        assert_eq!(page.set_cookies(), [""; 0], "{header}: {value}");
    }
    browser.get("/login").await.shows("Incorrect email or password.");
}

#[tokio::test]
async fn a_prefetch_does_not_extend_the_idle_timeout() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let seen = async || app.live_session().await.seen_at;
    let before = seen().await;
    app.clock.advance(Duration::from_hours(1));
    for (header, value) in KINDS {
        let page = prefetch(&alice, "/account", header, value).await;
        page.shows("Change name");
        assert_eq!(page.set_cookies(), [""; 0], "{value}");
        assert_eq!(seen().await, before, "{value}");
    }
    alice.get("/account").await;
    assert_ne!(seen().await, before, "a visit extends it");
}

#[tokio::test]
async fn only_signed_in_pages_have_speculation_rules() {
    let app = TestApp::start().await;
    let page = app.alice().await.get("/account").await;
    let rules = page.header("speculation-rules".parse::<http::HeaderName>().expect("a name"));
    assert_eq!(rules, "\"/speculation-rules.json\"");
    let rules = app.anon().get("/speculation-rules.json").await;
    assert_eq!(rules.header(header::CONTENT_TYPE), "application/speculationrules+json");
    rules.json::<serde_json::Value>();
    let login = app.anon().get("/login").await;
    assert!(!login.headers.contains_key("speculation-rules"));
}
