//! Hostile input is a 4xx or an error of a field, never a 5xx.

use http::{Method, StatusCode};
use vestibule::model::{FormOutcome, Rejection};

use crate::support::{ALICE, Actor, TestApp, TestResponse, encode};

/// Functions that take fields, with valid values.
const FUNCTIONS: [(&str, &[(&str, &str)]); 3] = [
    (
        "/api/sign_in",
        &[("email", ALICE.email), ("password", ALICE.password), ("remember", "on"), ("next", "/")],
    ),
    (
        "/api/register",
        &[("name", ALICE.name), ("email", "new@example.org"), ("password", "fine and long"), ("next", "/")],
    ),
    ("/api/rate_password", &[("password", ALICE.password)]),
];

const MARKUP: &str = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>";

async fn post(actor: &Actor, path: &str, kind: &str, body: impl Into<reqwest::Body>) -> TestResponse {
    actor.request(Method::POST, path).accept(kind).body(body).send().await
}

/// A body in which one field has the value `bad`, which is already encoded.
fn body_with(fields: &[(&str, &str)], field: &str, bad: &[u8]) -> Vec<u8> {
    let others: Vec<_> = fields.iter().copied().filter(|(name, _)| *name != field).collect();
    let mut body = format!("{}&{field}=", encode(&others)).into_bytes();
    body.extend_from_slice(bad);
    body
}

fn rejection(response: &TestResponse) -> Rejection {
    match response.json() {
        FormOutcome::Rejected(rejection) => rejection,
        FormOutcome::Accepted { next, .. } => panic!("accepted, with redirect to {next:?}"),
    }
}

/// Asserts that the server still works.
async fn still_works(app: &TestApp) {
    let alice = app.anon();
    alice.sign_in(ALICE).await;
    alice.is_signed_in().await;
}

#[tokio::test]
async fn no_value_of_any_field_causes_a_server_error() {
    let app = TestApp::start().await;
    app.alice().await;
    let long = "a".repeat(20_000);
    let markup = encode(&[("", MARKUP)]).split_off(1);
    let values: [&[u8]; 16] = [
        b"",
        b"+",
        b"%00",
        b"a%00b%40c",
        b"%FF",
        b"\xff\xfe",
        b"%C3%28",
        b"%ED%A0%80",
        b"%zz",
        b"%",
        b"%0d%0a",
        b"%E2%80%AE",
        b"a&email=b",
        b"[]",
        long.as_bytes(),
        markup.as_bytes(),
    ];
    for (function, fields) in FUNCTIONS {
        for (field, _) in fields {
            for bad in values {
                for kind in ["text/html", "application/json"] {
                    let response = post(&app.anon(), function, kind, body_with(fields, field, bad)).await;
                    let bad = String::from_utf8_lossy(bad);
                    let context =
                        format!("{function} {field}={bad}: {} {}", response.status, response.text());
                    assert!(!response.status.is_server_error(), "{context}");
                    assert!(!response.text().contains("<script>alert"), "{context}");
                }
            }
        }
    }
    still_works(&app).await;
}

