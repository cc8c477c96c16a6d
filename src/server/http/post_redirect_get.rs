//! Forms without JavaScript: post, redirect, get.
//!
//! A form that the browser posts by itself needs a page in return. A 303 leads it to the next page, or
//! back to that of the form, which then shows what is wrong. A form that an island has posted gets the
//! outcome as JSON.

use axum::{
    body::to_bytes,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header::SET_COOKIE};
use leptos::server_fn::error::SERVER_FN_ERROR_HEADER;
use url::form_urlencoded;

use super::{
    responses::{fault, see_other},
    state::HttpState,
};
use crate::{
    access::{self, Function},
    model::{AppError, FormOutcome, RejectedForm, Rejection, ReturnTo},
    pages::WayBack,
    words,
};

/// Maximum length of a value that is given back to be corrected, in characters.
const MAX_GIVEN_BACK: usize = 256;
/// Maximum length of an answer of a server function to a form, in bytes.
const MAX_ANSWER: usize = 64 * 1024;

/// Turns the answer of a server function into the response to a form that the browser has posted.
/// `body` is what it has posted.
pub async fn redirect(state: &HttpState, function: Function, body: &[u8], answer: Response) -> Response {
    let is_fault = answer.headers().contains_key(SERVER_FN_ERROR_HEADER);
    let answer = to_bytes(answer.into_body(), MAX_ANSWER).await.unwrap_or_default();
    if is_fault {
        let error = error_of(&answer);
        // The session may have ended while the form was on its way.
        return access::redirect_for(error, function.page)
            .map_or_else(|| fault_with_way_back(state, function, body, error), |page| see_other(&page));
    }
    match serde_json::from_slice(&answer) {
        Ok(FormOutcome::Accepted { next }) => see_other(next.as_str()),
        Ok(FormOutcome::Rejected(rejection)) => back(state, function, body, rejection),
        // Not a form: the page shows what the function has changed.
        Err(_) => see_other(function.page),
    }
}

/// The error in the answer of a server function.
pub fn error_of(answer: &[u8]) -> AppError {
    serde_json::from_slice(answer).unwrap_or(AppError::Internal)
}

/// Redirects to the page of a form, which shows the fields again with their errors.
fn back(state: &HttpState, function: Function, body: &[u8], rejection: Rejection) -> Response {
    let (page, cookie) = form_again(state, function, body, rejection);
    match cookie {
        Some(cookie) => ([(SET_COOKIE, cookie)], see_other(&page)).into_response(),
        None => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// A fault, from which a link leads back to the form and what was typed.
fn fault_with_way_back(state: &HttpState, function: Function, body: &[u8], error: AppError) -> Response {
    let (href, cookie) = form_again(state, function, body, Rejection::default());
    let mut response = fault(error);
    response.headers_mut().extend(cookie.map(|cookie| (SET_COOKIE, cookie)));
    response.extensions_mut().insert(WayBack { href, label: words::BACK_TO_FORM });
    response
}

/// The page of a form, and the cookie that shows it again.
fn form_again(
    state: &HttpState,
    function: Function,
    body: &[u8],
    rejection: Rejection,
) -> (String, Option<HeaderValue>) {
    let field = |name: &str| {
        let mut pairs = form_urlencoded::parse(body);
        pairs.find(|(field, _)| field == name).map(|(_, value)| value)
    };
    let given_back = function.given_back.iter().filter_map(|name| {
        let value = field(name)?.chars().take(MAX_GIVEN_BACK).collect();
        Some(((*name).to_owned(), value))
    });
    let next = field("next").and_then(|next| state.app.policy.return_to(ReturnTo::parse(&next)));
    let page = next.map_or_else(|| function.page.to_owned(), |next| next.append_to(function.page));
    let form = RejectedForm { function: function.path.to_owned(), rejection, typed: given_back.collect() };
    (page, state.rejected_forms.set(form))
}
