//! What the stories have in common.

use std::{sync::Arc, time::Duration};

use http::Method;
use tokio::time::sleep;
use vestibule::{
    model::{FormOutcome, Rejection},
    server::{
        accounts::Operator, config::Config, credentials::PasswordHasher, db::leases, domain::Clock,
        system::SystemEntropy,
    },
};

use super::mailbox::{Letter, Mailbox};
use crate::support::{Actor, TestApp, TestResponse, User, until};

pub const MILLISECOND: Duration = Duration::from_millis(1);
/// The id of a process that is not there.
const ANOTHER: &str = "another";
pub const DAY: Duration = Duration::from_hours(24);

/// An application that sends mails, and where they arrive.
pub async fn start_with_mail() -> (TestApp, Mailbox) {
    start_with_mail_and(|_| {}).await
}

pub async fn start_with_mail_and(change: impl FnOnce(&mut Config)) -> (TestApp, Mailbox) {
    let (mailbox, configure) = Mailbox::listen().await;
    let app = TestApp::start_with(|config| {
        configure(config);
        change(config);
    });
    (app.await, mailbox)
}

/// An application that puts mails into a folder, and Alice, who has just registered.
pub async fn start_with_alice() -> (TestApp, Mailbox, Actor) {
    let app = TestApp::start().await;
    let (mailbox, alice) = (Mailbox::folder_of(&app), app.alice().await);
    (app, mailbox, alice)
}

impl Actor {
    /// Opens the link of a mail, as a browser does, and returns the page.
    pub async fn open(&self, mail: &Letter) -> TestResponse {
        let path = mail.path();
        let (page, _) = path.rsplit_once('/').expect("a token");
        self.get(&path).await.leads_to(page);
        self.get(page).await
    }

    /// Presses the button on the page of a link that verifies an address.
    pub async fn verify(&self, mail: &Letter) -> FormOutcome {
        self.call("/api/verify_email", &[("token", &mail.token())]).await.json()
    }

    /// Chooses a new password by the link of a mail.
    pub async fn reset(&self, mail: &Letter, password: &str) -> FormOutcome {
        let token = mail.token();
        self.call("/api/reset_password", &[("token", &token), ("password", password)]).await.json()
    }

    pub async fn forget_password(&self, email: &str) -> FormOutcome {
        self.call("/api/forgot_password", &[("email", email)]).await.json()
    }

    pub async fn ask_for_email(&self, email: &str) -> FormOutcome {
        self.call("/api/change_email", &[("email", email)]).await.json()
    }

    /// Tries to sign in; what the form says about it, or nothing.
    pub async fn try_to_sign_in(&self, user: User) -> Option<String> {
        let fields = [("email", user.email), ("password", user.password)];
        match self.call("/api/sign_in", &fields).await.json() {
            FormOutcome::Accepted { .. } => None,
            FormOutcome::Rejected(Rejection { form, .. }) => Some(form.expect("about the form as a whole")),
        }
    }

    pub async fn head(&self, path: &str) -> TestResponse {
        self.request(Method::HEAD, path).accept("text/html").send().await
    }
}

/// An operator at the server, whose clock is that of the test.
pub fn operator(app: &TestApp) -> Operator {
    let (state, entropy) = (&app.state.app, Arc::new(SystemEntropy));
    Operator {
        db: state.db.clone(),
        sessions: state.sessions.clone(),
        clock: app.clock.clone(),
        hasher: PasswordHasher::new(&app.config.passwords, entropy.clone()).expect("a hasher"),
        entropy,
        public_url: app.config.public_url.clone(),
        registration: app.config.registration.policy,
    }
}

/// What a request costs the database: the least of several times, since mails are looked for meanwhile.
pub async fn least_cost(app: &TestApp, mut request: impl AsyncFnMut()) -> (u64, u64) {
    let mut costs = Vec::new();
    for _ in 0..6 {
        let mut before = app.db().usage();
        loop {
            sleep(Duration::from_millis(20)).await;
            let now = app.db().usage();
            if (now.reads, now.writes) == (before.reads, before.writes) {
                break;
            }
            before = now;
        }
        request().await;
        let after = app.db().usage();
        costs.push((after.writes - before.writes, after.reads - before.reads));
    }
    costs.into_iter().skip(1).min().expect("some")
}

/// Lets another process send the mails, which does not: for a minute of the test's clock, or until [`resume_mails`].
pub async fn pause_mails(app: &TestApp) {
    let db = app.db();
    let acquire = || leases::acquire(db, "mails", ANOTHER, app.clock.now(), Duration::from_mins(1));
    // This process may be sending one.
    until(async || acquire().await.expect("a database")).await;
}

pub async fn resume_mails(app: &TestApp) {
    leases::release(app.db(), "mails", ANOTHER).await.expect("released");
    app.state.app.mailer.wake();
}

/// What a link leads to that cannot be used.
pub const INVALID: &str = "This link cannot be used any more";

#[track_caller]
pub fn is_accepted(outcome: &FormOutcome) {
    assert!(matches!(outcome, FormOutcome::Accepted { .. }), "{outcome:?}");
}

#[track_caller]
pub fn is_invalid(outcome: &FormOutcome) {
    let FormOutcome::Rejected(Rejection { form: Some(form), fields }) = outcome else {
        panic!("it is refused: {outcome:?}")
    };
    assert!(form.starts_with(INVALID) && fields.is_empty(), "{outcome:?}");
}

/// What a field is said to be wrong with.
#[track_caller]
pub fn problem_of(outcome: FormOutcome, field: &str) -> String {
    let FormOutcome::Rejected(rejection) = outcome else { panic!("it is refused: {outcome:?}") };
    rejection.of(field).unwrap_or_else(|| panic!("{field} is fine: {rejection:?}")).to_owned()
}

/// Registers where mails are sent, opens the link, and signs in.
pub async fn join(app: &TestApp, mailbox: &Mailbox, user: User) -> Actor {
    let browser = app.anon();
    browser.register(user).await;
    let mail = mailbox.only(app, user.email, "Finish creating").await;
    is_accepted(&browser.verify(&mail).await);
    browser.sign_in(user).await;
    mailbox.clear(app).await;
    browser
}

/// What two answers have in common if nothing in them tells which is which: all but the time and what is random.
pub fn comparable(response: &TestResponse) -> (u16, Vec<(String, String)>, String) {
    const RANDOM: [&str; 2] = ["date", "x-request-id"];
    let headers = response.headers.iter().filter(|(name, _)| !RANDOM.contains(&name.as_str()));
    let policy = response.headers.get("content-security-policy").map(|value| value.to_str().expect("ASCII"));
    let nonce = policy.and_then(|policy| policy.split("'nonce-").nth(1)?.split('\'').next());
    let hide = |text: &str| nonce.map_or_else(|| text.to_owned(), |nonce| text.replace(nonce, "NONCE"));
    let headers =
        headers.map(|(name, value)| (name.to_string(), hide(&String::from_utf8_lossy(value.as_bytes()))));
    (response.status.as_u16(), headers.collect(), hide(response.text()))
}
