//! Mails as files, for development.

use std::{
    collections::HashSet,
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use http::Method;
use vestibule::server::config::PublicUrl;

use super::{MINUTE, invitation};
use crate::support::{ALICE, TestApp};

#[tokio::test]
async fn a_mail_is_a_file_that_only_the_user_of_the_server_can_read() {
    let app = TestApp::start().await;
    app.alice().await;
    let mail = app.until_in_outbox(1).await.remove(0);
    let mode = |path: &Path| fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
    let files = app.outbox_files();
    assert_eq!(mode(&app.data_dir().join("outbox")), 0o700);
    assert_eq!(files.iter().map(|file| mode(file)).collect::<Vec<_>>(), [0o600]);
    let name = files[0].file_name().and_then(|name| name.to_str()).expect("UTF-8");
    assert!(name.starts_with("2026-01-01T08-00-00") && name.ends_with(".eml"), "{name}");

    assert_eq!(mail.header("To"), ALICE.email);
    assert_eq!(mail.header("From"), "Vestibule <no-reply@localhost>");
    assert_eq!(mail.header("Date"), "Thu, 01 Jan 2026 08:00:00 +0000");
    assert_eq!(mail.header("Auto-Submitted"), "auto-generated");
    assert!(mail.header("Message-ID").ends_with("@localhost>"));
    assert_eq!(mail.subject(), "Confirm your email address");
    assert!(mail.header("Content-Type").starts_with("multipart/alternative;"));
    assert!(mail.html().contains(&format!("href=\"{}\"", mail.link())), "{}", mail.html());
}

#[tokio::test]
async fn links_begin_with_the_public_url_whatever_the_request_says() {
    let public_url = PublicUrl::try_from("https://app.example:8443".to_owned()).expect("a URL");
    let app = TestApp::start_with(|config| {
        config.public_url = public_url;
        config.http.trusted_proxies = vec!["127.0.0.1/32".parse().expect("a network")];
    });
    let (app, mut count) = (app.await, 0);
    for name in ["host", "x-forwarded-host", "x-forwarded-server", "x-original-host"] {
        let browser = app.anon();
        let fields =
            [("name", "Ada"), ("email", &format!("{name}@example.org")), ("password", ALICE.password)];
        let request = browser.request(Method::POST, "/api/register").accept("application/json");
        let forwarded = "host=evil.example;proto=http";
        let request = request.header("forwarded", forwarded).header("x-forwarded-proto", "https");
        request.header(name, "evil.example").form(&fields).send().await;
        count += 1;
        let mails = app.until_in_outbox(count).await;
        for mail in mails {
            assert!(mail.link().starts_with("https://app.example:8443/verify-email/"), "{}", mail.link());
            assert!(!format!("{}{}{}", mail.raw, mail.text(), mail.html()).contains("evil"), "{}", mail.raw);
        }
    }
}

#[tokio::test]
async fn a_file_that_others_see_is_complete() {
    let app = TestApp::start().await;
    let (folder, is_over) = (app.data_dir().join("outbox"), Arc::new(AtomicBool::new(false)));
    let reader = thread::spawn({
        let is_over = is_over.clone();
        move || {
            let mut seen = HashSet::new();
            while !is_over.load(Ordering::Relaxed) {
                let Ok(entries) = fs::read_dir(&folder) else { continue };
                for path in entries.map(|entry| entry.expect("an entry").path()) {
                    let is_mail = path.extension().is_some_and(|extension| extension == "eml");
                    // Each as soon as it is there.
                    if is_mail && seen.insert(path.clone()) {
                        let mail = fs::read_to_string(path).expect("a mail");
                        assert!(mail.ends_with("--\r\n"), "{mail}");
                    }
                }
            }
        }
    });
    app.enqueue_all((0..30).map(|number| invitation(&format!("{number}@example.org")))).await;
    app.until_queue_is_empty().await;
    is_over.store(true, Ordering::Relaxed);
    reader.join().expect("all were complete");
    assert_eq!(app.outbox_files().len(), 30, "and nothing else is left");
}

#[tokio::test]
async fn a_disk_that_takes_no_file_loses_no_mail() {
    let app = TestApp::start().await;
    let folder = app.data_dir().join("outbox");
    fs::write(&folder, "in the way").expect("written");
    app.enqueue_all([invitation("a@example.org")]).await;
    let failed = app.until_failed(1).await;
    assert!(failed.error.is_some_and(|error| error.contains("outbox: ")), "it says where");
    fs::remove_file(&folder).expect("removed");
    app.advance(MINUTE);
    assert_eq!(app.until_in_outbox(1).await[0].header("To"), "a@example.org");
}

#[tokio::test]
async fn the_last_mail_is_shown_to_the_developer_alone() {
    let app = TestApp::start().await;
    app.alice().await;
    app.until_queue_is_empty().await;
    let show = async |headers: &[(&str, &str)]| {
        let anon = app.anon();
        let request = anon.request(Method::GET, "/outbox/last").accept("text/html");
        headers.iter().fold(request, |request, (name, value)| request.header(name, value)).send().await
    };
    let own = ("host", "localhost:3000");
    show(&[own]).await.shows("/verify-email/");
    for headers in [
        &[("host", "rebound.example:3000")][..],
        &[own, ("x-forwarded-for", "203.0.113.9")],
        &[own, ("forwarded", "for=203.0.113.9")],
        &[own, ("via", "1.1 proxy")],
    ] {
        assert_eq!(show(headers).await.status.as_u16(), 404, "{headers:?}");
    }
    let elsewhere = TestApp::start_https().await;
    assert_eq!(elsewhere.anon().get("/outbox/last").await.status.as_u16(), 404);
}
