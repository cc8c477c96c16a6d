//! Forms without JavaScript: post, redirect, get.
//!
//! A form that the browser posts by itself wants a page back, not a value. The use case leaves
//! the outcome as flash and an address to go to; the router turns the address into a 303.

use super::{error::ServerError, request::Caller};
use crate::model::{Flash, Form, FormOutcome, Next, Notice, Rejection, Typed};

/// Longest text that is given back to be corrected, in characters.
const LONGEST_KEPT: usize = 256;

impl Form {
    fn page(self) -> &'static str {
        match self {
            Form::SignIn => "/login",
            Form::Register => "/register",
            Form::Confirm => "/confirm",
            Form::Rename => "/account",
            Form::ChangePassword => "/account/security",
        }
    }
}

/// The form did what it was for.
pub fn accept(caller: &Caller, next: Next) -> FormOutcome {
    if let Some(form) = &caller.native_form {
        form.lead_to(next.as_str().to_owned());
    }
    FormOutcome::Accepted { next }
}

/// The form did what it was for, and the next page says so.
///
/// # Errors
/// If the session cannot take the flash message.
pub async fn accept_saying(caller: &Caller, next: Next, notice: Notice) -> Result<FormOutcome, ServerError> {
    caller.session.set_flash(&Flash::Notice(notice)).await?;
    Ok(accept(caller, next))
}

/// The form is shown again, with what is wrong and what was typed, never with the password.
///
/// # Errors
/// If the session cannot take the flash message.
pub async fn reject(
    caller: &Caller,
    form: Form,
    rejection: Rejection,
    typed: Typed,
    next: Option<&Next>,
) -> Result<FormOutcome, ServerError> {
    if let Some(native) = &caller.native_form {
        let typed = Typed { name: shorten(&typed.name), email: shorten(&typed.email), ..typed };
        caller.session.set_flash(&Flash::Rejected { form, rejection: rejection.clone(), typed }).await?;
        let page = form.page();
        native.lead_to(next.map_or_else(|| page.to_owned(), |next| next.carried_by(page)));
    }
    Ok(FormOutcome::Rejected(rejection))
}

fn shorten(text: &str) -> String {
    text.chars().take(LONGEST_KEPT).collect()
}
