//! Headers of every response, and static files.

use std::{collections::HashSet, time::Duration};

use http::{HeaderName, Method, StatusCode, header};

use vestibule::server::config::PublicUrl;

use crate::support::{ALICE, Actor, SCRIPT, SCRIPT_BROTLI, SCRIPT_GZIP, SCRIPT_PATH, TestApp, TestResponse};

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// One response of every kind: pages, redirects, refusals, files, probes, errors.
async fn one_of_each_kind(app: &TestApp) -> Vec<(&'static str, TestResponse)> {
    let (anon, alice) = (app.anon(), app.alice().await);
    let cross_site = anon.request(Method::POST, "/api/sign_in").header("sec-fetch-site", "cross-site");
    let huge = anon.request(Method::POST, "/api/sign_in").body("a".repeat(70_000));
    vec![
        ("page", anon.get("/login").await),
        ("signed-in page", alice.get("/").await),
        ("redirect to sign-in", anon.get("/").await),
        ("redirect home", alice.get("/login").await),
        ("redirect of a form", anon.fail_to_sign_in("x").await),
        ("outcome", anon.call("/api/sign_in", &[("email", "x"), ("password", "")]).await),
        ("refused function", anon.call("/api/rename", &[("name", "x")]).await),
        ("bad request", anon.call("/api/sign_in", &[]).await),
        ("cross-site", cross_site.send().await),
        ("too large", huge.send().await),
        ("not found", anon.get("/nowhere").await),
        ("not found, for scripts", anon.call("/nowhere", &[]).await),
        ("wrong method", anon.request(Method::DELETE, "/login").send().await),
        ("file", anon.get(SCRIPT_PATH).await),
        ("probe", anon.get("/healthz").await),
    ]
}

#[tokio::test]
async fn every_response_has_security_headers() {
    let app = TestApp::start().await;
    for (kind, response) in one_of_each_kind(&app).await {
        let header = |name: &'static str| response.header(HeaderName::from_static(name));
        assert_eq!(header("x-content-type-options"), "nosniff", "{kind}");
        assert_eq!(header("x-frame-options"), "DENY", "{kind}");
        assert_eq!(header("referrer-policy"), "same-origin", "{kind}");
        assert_eq!(header("cross-origin-opener-policy"), "same-origin", "{kind}");
        assert_eq!(header("cross-origin-resource-policy"), "same-origin", "{kind}");
        assert!(header("permissions-policy").contains("camera=()"), "{kind}");
        assert_eq!(header("strict-transport-security"), "", "{kind}: not over http");
        let policy = header("content-security-policy");
        for rule in ["default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'"]
        {
            assert!(policy.contains(rule), "{kind}: {policy}");
        }
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{kind}: {policy}");
        assert!(!policy.contains('*') && !policy.contains("http:"), "{kind}: {policy}");
    }
}

#[tokio::test]
async fn over_https_every_response_has_hsts() {
    let app = TestApp::start_https().await;
    for (kind, response) in one_of_each_kind(&app).await {
        assert_eq!(response.header(header::STRICT_TRANSPORT_SECURITY), "max-age=31536000", "{kind}");
    }
}

#[tokio::test]
async fn hsts_is_for_domains_and_can_be_set() {
    for (url, expected) in [
        ("https://localhost:3000", ""),
        ("https://app.localhost", ""),
        ("https://127.0.0.1", ""),
        ("https://192.0.2.7", ""),
        ("https://[2001:db8::7]", ""),
        ("http://localhost", ""),
        ("https://app.example:8443", "max-age=31536000"),
    ] {
        let url = PublicUrl::try_from(url.to_owned()).expect("a URL");
        let app = TestApp::start_with(|config| config.public_url = url.clone()).await;
        let login = app.anon().get("/login").await;
        assert_eq!(login.header(header::STRICT_TRANSPORT_SECURITY), expected, "{url:?}");
    }
    let app = TestApp::start_with(|config| {
        config.public_url = PublicUrl::try_from("https://app.example".to_owned()).expect("a URL");
        config.http.hsts_max_age = Duration::ZERO;
        config.http.hsts_include_subdomains = true;
    });
    let login = app.await.anon().get("/login").await;
    assert_eq!(login.header(header::STRICT_TRANSPORT_SECURITY), "max-age=0; includeSubDomains");
}