#[tokio::test]
async fn invalid_utf8_is_a_bad_request() {
    let app = TestApp::start().await;
    for (function, fields) in FUNCTIONS {
        for (field, _) in fields {
            for bad in [&b"\xff"[..], b"abc\xc3", b"\xed\xa0\x80", b"\xc0\x80"] {
                let response = post(&app.anon(), function, "*/*", body_with(fields, field, bad)).await;
                assert_eq!(
                    response.status,
                    StatusCode::BAD_REQUEST,
                    "{function} {field}: {}",
                    response.text()
                );
                assert_eq!(response.text(), r#""BadRequest""#);
            }
        }
    }
}

#[tokio::test]
async fn a_null_character_is_an_error_of_its_field() {
    let app = TestApp::start().await;
    let (_, fields) = FUNCTIONS[1];
    for field in ["name", "email", "password"] {
        let response =
            post(&app.anon(), "/api/register", "*/*", body_with(fields, field, b"Al%00ice%40x")).await;
        let fields = rejection(&response).fields;
        assert_eq!(fields.len(), 1, "{field}: {fields:?}");
        assert_eq!(fields[0].0, field);
    }
    assert_eq!(app.number("SELECT count(*) FROM accounts").await, 0);
}

#[tokio::test]
async fn empty_and_overlong_fields_are_errors() {
    let app = TestApp::start().await;
    let long = "a".repeat(20_000);
    for (function, fields) in &FUNCTIONS[..2] {
        for (field, _) in fields.iter().filter(|(name, _)| ["name", "email", "password"].contains(name)) {
            for bad in ["", long.as_str()] {
                let body = body_with(fields, field, bad.as_bytes());
                let response = post(&app.anon(), function, "*/*", body).await;
                let problems = rejection(&response).fields;
                assert_eq!(problems.len(), 1, "{function} {field}: {problems:?}");
                assert_eq!(problems[0].0, *field);
            }
        }
    }
}

#[tokio::test]
async fn an_overlong_field_is_truncated_when_shown_again() {
    let app = TestApp::start().await;
    let anon = app.anon();
    let long = "n".repeat(5_000);
    let fields = [("name", long.as_str()), ("email", long.as_str()), ("password", "")];
    anon.post("/api/register", &fields).await.leads_to("/register");
    let page = anon.get("/register").await;
    page.shows(&long[..256]);
    page.hides(&long[..257]);
}

#[tokio::test]
async fn an_email_needs_one_at_sign_with_something_on_both_sides() {
    let app = TestApp::start().await;
    for email in ["alice", "@", "alice@", "@example.org", "a@b@c", "alice @example.org", "a\u{7}@example.org"]
    {
        let fields = [("name", ALICE.name), ("email", email), ("password", ALICE.password)];
        let response = app.anon().call("/api/register", &fields).await;
        assert_eq!(rejection(&response).fields.len(), 1, "{email:?}");
    }
}

#[tokio::test]
async fn markup_is_escaped() {
    let app = TestApp::start().await;
    let mallory = app.anon();
    let fields = [("name", MARKUP), ("email", "m&m'`s@example.org"), ("password", ALICE.password)];
    mallory.post("/api/register", &fields).await.leads_to("/");
    let home = mallory.get("/").await;
    home.shows("&lt;script&gt;alert(1)&lt;/script&gt;");
    home.shows("m&amp;m");
    for raw in ["<script>alert", "</script>\"", "<img src=x", "m&m"] {
        home.hides(raw);
    }

    let anon = app.anon();
    anon.post("/api/register", &[("name", MARKUP), ("email", MARKUP), ("password", "x")]).await;
    let page = anon.get("/register").await;
    for raw in ["<script>alert", "</script>\"", "<img src=x", "\"'><"] {
        page.hides(raw);
    }
}

#[tokio::test]
async fn missing_fields_are_a_bad_request() {
    let app = TestApp::start().await;
    for (function, fields) in FUNCTIONS {
        for (field, _) in fields.iter().filter(|(name, _)| ["name", "email", "password"].contains(name)) {
            let others: Vec<_> = fields.iter().copied().filter(|(name, _)| name != field).collect();
            let response = app.anon().call(function, &others).await;
            assert_eq!(response.status, StatusCode::BAD_REQUEST, "{function} without {field}");
            assert_eq!(response.text(), r#""BadRequest""#);
            let page = app.anon().post(function, &others).await;
            assert_eq!(page.status, StatusCode::BAD_REQUEST, "{function} without {field}");
            assert!(page.text().contains("That did not work"), "{}", page.text());
        }
    }
}

#[tokio::test]
async fn bodies_with_other_fields_are_client_errors() {
    let app = TestApp::start().await;
    let deep = format!("email{}=x&password=y", "[a]".repeat(200));
    let bodies =
        ["", "&&&&", "=&=&=", "email", "email[]=x&password=y", "email[a]=b&password[0]=c", "{}", "\0", &deep];
    for body in bodies {
        for (function, _) in &FUNCTIONS[..2] {
            for kind in ["text/html", "application/json"] {
                let response = post(&app.anon(), function, kind, body.to_owned()).await;
                assert!(response.status.is_client_error(), "{function} {body:?}: {}", response.status);
            }
        }
    }
}

#[tokio::test]
async fn an_invalid_query_of_a_page_is_ignored() {
    let app = TestApp::start().await;
    let queries =
        ["next", "next=", "next=%FF", "next=%00", "next[]=x", "next=a&next=//b", "%", "=", "a=<script>"];
    for query in queries {
        let page = app.anon().get(&format!("/login?{query}")).await;
        page.shows("<form");
        page.hides("name=\"next\"");
        page.hides("<script>\"");
    }
}

#[tokio::test]
async fn unknown_functions_are_not_found() {
    let app = TestApp::start().await;
    for path in ["/api/nothing", "/api/", "/api", "/api/sign_in1234", "/api//sign_in"] {
        for kind in ["text/html", "application/json"] {
            let response = post(&app.anon(), path, kind, "email=x").await;
            assert_eq!(response.status, StatusCode::NOT_FOUND, "{path}");
        }
    }
}
