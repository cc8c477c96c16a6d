//! What a person typed is text wherever it is shown: a parser finds the same elements in a page as for a harmless
//! word, and the text itself unchanged.

mod outline;

use std::time::Duration;

use http::{Method, StatusCode, header};
use vestibule::server::{
    db::Dialect,
    domain::{Client, SessionHandle},
    sessions::RequestSession,
};

use self::outline::{HARMLESS, Part, assert_same, outline, percent_encoded, with_payload};
use crate::support::{ALICE, Actor, TestApp, TestResponse, encode, payloads, statement};

/// Pages of an account. The first shows the notice of the form before it.
const PAGES: [&str; 2] = ["/account", "/account/sessions"];
/// Further ones, which show less: one of them for each text.
const OTHER_PAGES: [&str; 4] = ["/", "/account/security", "/account/activity", "/confirm"];

/// The payloads that a database can hold.
fn storable(app: &TestApp) -> Vec<String> {
    let holds_nul = app.db().dialect() == Dialect::Sqlite;
    payloads().into_iter().filter(|payload| holds_nul || !payload.contains('\0')).collect()
}

/// The text in the place of everything that is stored of a person, past all rules about it.
async fn store(app: &TestApp, text: &str) {
    let account = statement("UPDATE accounts SET name = $1, email = $1".to_owned());
    account.bind(text).execute(app.db().writer()).await.expect("stored");
    for column in ["user_agent", "address"] {
        app.damage_sessions(&[(column, text)]).await;
    }
}

/// The first pages of the account and another one, with the text as the notice of the first.
async fn pages_with(app: &TestApp, actor: &Actor, text: &str, other: &str) -> [Vec<Part>; 3] {
    store(app, text).await;
    set_notice(app, actor, text).await;
    let [first, second] = PAGES;
    let mut pages = [first, second, other].map(|path| (path, Vec::new()));
    for (path, parts) in &mut pages {
        let page = actor.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path} with {text:?}");
        *parts = outline(page.text());
    }
    pages.map(|(_, parts)| parts)
}

async fn set_notice(app: &TestApp, actor: &Actor, text: &str) {
    let mut headers = http::HeaderMap::new();
    headers.insert(header::COOKIE, actor.cookie().expect("a cookie").parse().expect("a header"));
    let cookie = app.state.session_cookie.read(&headers);
    let engine = app.state.app.sessions.clone();
    let session = RequestSession::open(engine, cookie, Client::command_line(), false).await;
    session.set_flash(text).await.expect("set");
    session.close().await;
}

fn mentions(page: &[Part]) -> bool {
    page.iter().any(|part| match part {
        Part::Text(text) | Part::Attribute { value: text, .. } => text.contains(HARMLESS),
        _ => false,
    })
}

#[tokio::test]
async fn what_is_stored_of_a_person_is_text_on_every_page() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let mut harmless = Vec::new();
    for other in OTHER_PAGES {
        harmless.push(pages_with(&app, &alice, HARMLESS, other).await);
    }
    assert!(
        harmless.iter().flatten().all(|page| mentions(page)),
        "every page shows something that was typed"
    );
    for (payload, turn) in storable(&app).iter().zip((0..OTHER_PAGES.len()).cycle()) {
        let pages = pages_with(&app, &alice, payload, OTHER_PAGES[turn]).await;
        for (page, harmless) in pages.iter().zip(&harmless[turn]) {
            assert_same(page, &with_payload(harmless, payload), payload);
        }
    }
}

#[tokio::test]
async fn what_was_rejected_is_text_in_its_field() {
    let app = TestApp::start().await;
    let forms = [
        ("/api/register", "/register", ["name", "email"].as_slice(), 1),
        ("/api/sign_in", "/login", &["email"], 4),
    ];
    for (function, page, fields, step) in forms {
        let rejected = async |text: &str| {
            let anon = app.anon();
            let mut form: Vec<(&str, &str)> = fields.iter().map(|field| (*field, text)).collect();
            form.push(("password", ""));
            anon.post(function, &form).await.leads_to(page);
            outline(anon.get(page).await.text())
        };
        let harmless = rejected(HARMLESS).await;
        assert!(mentions(&harmless), "{page} gives back what was typed");
        for payload in payloads().into_iter().step_by(step) {
            assert_same(&rejected(&payload).await, &with_payload(&harmless, &payload), &payload);
        }
    }
}