#[tokio::test]
async fn pages_have_no_inline_scripts_or_styles() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    for (actor, path) in
        [(&app.anon(), "/login"), (&app.anon(), "/register"), (&alice, "/"), (&alice, "/account")]
    {
        let page = actor.get(path).await;
        let policy = page.header(header::CONTENT_SECURITY_POLICY);
        assert!(policy.contains("script-src 'self' 'wasm-unsafe-eval';"), "{policy}");
        assert!(!policy.contains("unsafe-inline") && !policy.contains("nonce"), "{policy}");
        let scripts: Vec<_> = page.text().split("<script").skip(1).collect();
        assert_eq!(scripts.len(), 1, "{path} has the script that starts the islands");
        for script in scripts {
            let (tag, rest) = script.split_once('>').expect("a tag");
            assert!(tag.contains(" src=\"/start.js?"), "{path}: <script{tag}>");
            assert!(rest.starts_with("</script>"), "{path}: {rest}");
        }
        for inline in [" style=\"", "<style", "nonce", " onclick=", "javascript:"] {
            page.hides(inline);
        }
    }
}

#[tokio::test]
async fn only_static_files_may_be_cached() {
    let app = TestApp::start().await;
    for (kind, response) in one_of_each_kind(&app).await {
        let policy = response.header(header::CACHE_CONTROL);
        if kind == "file" {
            assert!(policy.starts_with("public"), "{policy}");
        } else {
            assert_eq!(policy, "no-store, no-transform", "{kind}");
        }
    }
}

async fn file(actor: &Actor, encodings: &str) -> TestResponse {
    let response = actor.request(Method::GET, SCRIPT_PATH).header("accept-encoding", encodings).send().await;
    assert_eq!(response.status, StatusCode::OK);
    assert_eq!(response.header(header::CACHE_CONTROL), "public, max-age=31536000, immutable");
    assert!(response.header(header::CONTENT_TYPE).starts_with("text/javascript"), "{:?}", response.headers);
    response
}

#[tokio::test]
async fn hashed_files_are_served_precompressed_and_immutable() {
    let app = TestApp::start().await;
    let anon = app.anon();
    for (encodings, encoding, body) in [
        ("br", "br", SCRIPT_BROTLI),
        ("gzip, deflate, br, zstd", "br", SCRIPT_BROTLI),
        ("gzip", "gzip", SCRIPT_GZIP),
        ("identity", "", SCRIPT.as_bytes()),
        ("br;q=0, gzip", "gzip", SCRIPT_GZIP),
    ] {
        let response = file(&anon, encodings).await;
        assert_eq!(response.header(header::CONTENT_ENCODING), encoding, "{encodings}");
        assert_eq!(response.body, body, "{encodings}");
        assert_eq!(response.header(header::VARY).to_lowercase(), "accept-encoding", "{encodings}");
    }
}

#[tokio::test]
async fn wasm_has_the_content_type_for_streaming_compilation() {
    let app = TestApp::start().await;
    let page = app.anon().get("/login").await;
    let path = page.text().split('"').find(|text| text.ends_with(".wasm")).expect("a path");
    let response = app.anon().get(path).await;
    assert_eq!(response.header(header::CONTENT_TYPE), "application/wasm");
    assert_eq!(response.header(header::CACHE_CONTROL), "public, max-age=31536000, immutable");
}

#[tokio::test]
async fn files_without_a_hash_are_revalidated() {
    let app = TestApp::start().await;
    let response = app.anon().get("/robots.txt").await;
    assert_eq!(response.status, StatusCode::OK);
    let modified = response.header(header::LAST_MODIFIED);
    assert!(!response.header(header::CACHE_CONTROL).contains("immutable"));
    let anon = app.anon();
    let again = anon.request(Method::GET, "/robots.txt").header("if-modified-since", modified).send().await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);
}

