//! What people may choose as a password, and who waits for whom while passwords are hashed.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use argon2::{Algorithm, Argon2, Params, Version, password_hash::PasswordHasher as _};
use http::{StatusCode, header};
use tokio::task::JoinSet;
use vestibule::{
    api::SignIn,
    model::{AppError, FormOutcome, Rejection},
    server::{config::Config, db::Statement},
};

use crate::support::{ALICE, Actor, BOB, TestApp, TestResponse, User, WRONG_PASSWORD};

const COMMON: &str =
    "This password is on lists of common and stolen ones, which are tried first. Choose another.";
const EASY: &str = "This password is easy to guess. A few unrelated words make a better one.";
const PERSONAL: &str = "Choose a password that is more than your name or email address.";
const SITE: &str = "Choose a password that is more than the name of this site.";
/// A password for each reason to refuse it, when Alice chooses it on `app.example`.
const REFUSED: [(&str, &str); 9] = [
    ("password", COMMON),
    ("12345678", COMMON),
    ("Password123!", COMMON),
    ("aaaaaaaaaaaaaaaaaa", EASY),
    ("Summer2025!", EASY),
    ("aliceliddell1", PERSONAL),
    ("alice@example.org", PERSONAL),
    ("Vestibule1!", SITE),
    ("vestibule-app", SITE),
];
/// How many sign-ins of strangers there is room for.
const STRANGERS: usize = 25;

async fn register(actor: &Actor, password: &str) -> FormOutcome {
    let fields = [("name", ALICE.name), ("email", ALICE.email), ("password", password)];
    actor.call("/api/register", &fields).await.json()
}

#[tokio::test]
async fn registration_refuses_passwords_that_are_tried_first_and_says_why() {
    let app = TestApp::start_https().await;
    for (password, reason) in REFUSED {
        let outcome = register(&app.anon(), password).await;
        assert_eq!(outcome, FormOutcome::Rejected(Rejection::field("password", reason)), "{password}");
    }
    assert_eq!(app.number("SELECT count(*) FROM accounts").await, 0);
    assert_eq!(app.number("SELECT count(*) FROM events").await, 0);
    assert_eq!(app.state.app.hasher.work_done(), 0, "nothing was hashed");
    register(&app.anon(), "alice and seven impossible herons").await;
    assert_eq!(app.number("SELECT count(*) FROM accounts").await, 1);
}

