//! The link of a mail, on its way from the address bar to its page.
//!
//! The address of a page gets into histories, into what people copy, and into what they show over their shoulder. So a
//! request for `/reset-password/TOKEN` is answered by a redirect to `/reset-password`, and a short-lived cookie
//! carries the token there. Nothing is read or changed: programs that look into mails follow links.

use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, header};

use super::responses::{PRIVATE, see_other};
use crate::server::{
    credentials::MailedToken,
    sessions::{CookieNames, SignedCookie},
    signing_keys::SigningKey,
};

const KIND: &str = "link";
const PURPOSE: &[u8] = b"vestibule link cookie 1\0";
/// Time enough to come back to the tab after a while. The token may expire before.
const LIFETIME: Duration = Duration::from_secs(60 * 60);

/// Reads and writes the cookie.
#[derive(Debug)]
pub struct LinkCookie(SignedCookie);

impl LinkCookie {
    pub fn new(names: &CookieNames, keys: std::sync::Arc<[SigningKey]>) -> Self {
        Self(SignedCookie::new(names.name(KIND), names.is_secure(), PURPOSE, keys))
    }

    /// The token of the last link that was opened, if it leads to this page.
    pub(super) fn read(&self, headers: &HeaderMap, page: &str) -> Option<String> {
        let payload = String::from_utf8(self.0.read(headers)?.payload).ok()?;
        let (linked, token) = payload.rsplit_once('/')?;
        (linked == page).then(|| token.to_owned())
    }

    /// Answers a request for a page with a token behind it. What cannot be a token leads to the same page, which then
    /// says that the link cannot be used.
    pub(super) fn open(&self, page: &'static str, token: &str) -> Response {
        let token = MailedToken::parse(token);
        let payload = token.map_or_else(|| format!("{page}/"), |token| format!("{page}/{}", token.expose()));
        let cookie: Option<HeaderValue> = self.0.set(payload.as_bytes(), Some(LIFETIME));
        let mut response = see_other(page).into_response();
        response.headers_mut().insert(header::CACHE_CONTROL, PRIVATE);
        response.headers_mut().extend(cookie.map(|cookie| (header::SET_COOKIE, cookie)));
        response
    }
}
