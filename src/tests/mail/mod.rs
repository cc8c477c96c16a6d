//! Mails: what they say, that each arrives, and that no one can abuse them.

mod contents;
mod headers;
mod limits;
mod operator;
mod outage;
mod outbox;
mod processes;
mod queue;
mod refusals;
mod settings;

use std::time::Duration;

use vestibule::server::{
    config::Config,
    domain::{MailContent, NewMail, Origin},
};

use crate::support::{MailServer, TestApp};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
/// After this, a mail is tried again whose attempt has not come to an end.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(80);

/// An application that sends its mails to a mail server.
async fn start() -> (MailServer, TestApp) {
    start_with(|_| {}).await
}

async fn start_with(change: impl FnOnce(&mut Config)) -> (MailServer, TestApp) {
    let server = MailServer::start().await;
    let app = TestApp::start_with(|config| {
        server.configure(config);
        change(config);
    });
    let app = app.await;
    (server, app)
}

/// A mail that needs nothing but its recipient.
fn invitation(recipient: &str) -> NewMail {
    NewMail { content: MailContent::Invitation, account: None, recipient: recipient.to_owned() }
}

/// Firefox on Linux, on the morning of 1 January 2026.
fn origin() -> Origin {
    Origin {
        at: 1_767_254_400_000,
        address: "203.0.113.9".to_owned(),
        user_agent: "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0".to_owned(),
    }
}
