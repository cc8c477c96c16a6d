//! Forms without JavaScript: post, redirect, get.
//!
//! A form that the browser posts by itself needs a page back, not a value. The outcome is kept as a
//! flash message for that page, and the router turns the address into a 303. A form that an island has
//! posted gets the outcome as it is.

use serde::{Deserialize, Serialize};

use super::{request::Caller, sessions::SessionError};
use crate::model::{FormOutcome, RejectedForm, Rejection, ReturnTo};

/// Maximum length of a value that is given back to be corrected, in characters.
const MAX_KEPT: usize = 256;

/// The outcome of a form, kept for the next page that is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Flash {
    /// A form posted without JavaScript was not accepted.
    Rejected(RejectedForm),
    /// A form was accepted, and this is what it led to.
    Notice(String),
}

impl Caller {
    /// The form did what it is for.
    pub fn accept(&self, next: ReturnTo) -> FormOutcome {
        if let Some(form) = &self.native_form {
            form.lead_to(next.as_str().to_owned());
        }
        FormOutcome::Accepted { next }
    }

    /// The form did what it is for, and the next page says so.
    ///
    /// # Errors
    /// If the session cannot keep the flash message.
    pub async fn accept_with_notice(
        &self,
        next: ReturnTo,
        notice: impl Into<String>,
    ) -> Result<FormOutcome, SessionError> {
        self.session.set_flash(&Flash::Notice(notice.into())).await?;
        Ok(self.accept(next))
    }

    /// The form is shown again, with what is wrong and with these of the values that were typed. A
    /// password does not belong among them.
    ///
    /// # Errors
    /// If the session cannot keep the flash message.
    pub async fn reject(
        &self,
        rejection: Rejection,
        typed: &[(&str, &str)],
        next: Option<&ReturnTo>,
    ) -> Result<FormOutcome, SessionError> {
        if let Some(native) = &self.native_form {
            let typed = typed.iter().map(|(name, value)| ((*name).to_owned(), shorten(value))).collect();
            let (function, page) = (self.function.path.to_owned(), self.function.page);
            let form = RejectedForm { function, rejection: rejection.clone(), typed };
            self.session.set_flash(&Flash::Rejected(form)).await?;
            native.lead_to(next.map_or_else(|| page.to_owned(), |next| next.append_to(page)));
        }
        Ok(FormOutcome::Rejected(rejection))
    }
}

fn shorten(text: &str) -> String {
    text.chars().take(MAX_KEPT).collect()
}