#[tokio::test]
async fn without_javascript_the_reason_stands_beside_the_field() {
    let app = TestApp::start().await;
    let alice = app.anon();
    let fields = [("name", ALICE.name), ("email", ALICE.email), ("password", "Password123")];
    alice.post("/api/register", &fields).await.leads_to("/register");
    let page = alice.get("/register").await;
    page.shows(COMMON);
    page.shows(r#"aria-invalid="true""#);
    page.hides("Password123");
}

#[tokio::test]
async fn a_change_of_the_password_refuses_them_too_and_the_current_one() {
    let app = TestApp::start_https().await;
    let alice = app.alice().await;
    let events = app.number("SELECT count(*) FROM events").await;
    let change = async |new| {
        let fields = [("current_password", ALICE.password), ("new_password", new)];
        alice.call("/api/change_password", &fields).await.json::<FormOutcome>()
    };
    let current = (ALICE.password, "This is your current password. Choose another.");
    for (password, reason) in REFUSED.into_iter().chain([current]) {
        let rejection = Rejection::field("new_password", reason);
        assert_eq!(change(password).await, FormOutcome::Rejected(rejection), "{password}");
    }
    assert_eq!(app.number("SELECT count(*) FROM events").await, events, "nothing was written");
    app.anon().sign_in(ALICE).await;
    assert!(matches!(change("seven impossible herons").await, FormOutcome::Accepted { .. }));
}

#[tokio::test]
async fn a_wrong_password_is_the_same_work_whatever_hash_is_stored() {
    let app = TestApp::start().await;
    app.alice().await;
    let work_of = async |email| {
        let before = app.state.app.hasher.work_done();
        app.anon().fail_to_sign_in(email).await;
        app.state.app.hasher.work_done() - before
    };
    let unknown = work_of("nobody@example.org").await;
    assert_eq!(unknown, 2 * 19 * 1024);
    for (memory, passes) in [(19 * 1024, 2), (7 * 1024, 1), (12 * 1024, 3), (40 * 1024, 3)] {
        store_hash(&app, memory, passes).await;
        let known = work_of(ALICE.email).await;
        let unknown = work_of("nobody@example.org").await;
        assert!(known.abs_diff(unknown) < 16, "{memory} KiB, {passes} passes: {known}, not {unknown}");
    }
}

/// Gives Alice a hash with other parameters.
async fn store_hash(app: &TestApp, memory: u32, passes: u32) {
    let params = Params::new(memory, passes, 1, None).expect("valid parameters");
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let hash = argon2.hash_password_with_salt(ALICE.password.as_bytes(), &[1; 16]).expect("hashed");
    let update = Statement::new("UPDATE accounts SET password_hash = $1").bind(hash.to_string());
    update.execute(app.db().writer()).await.expect("updated");
}

/// Many who sign in at the same time.
#[derive(Debug)]
struct Crowd {
    requests: JoinSet<TestResponse>,
    /// How many have had their turn.
    hashed: Arc<AtomicUsize>,
}

impl Crowd {
    fn of_strangers(app: &TestApp) -> Self {
        let nobody = User { email: "nobody@example.org", password: WRONG_PASSWORD, ..ALICE };
        Self::sign_in(app, nobody, None)
    }

    /// Twice as many as there is room for, in browsers with this device cookie.
    fn sign_in(app: &TestApp, user: User, device: Option<String>) -> Self {
        let hashed = Arc::new(AtomicUsize::new(0));
        let mut requests = JoinSet::new();
        for _ in 0..2 * STRANGERS {
            let (browser, hashed) = (app.anon().with_device_cookie(device.clone()), hashed.clone());
            requests.spawn(async move {
                let fields = [("email", user.email), ("password", user.password)];
                let answer = browser.call("/api/sign_in", &fields).await;
                hashed.fetch_add((answer.status == StatusCode::OK).into(), Ordering::SeqCst);
                answer
            });
        }
        Self { requests, hashed }
    }

    /// Waits for one who finds no place.
    async fn refused(&mut self) -> TestResponse {
        loop {
            let answer = self.requests.join_next().await.expect("all have found one").expect("no panic");
            if answer.status != StatusCode::OK {
                return answer;
            }
        }
    }

    fn hashed(&self) -> usize {
        self.hashed.load(Ordering::SeqCst)
    }
}

fn hash_one_at_a_time(config: &mut Config) {
    config.passwords.at_a_time = 1;
    config.passwords.waiting = STRANGERS - 1;
    config.passwords.passes = 4;
}

#[tokio::test]
async fn a_step_up_and_a_change_of_the_password_do_not_wait_behind_strangers() {
    let app = TestApp::start_with(hash_one_at_a_time).await;
    let alice = app.alice().await;
    let mut strangers = Crowd::of_strangers(&app);
    let refused = strangers.refused().await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(refused.json::<AppError>(), AppError::Busy);
    assert!(!refused.header(header::RETRY_AFTER).is_empty());

    alice.post("/api/confirm", &[("password", ALICE.password)]).await.leads_to("/");
    let passwords = [("current_password", ALICE.password), ("new_password", "seven impossible herons")];
    alice.post("/api/change_password", &passwords).await.leads_to("/account/security");
    let hashed = strangers.hashed();
    assert!(hashed < STRANGERS / 2, "{hashed} of {STRANGERS} strangers were ahead");
    strangers.requests.join_all().await;
    app.anon().sign_in(User { password: "seven impossible herons", ..ALICE }).await;
}

/// Right passwords are not limited, but those of one account keep the others waiting only for a moment.
#[tokio::test]
async fn an_account_that_is_signed_in_to_all_the_time_waits_among_strangers() {
    let app = TestApp::start_with(|config| {
        hash_one_at_a_time(config);
        config.limits.known_burst = 2;
    })
    .await;
    let (alice, bob) = (app.alice().await, app.anon());
    bob.register(BOB).await;
    let mut crowd = Crowd::sign_in(&app, ALICE, alice.device_cookie());
    assert_eq!(crowd.refused().await.json::<AppError>(), AppError::Busy, "she has filled a queue");

    bob.post("/api/confirm", &[("password", BOB.password)]).await.leads_to("/");
    let hashed = crowd.hashed();
    assert!(hashed < STRANGERS / 2, "{hashed} of {STRANGERS} were ahead");
    for answer in crowd.requests.join_all().await {
        let statuses = [StatusCode::OK, StatusCode::SERVICE_UNAVAILABLE];
        assert!(statuses.contains(&answer.status), "{}", answer.status);
    }

    alice.post("/api/confirm", &[("password", ALICE.password)]).await.leads_to("/");
    let mut strangers = Crowd::of_strangers(&app);
    strangers.refused().await;
    let change = [("current_password", ALICE.password), ("new_password", "seven impossible herons")];
    let answer = alice.call("/api/change_password", &change).await;
    let hashed = strangers.hashed();
    let is_behind = answer.status == StatusCode::SERVICE_UNAVAILABLE || hashed > STRANGERS / 2;
    assert!(is_behind, "{} after {hashed} of {STRANGERS} strangers", answer.status);
}

#[test]
fn the_arguments_of_a_server_function_do_not_show_a_password() {
    let password = ALICE.password.to_owned().into();
    let arguments = SignIn { email: ALICE.email.to_owned(), password, remember: None, next: None };
    let shown = format!("{arguments:?}");
    assert!(shown.contains(ALICE.email) && !shown.contains(ALICE.password), "{shown}");
}
