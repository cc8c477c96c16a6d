//! What every server function needs: who calls it, and how it answers.

use http::request::Parts;
use leptos::{prelude::use_context, server_fn::ServerFn};
use secrecy::SecretString;

use super::{
    accounts::{AccountError, Problems, tokens},
    caller::Caller,
    credentials::{MailedToken, Purpose},
    domain::error_chain,
    sessions::{Key, RequestSession, SessionError},
};
use crate::{
    access::{self, Function},
    model::{AppError, FormOutcome, Rejection, ReturnTo},
    password_input::PasswordInput,
    words::{self, Notice},
};

/// The path of a server function that was called and not carried out, since a step-up was due.
const INTERRUPTED: Key<String> = Key::new("interrupted");

/// Remembers a server function that has to wait for a step-up. If that cannot be written, the step-up is due all the
/// same; then nothing is said after it.
pub async fn interrupt(session: &RequestSession, function: Function) {
    let path = function.path.to_owned();
    if session.get(&INTERRUPTED).await.is_ok_and(|known| known.as_ref() == Some(&path)) {
        return; // Nothing to write.
    }
    if let Err(error) = session.insert_now(&INTERRUPTED, &path).await {
        tracing::warn!(cause = %error_chain(&error), "it could not be remembered what a step-up was for");
    }
}

/// After a step-up, leaves a message that what was interrupted has to be done again. It is not carried out by
/// itself: the person may not want it any more. Nothing is said if the page that comes next does not have the
/// form.
///
/// # Errors
/// If the session cannot be read or written.
pub async fn resume(caller: &Caller, next: Option<&ReturnTo>) -> Result<(), SessionError> {
    let Some(path) = caller.session.remove(&INTERRUPTED).await? else { return Ok(()) };
    let function = caller.state.policy.function(&path);
    match function.filter(|function| next.is_some_and(|next| next.path() == function.page)) {
        Some(Function { button, .. }) => {
            caller.session.set_flash(words::notice(Notice::PressAgain { button })).await
        }
        None => Ok(()),
    }
}

/// The first line of every server function: judges again whether the caller may use it, by the access
/// that is declared for its path. It refuses a function that was not called by its own request, such as
/// one that is called by another function.
///
/// # Errors
/// The refusal, typed: the island that called goes where the server would have redirected to.
pub fn require<F: ServerFn>() -> Result<Caller, AppError> {
    let missing = || {
        tracing::error!(function = F::PATH, "called outside of its request");
        AppError::Internal
    };
    let parts = use_context::<Parts>().ok_or_else(missing)?;
    let function = parts.extensions.get::<Function>();
    let function = function.filter(|function| function.path == F::PATH).ok_or_else(missing)?;
    let caller = parts.extensions.get::<Caller>().ok_or_else(missing)?;
    match access::refusal(access::judge(function.access, caller.viewer())) {
        Some(refusal) => Err(refusal),
        None => Ok(caller.clone()),
    }
}

impl From<PasswordInput> for SecretString {
    fn from(input: PasswordInput) -> Self {
        String::from(input).into()
    }
}

/// The return address in the field of a form; `None` unless it leads to a page.
pub fn return_to(caller: &Caller, next: Option<&str>) -> Option<ReturnTo> {
    caller.state.policy.return_to(next?)
}

/// The page to choose a new password, by a link that need not be mailed. Its address loses the token at once.
pub fn reset_page(token: &MailedToken) -> FormOutcome {
    FormOutcome::accepted_to(ReturnTo::parse(&tokens::path(Purpose::ResetPassword, token)))
}

/// Shows the form again if its fields can be corrected.
///
/// # Errors
/// If the use case has failed.
pub fn rejected(error: AccountError) -> Result<FormOutcome, AppError> {
    match error {
        AccountError::Rejected(problems) => Ok(FormOutcome::Rejected(rejection(&problems))),
        AccountError::Failed(error) => Err(error.into()),
    }
}

fn rejection(problems: &Problems) -> Rejection {
    let form = problems.general.map(|problem| words::problem("", problem));
    let mut rejection = Rejection { form, fields: Vec::new() };
    for (field, problem) in &problems.fields {
        rejection.add(field, words::problem(field, *problem));
    }
    rejection
}
