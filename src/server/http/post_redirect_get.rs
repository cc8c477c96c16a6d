//! Forms without JavaScript: post, redirect, get.
//!
//! A form that the browser posts by itself needs a page in return. A 303 leads it to the next page, or
//! back to that of the form, which then shows what is wrong. A form that an island has posted gets the
//! outcome as JSON.
//!
//! What went wrong travels in a cookie. A browser may keep none, and must still be told; so the address of the
//! page carries it, too, without what was typed and with the signature of the cookie. With the cookie there, the
//! address is shortened at once.

use std::borrow::Cow;

use axum::{
    body::to_bytes,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, Uri, header::SET_COOKIE};
use leptos::server_fn::error::SERVER_FN_ERROR_HEADER;
use url::form_urlencoded;

use super::{
    responses::{fault, is_navigation, see_other},
    state::HttpState,
};
use crate::{
    access::{self, Function},
    model::{AppError, FormOutcome, RejectedForm, Rejection},
    pages::{REJECTED, WayBack},
    words,
};

/// Maximum length of a value that is given back to be corrected, in characters.
const MAX_GIVEN_BACK: usize = 256;
/// Maximum length of an answer of a server function to a form, in bytes.
const MAX_ANSWER: usize = 64 * 1024;

/// A form that the browser has posted by itself.
#[derive(Debug)]
pub struct NativePost<'a> {
    pub function: Function,
    pub body: &'a [u8],
    /// The answer is known to arrive by a cookie.
    pub keeps_cookies: bool,
}

/// Whether the client is known to keep cookies, and to send one session. A browser that has sent none may be told to
/// keep none, and one that has sent two is signed in by neither; then the next page has to know by its address.
/// Programs know by themselves.
pub fn keeps_cookies(state: &HttpState, headers: &HeaderMap) -> bool {
    state.session_cookie.read(headers).is_some() || !is_navigation(headers)
}

/// Turns the answer of a server function into the response to a form that the browser has posted.
pub async fn redirect(state: &HttpState, post: NativePost<'_>, answer: Response) -> Response {
    let function = post.function;
    let is_fault = answer.headers().contains_key(SERVER_FN_ERROR_HEADER);
    let answer = to_bytes(answer.into_body(), MAX_ANSWER).await.unwrap_or_default();
    if is_fault {
        let error = error_of(&answer);
        // The session may have ended while the form was on its way.
        return access::redirect_for(error, &page_with_next(state, &post))
            .map_or_else(|| fault_with_way_back(state, &post, error), |page| see_other(&page));
    }
    match serde_json::from_slice(&answer) {
        Ok(FormOutcome::Accepted { next, signed_in: true }) if !post.keeps_cookies => {
            see_other(&access::after_sign_in(&next))
        }
        Ok(FormOutcome::Accepted { next, .. }) => see_other(next.as_str()),
        Ok(FormOutcome::Rejected(rejection)) => back(state, &post, rejection),
        // Not a form: the page shows what the function has changed.
        Err(_) => see_other(function.page),
    }
}

/// The error in the answer of a server function.
pub fn error_of(answer: &[u8]) -> AppError {
    serde_json::from_slice(answer).unwrap_or(AppError::Internal)
}

/// Redirects to the page of a form, which shows the fields again with their errors.
fn back(state: &HttpState, post: &NativePost<'_>, rejection: Rejection) -> Response {
    let (page, cookie) = form_again(state, post, rejection);
    match cookie {
        Some(cookie) => ([(SET_COOKIE, cookie)], see_other(&page)).into_response(),
        None => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// A fault, from which a link leads back to the form and what was typed.
fn fault_with_way_back(state: &HttpState, post: &NativePost<'_>, error: AppError) -> Response {
    let (href, cookie) = form_again(state, post, Rejection::default());
    let mut response = fault(error);
    response.headers_mut().extend(cookie.map(|cookie| (SET_COOKIE, cookie)));
    response.extensions_mut().insert(WayBack { href, label: words::BACK_TO_FORM });
    response
}

/// The page of a form, and the cookie that shows it again.
fn form_again(
    state: &HttpState,
    post: &NativePost<'_>,
    rejection: Rejection,
) -> (String, Option<HeaderValue>) {
    let function = post.function;
    let given_back = function.given_back.iter().filter_map(|name| {
        let value = field(post.body, name)?.chars().take(MAX_GIVEN_BACK).collect();
        Some(((*name).to_owned(), value))
    });
    let mut page = page_with_next(state, post);
    let form = RejectedForm { function: function.path.to_owned(), rejection, typed: given_back.collect() };
    if !post.keeps_cookies
        && let Some(signed) = state.rejected_forms.sign(&form)
    {
        let separator = if page.contains('?') { '&' } else { '?' };
        page += &format!("{separator}{REJECTED}={signed}");
    }
    (page, state.rejected_forms.set(form))
}

/// The page of a form, with the return address that was posted.
fn page_with_next(state: &HttpState, post: &NativePost<'_>) -> String {
    let next = field(post.body, "next").and_then(|next| state.app.policy.return_to(&next));
    next.map_or_else(|| post.function.page.to_owned(), |next| next.append_to(post.function.page))
}

/// A field of a form. No other is decoded, as that would leave a copy of a password behind.
fn field<'a>(body: &'a [u8], name: &str) -> Option<Cow<'a, str>> {
    let is_named = |pair: &&[u8]| pair.split(|byte| *byte == b'=').next() == Some(name.as_bytes());
    let pair = body.split(|byte| *byte == b'&').find(is_named)?;
    form_urlencoded::parse(pair).next().map(|(_, value)| value)
}

/// The rejected form in a query, and the address without it.
pub fn take_rejected(uri: &Uri) -> Option<(&str, String)> {
    let (mut signed, mut rest) = (None, Vec::new());
    for pair in uri.query()?.split('&') {
        match pair.strip_prefix(REJECTED).and_then(|value| value.strip_prefix('=')) {
            Some(value) => signed = Some(value),
            None => rest.push(pair),
        }
    }
    let query = if rest.is_empty() { String::new() } else { format!("?{}", rest.join("&")) };
    Some((signed?, format!("{}{query}", uri.path())))
}
