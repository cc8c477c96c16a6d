//! A form that was posted without JavaScript and rejected, on its way to the page that shows it again.
//!
//! It travels in a signed cookie, so that the mistakes of strangers write nothing to the database.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use http::{HeaderMap, HeaderValue};
use serde::{Deserialize, Serialize};

use crate::{
    model::RejectedForm,
    server::{
        domain::Clock,
        sessions::{CookieNames, SignedCookie},
        signing_keys::SigningKey,
    },
};

const KIND: &str = "form";
const PURPOSE: &[u8] = b"vestibule rejected form 1\0";
/// The page is loaded at once; it may still take some time on a slow connection.
const LIFETIME: Duration = Duration::from_secs(2 * 60);

/// Reads and writes the cookie of a rejected form.
#[derive(Debug)]
pub struct RejectedForms {
    cookie: SignedCookie,
    clock: Arc<dyn Clock>,
}

#[derive(Serialize, Deserialize)]
struct Payload {
    /// Milliseconds since the Unix epoch. Checked here, since a client may keep a cookie longer than `Max-Age`.
    expires_at: i64,
    form: RejectedForm,
}

impl RejectedForms {
    pub fn new(names: &CookieNames, keys: Arc<[SigningKey]>, clock: Arc<dyn Clock>) -> Self {
        Self { cookie: SignedCookie::new(names.name(KIND), names.is_secure(), PURPOSE, keys), clock }
    }

    /// The cookie that carries a form to the next page. Fields that are too long for a cookie are
    /// not given back.
    pub(super) fn set(&self, form: RejectedForm) -> Option<HeaderValue> {
        let set = |form| self.cookie.set(&self.payload(form)?, Some(LIFETIME));
        let without_fields = without_fields(&form);
        set(form).or_else(|| set(without_fields))
    }

    /// The same for the query of the next page, in case that the browser keeps no cookie. What was typed does
    /// not get into addresses, which histories keep.
    pub(super) fn sign(&self, form: &RejectedForm) -> Option<String> {
        self.cookie.sign(&self.payload(without_fields(form))?)
    }

    fn payload(&self, form: RejectedForm) -> Option<Vec<u8>> {
        serde_json::to_vec(&Payload { expires_at: (self.clock.now() + LIFETIME).millis(), form }).ok()
    }

    /// The form that was rejected before this request.
    pub(super) fn read(&self, headers: &HeaderMap) -> Option<RejectedForm> {
        self.unless_expired(&self.cookie.read(headers)?.payload)
    }

    /// The form of a query, without what was typed: somebody may have put the cookie of their own browser into a
    /// link, and would choose what the page shows.
    pub(super) fn verify(&self, signed: &str) -> Option<RejectedForm> {
        let form = self.unless_expired(&self.cookie.verify(signed.as_bytes())?.payload)?;
        Some(without_fields(&form))
    }

    fn unless_expired(&self, payload: &[u8]) -> Option<RejectedForm> {
        let payload: Payload = serde_json::from_slice(payload).ok()?;
        (self.clock.now().millis() < payload.expires_at).then_some(payload.form)
    }

    /// Removes the cookie.
    pub(super) fn remove(&self) -> Option<HeaderValue> {
        self.cookie.remove()
    }
}

fn without_fields(form: &RejectedForm) -> RejectedForm {
    RejectedForm { typed: BTreeMap::new(), ..form.clone() }
}
