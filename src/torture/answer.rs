//! What an answer means to the one who asked.

use http::StatusCode;
use vestibule::model::FormOutcome;

use super::client::{Exchange, Reply, Response};

#[derive(Debug, PartialEq, Eq)]
pub enum Answer {
    /// A page of an account.
    SignedIn(Page),
    /// A page without an account.
    Public,
    /// The form was accepted.
    Accepted,
    /// The form is to be corrected.
    Rejected,
    /// Sign in first.
    SignedOut,
    Failed(Failure),
}

#[derive(Debug, PartialEq, Eq)]
pub enum Failure {
    /// 429.
    Limited,
    /// 503.
    Unavailable,
    /// nginx had no answer from a server.
    BadGateway,
    /// The connection broke.
    Broken,
    /// What must never be.
    Wrong(&'static str),
}

/// A page of an account, as far as it matters here.
#[derive(Debug, PartialEq, Eq)]
pub struct Page {
    pub email: String,
    pub name: String,
    /// The handle of the session that looks at it.
    pub session: String,
}

impl Answer {
    pub fn to_page(exchange: &Exchange) -> Self {
        match answered(exchange) {
            Ok(response) if is_sign_in(response) => Self::SignedOut,
            Ok(response) if response.status == StatusCode::OK => page(&response.body),
            Ok(_) => Self::Failed(Failure::Wrong("it is neither a page nor a redirect to sign in")),
            Err(failure) => Self::Failed(failure),
        }
    }

    /// `next` is the page that follows when the form is accepted.
    pub fn to_form(exchange: &Exchange, next: &str) -> Self {
        let response = match answered(exchange) {
            Ok(response) => response,
            Err(failure) => return Self::Failed(failure),
        };
        if is_sign_in(response) {
            return Self::SignedOut;
        }
        if response.status == StatusCode::SEE_OTHER {
            return redirect(response, next);
        }
        match serde_json::from_str(&response.body) {
            Ok(FormOutcome::Accepted { next: page, .. }) if page.as_str() == next => Self::Accepted,
            Ok(FormOutcome::Rejected(_)) => Self::Rejected,
            _ => Self::Failed(Failure::Wrong("it is no answer to this form")),
        }
    }
}

fn answered(exchange: &Exchange) -> Result<&Response, Failure> {
    match &exchange.reply {
        Reply::Broken(_) => Err(Failure::Broken),
        Reply::TimedOut => Err(Failure::Wrong("there is no answer")),
        Reply::Response(response) => match response.status {
            StatusCode::TOO_MANY_REQUESTS => Err(Failure::Limited),
            StatusCode::SERVICE_UNAVAILABLE => Err(Failure::Unavailable),
            StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT => Err(Failure::BadGateway),
            status if status.is_server_error() => Err(Failure::Wrong("the server failed")),
            _ => Ok(response),
        },
    }
}

/// A redirect to the page to sign in, or what a script gets instead.
fn is_sign_in(response: &Response) -> bool {
    let redirected =
        response.status == StatusCode::SEE_OTHER && response.location().starts_with("/login?next=");
    redirected || response.status == StatusCode::UNAUTHORIZED
}

fn redirect(response: &Response, next: &str) -> Answer {
    if response.set_cookie("form_").is_some() {
        Answer::Rejected
    } else if response.location() == next {
        Answer::Accepted
    } else {
        Answer::Failed(Failure::Wrong("it leads to another page"))
    }
}

fn page(html: &str) -> Answer {
    let page = || {
        let email = between(html, " data-account=\"", "\"")?;
        let session = between(html, " data-session=\"", "\"")?;
        let name = between(html, "<bdi class=\"who\">", "</bdi>")?;
        Some(Page { email, name, session })
    };
    match page() {
        Some(page) => Answer::SignedIn(page),
        None if html.contains("data-access=\"signed-out\"") => Answer::Public,
        None => Answer::Failed(Failure::Wrong("it is no page of this site")),
    }
}

fn between(text: &str, start: &str, end: &str) -> Option<String> {
    Some(text.split_once(start)?.1.split_once(end)?.0.to_owned())
}