#[tokio::test]
async fn a_return_address_is_text_in_its_field_and_in_links() {
    let app = TestApp::start().await;
    let login = async |next: &str| {
        outline(app.anon().get(&format!("/login?next={}", percent_encoded(next))).await.text())
    };
    let none = login("//").await;
    let harmless = login(&format!("/account?q={HARMLESS}")).await;
    assert!(mentions(&harmless));
    let mut kept = 0;
    for payload in payloads() {
        let page = login(&format!("/account?q={payload}")).await;
        if page.len() == none.len() {
            assert_same(&page, &none, &payload);
        } else {
            kept += 1;
            assert_same(&page, &with_payload(&harmless, &payload), &payload);
        }
    }
    assert!(kept > 50, "only {kept} are kept");
}

#[tokio::test]
async fn an_error_page_shows_nothing_of_the_request() {
    let app = TestApp::start().await;
    let error = async |query: &str| {
        let (actor, path) = (app.anon(), format!("/nothing/{query}?q={query}"));
        let request = actor.request(Method::GET, &path).accept("text/html").header("x-request-id", query);
        let response = request.header("user-agent", query).header("referer", query).send().await;
        assert_eq!(response.status, StatusCode::NOT_FOUND, "{path}");
        let reference = response.header(header::HeaderName::from_static("x-request-id"));
        outline(&response.text().replace(reference, "the reference"))
    };
    let harmless = error(HARMLESS).await;
    assert!(!mentions(&harmless));
    for payload in payloads() {
        let encoded = encode(&[("", &payload)]).split_off(1);
        assert_same(&error(&encoded).await, &harmless, &payload);
    }
}

#[tokio::test]
async fn answers_to_scripts_are_json_with_our_words_alone() {
    let app = TestApp::start().await;
    let call = async |text: &str| -> TestResponse {
        let fields = [("name", text), ("email", text), ("password", ""), ("next", text)];
        app.anon().call("/api/register", &fields).await
    };
    for payload in payloads() {
        let response = call(&payload).await;
        assert_eq!(response.header(header::CONTENT_TYPE), "application/json", "{payload:?}");
        assert_eq!(response.header(header::X_CONTENT_TYPE_OPTIONS), "nosniff");
        response.json::<serde_json::Value>();
        // One character may be named, between quotation marks.
        let words = ["“<”", "“>”", "“&”"]
            .iter()
            .fold(response.text().to_owned(), |text, named| text.replace(named, ""));
        assert!(!words.contains(['<', '>', '&']), "{payload:?}: {}", response.text());
    }
}

#[tokio::test]
async fn commands_print_one_plain_line_for_each_session() {
    // The command uses the clock of the machine, which is ahead of the one of the test.
    let app = TestApp::start_with(|config| {
        config.sessions.absolute_timeout = Duration::from_hours(24 * 3650);
        config.sessions.idle_timeout = config.sessions.absolute_timeout;
    })
    .await;
    let alice = app.alice().await;
    let handle = app.session_of(&alice).await.handle;
    assert!(SessionHandle::parse(handle.clone()).is_some());
    let text = "\u{1b}[2J\u{202e}a\nb\u{2028}<b>";
    for column in ["user_agent", "address"] {
        app.damage_sessions(&[(column, text)]).await;
    }
    let list = app.run(&["session", "list", ALICE.email]).await;
    assert_eq!(list.lines().count(), 1, "{list:?}");
    assert!(list.starts_with(&handle), "{list:?}");
    assert!(!list.trim_end().contains(|char: char| char.is_control() || char == '\u{202e}'), "{list:?}");
}