#[tokio::test]
async fn a_missing_file_is_not_cached() {
    let app = TestApp::start().await;
    let response = app.anon().get("/pkg/vestibule.Zz99Zz99.js").await;
    assert_eq!(response.status, StatusCode::NOT_FOUND);
    assert_eq!(response.header(header::CACHE_CONTROL), "no-store, no-transform");
}

#[tokio::test]
async fn every_response_has_a_new_request_id() {
    let app = TestApp::start().await;
    let mut seen = HashSet::new();
    for (kind, response) in one_of_each_kind(&app).await {
        let id = response.header(X_REQUEST_ID).to_owned();
        assert_eq!(id.len(), 12, "{kind}: {id}");
        assert!(seen.insert(id), "{kind}: duplicate request id");
    }
    let anon = app.anon();
    let response = anon
        .request(Method::GET, "/nowhere")
        .accept("text/html")
        .header("x-request-id", "forged")
        .send()
        .await;
    assert_ne!(response.header(X_REQUEST_ID), "forged");
    assert!(
        response.text().contains(response.header(X_REQUEST_ID)),
        "the page shows the request id: {}",
        response.text()
    );
}

#[tokio::test]
async fn not_found_is_a_page_for_browsers_and_plain_text_for_others() {
    let app = TestApp::start().await;
    let page = app.anon().get("/nowhere").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert_eq!(page.header(header::CONTENT_TYPE), "text/html; charset=utf-8");
    for part in ["Page not found", "<!DOCTYPE html>", "lang=\"en\"", "vestibule.Ij90Kl12.css", "href=\"/\""] {
        assert!(page.text().contains(part), "{part:?} is not in {}", page.text());
    }
    let anon = app.anon();
    let plain = anon.request(Method::GET, "/nowhere").accept("application/json").send().await;
    assert_eq!(plain.status, StatusCode::NOT_FOUND);
    assert_eq!(plain.header(header::CONTENT_TYPE), "text/plain; charset=utf-8");
    assert!(!plain.text().contains('<'), "{}", plain.text());
}

#[tokio::test]
async fn pages_have_a_content_length_and_no_server_header() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let page = alice.get("/").await;
    page.shows(ALICE.name);
    assert_eq!(page.header(header::CONTENT_LENGTH), page.body.len().to_string());
    assert_eq!(page.header(header::CONTENT_TYPE), "text/html; charset=utf-8");
    assert_eq!(page.header(header::SERVER), "");
}

/// Links and cookies follow `public_url` alone: otherwise, the sender of these headers would choose where they lead.
#[tokio::test]
async fn forwarded_names_and_schemes_are_not_believed() {
    let proxies = vec!["127.0.0.1/32".parse().expect("a network")];
    let app = TestApp::start_with(|config| config.http.trusted_proxies = proxies).await;
    app.alice().await;
    let anon = app.anon();
    let forwarded = |method, path| {
        let request = anon.request(method, path).accept("text/html").header("x-forwarded-proto", "https");
        request
            .header("x-forwarded-host", "evil.example")
            .header("forwarded", "for=6.6.6.6;host=evil.example;proto=https")
    };
    let redirect = forwarded(Method::GET, "/").send().await;
    assert_eq!(redirect.location(), "/login?next=%2F");
    assert_eq!(redirect.header(header::STRICT_TRANSPORT_SECURITY), "");
    let fields = [("email", ALICE.email), ("password", ALICE.password)];
    let signed_in = forwarded(Method::POST, "/api/sign_in").form(&fields).send().await;
    assert_eq!(signed_in.location(), "/");
    let cookie = signed_in.set_cookies().join("\n");
    assert!(!cookie.is_empty() && !cookie.contains("Secure") && !cookie.contains("__Host-"), "{cookie}");
    assert!(!forwarded(Method::GET, "/login").send().await.text().contains("evil.example"));
}
