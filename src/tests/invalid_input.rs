//! Input that nobody sends by accident: a 4xx or an error beside a field, never a fault.

use http::{Method, StatusCode};
use vestibule::model::{FormOutcome, Rejection};

use crate::support::{ALICE, Actor, TestResponse, TestApp, encode};

/// Every function that takes fields, with values that are fine.
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

/// A body in which `bad`, already encoded, stands in the place of one field's value.
fn body_with(fields: &[(&str, &str)], field: &str, bad: &[u8]) -> Vec<u8> {
    let others: Vec<_> = fields.iter().copied().filter(|(name, _)| *name != field).collect();
    let mut body = format!("{}&{field}=", encode(&others)).into_bytes();
    body.extend_from_slice(bad);
    body
}

fn rejection(answer: &TestResponse) -> Rejection {
    match answer.json() {
        FormOutcome::Rejected(rejection) => rejection,
        FormOutcome::Accepted { next } => panic!("accepted, and leads to {next:?}"),
    }
}

/// Asserts that the server is as well as before.
async fn still_serves(app: &TestApp) {
    let alice = app.anon();
    alice.sign_in(ALICE).await;
    alice.is_signed_in().await;
}

#[tokio::test]
async fn no_value_of_any_field_is_a_fault() {
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
                    let answer = post(&app.anon(), function, kind, body_with(fields, field, bad)).await;
                    let bad = String::from_utf8_lossy(bad);
                    let seen = format!("{function} {field}={bad}: {} {}", answer.status, answer.text());
                    assert!(!answer.status.is_server_error(), "{seen}");
                    assert!(!answer.text().contains("<script>alert"), "{seen}");
                }
            }
        }
    }
    still_serves(&app).await;
}

#[tokio::test]
async fn bytes_that_are_no_text_are_a_bad_request() {
    let app = TestApp::start().await;
    for (function, fields) in FUNCTIONS {
        for (field, _) in fields {
            for bad in [&b"\xff"[..], b"abc\xc3", b"\xed\xa0\x80", b"\xc0\x80"] {
                let answer = post(&app.anon(), function, "*/*", body_with(fields, field, bad)).await;
                assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{function} {field}: {}", answer.text());
                assert_eq!(answer.text(), r#""BadRequest""#);
            }
        }
    }
}

#[tokio::test]
async fn a_null_character_is_an_error_beside_its_field() {
    let app = TestApp::start().await;
    let (_, fields) = FUNCTIONS[1];
    for field in ["name", "email", "password"] {
        let answer =
            post(&app.anon(), "/api/register", "*/*", body_with(fields, field, b"Al%00ice%40x")).await;
        let fields = rejection(&answer).fields;
        assert_eq!(fields.len(), 1, "{field}: {fields:?}");
        assert_eq!(fields[0].0, field);
    }
    assert_eq!(app.number("SELECT count(*) FROM accounts").await, 0);
}

#[tokio::test]
async fn fields_that_are_empty_or_too_long_are_errors_beside_them() {
    let app = TestApp::start().await;
    let long = "a".repeat(20_000);
    for (function, fields) in &FUNCTIONS[..2] {
        for (field, _) in fields.iter().filter(|(name, _)| ["name", "email", "password"].contains(name)) {
            for bad in ["", long.as_str()] {
                let body = body_with(fields, field, bad.as_bytes());
                let answer = post(&app.anon(), function, "*/*", body).await;
                let problems = rejection(&answer).fields;
                assert_eq!(problems.len(), 1, "{function} {field}: {problems:?}");
                assert_eq!(problems[0].0, *field);
            }
        }
    }
}

#[tokio::test]
async fn a_long_field_does_not_come_back_whole() {
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
        let answer = app.anon().call("/api/register", &fields).await;
        assert_eq!(rejection(&answer).fields.len(), 1, "{email:?}");
    }
}

#[tokio::test]
async fn markup_is_shown_as_it_was_typed() {
    let app = TestApp::start().await;
    let mallory = app.anon();
    let fields = [("name", MARKUP), ("email", "<b>m</b>@example.org"), ("password", ALICE.password)];
    mallory.post("/api/register", &fields).await.leads_to("/");
    let home = mallory.get("/").await;
    home.shows("&lt;script&gt;alert(1)&lt;/script&gt;");
    home.shows("&lt;b&gt;m&lt;/b&gt;@example.org");
    for raw in ["<script>alert", "</script>\"", "<img src=x", "<b>m</b>"] {
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
            let answer = app.anon().call(function, &others).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{function} without {field}");
            assert_eq!(answer.text(), r#""BadRequest""#);
            let page = app.anon().post(function, &others).await;
            assert_eq!(page.status, StatusCode::BAD_REQUEST, "{function} without {field}");
            assert!(page.text().contains("That did not work"), "{}", page.text());
        }
    }
}

#[tokio::test]
async fn bodies_of_another_shape_are_a_bad_request() {
    let app = TestApp::start().await;
    let deep = format!("email{}=x&password=y", "[a]".repeat(200));
    let bodies =
        ["", "&&&&", "=&=&=", "email", "email[]=x&password=y", "email[a]=b&password[0]=c", "{}", "\0", &deep];
    for body in bodies {
        for (function, _) in &FUNCTIONS[..2] {
            for kind in ["text/html", "application/json"] {
                let answer = post(&app.anon(), function, kind, body.to_owned()).await;
                assert!(answer.status.is_client_error(), "{function} {body:?}: {}", answer.status);
            }
        }
    }
}

#[tokio::test]
async fn garbage_in_the_query_of_a_page_is_ignored() {
    let app = TestApp::start().await;
    let garbage =
        ["next", "next=", "next=%FF", "next=%00", "next[]=x", "next=a&next=//b", "%", "=", "a=<script>"];
    for query in garbage {
        let page = app.anon().get(&format!("/login?{query}")).await;
        page.shows("<form");
        page.hides("name=\"next\"");
        page.hides("<script>\"");
    }
}

#[tokio::test]
async fn an_unknown_function_does_not_exist() {
    let app = TestApp::start().await;
    for path in ["/api/nothing", "/api/", "/api", "/api/sign_in/", "/api/sign_in1234", "/api//sign_in"] {
        for kind in ["text/html", "application/json"] {
            let answer = post(&app.anon(), path, kind, "email=x").await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        }
    }
}
