//! The outcome of posting a form.
//!
//! Errors come as sentences, worded by the server: a form of your own needs nothing in the browser's
//! code, and a page that was opened before a deployment shows the words of the new server.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{FromJson, Json, ReturnTo};

/// The expected outcomes of a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FormOutcome {
    /// Done; go there. If that has begun the session of an account, its cookie may not arrive.
    Accepted { next: ReturnTo, signed_in: bool },
    /// Not done; the form is shown again with this beside its fields.
    Rejected(Rejection),
}

/// Why a form was not accepted: sentences for the person who posted it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejection {
    /// About the form as a whole.
    pub form: Option<String>,
    /// Names of fields, and what is wrong with each; the first of a name counts.
    pub fields: Vec<(String, String)>,
}

impl FormOutcome {
    /// Accepted; a page of this program is next.
    pub fn accepted(page: &'static str) -> Self {
        Self::Accepted { next: ReturnTo::page(page), signed_in: false }
    }

    /// Accepted; the return address is next, or else the home page.
    pub fn accepted_to(next: Option<ReturnTo>) -> Self {
        Self::Accepted { next: next.unwrap_or_else(ReturnTo::home), signed_in: false }
    }

    /// It has begun the session of an account.
    #[must_use]
    pub fn signed_in(self) -> Self {
        match self {
            Self::Accepted { next, .. } => Self::Accepted { next, signed_in: true },
            Self::Rejected(_) => self,
        }
    }
}

impl Rejection {
    /// A rejection of the form as a whole.
    pub fn form(message: impl Into<String>) -> Self {
        Self { form: Some(message.into()), fields: Vec::new() }
    }

    /// A rejection because of one field.
    pub fn field(name: &str, message: impl Into<String>) -> Self {
        let mut rejection = Self::default();
        rejection.add(name, message);
        rejection
    }

    /// Adds what is wrong with a field.
    pub fn add(&mut self, name: &str, message: impl Into<String>) {
        self.fields.push((name.to_owned(), message.into()));
    }

    /// What is wrong with a field.
    pub fn of(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(field, _)| field == name).map(|(_, message)| message.as_str())
    }
}

/// A form that was posted without JavaScript and rejected, as the next page shows it again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RejectedForm {
    /// The path of its server function.
    pub function: String,
    pub rejection: Rejection,
    /// What was typed, by field; never a password.
    pub typed: BTreeMap<String, String>,
}

impl FromJson for FormOutcome {
    fn from_json(json: &impl Json) -> Option<Self> {
        if let Some(accepted) = json.get("Accepted") {
            let next = ReturnTo::parse(&accepted.get("next")?.text()?)?;
            let signed_in = accepted.get("signed_in").is_some_and(|signed_in| signed_in.is_true());
            return Some(Self::Accepted { next, signed_in });
        }
        let rejected = json.get("Rejected")?;
        let fields =
            rejected.get("fields")?.items().into_iter().map(|field| match field.items().as_slice() {
                [name, message] => Some((name.text()?, message.text()?)),
                _ => None,
            });
        let fields = fields.collect::<Option<Vec<_>>>()?;
        Some(Self::Rejected(Rejection { form: rejected.get("form").and_then(|form| form.text()), fields }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::json::reads_back;

    #[test]
    fn the_browser_reads_what_the_server_writes() {
        let accepted = FormOutcome::accepted_to(ReturnTo::parse("/a?b=c%20d#e"));
        reads_back(accepted.clone());
        reads_back(accepted.signed_in());
        reads_back(FormOutcome::Rejected(Rejection::default()));
        reads_back(FormOutcome::Rejected(Rejection::form("Incorrect.")));
        let mut rejection = Rejection::field("email", "Enter your email address.");
        rejection.add("name", "\"quoted\" <b>\u{1F980}");
        reads_back(FormOutcome::Rejected(rejection));
    }

    #[test]
    fn what_a_newer_server_says_is_not_guessed_at() {
        for text in [
            "null",
            r#""Unavailable""#,
            r#"{"Postponed":{}}"#,
            r#"{"Accepted":{"next":"//evil.example"}}"#,
            r#"{"Rejected":{"fields":[["email"]]}}"#,
            r#"{"Rejected":{"fields":[{"name":"email"}]}}"#,
        ] {
            let json: serde_json::Value = serde_json::from_str(text).expect("JSON");
            assert_eq!(FormOutcome::from_json(&json), None, "{text}");
        }
    }
}
