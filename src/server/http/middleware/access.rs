//! Judges a request before anything is rendered.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{Method, StatusCode, header};

use super::request_kind::NativeForm;
use crate::{
    access::{self, Access, Function, Verdict},
    model::{AppError, ReturnTo},
    pages,
    server::{
        caller::Caller,
        function::interrupt,
        http::{responses, state::HttpState},
        limits::KnownDevices,
        sessions::{RequestSession, SessionStatus},
    },
};

/// Lets a request through to its page or server function, or answers it here. A refused page is a
/// 303 with an empty body: nothing of it has been rendered.
pub async fn enforce(State(state): State<HttpState>, request: Request, next: Next) -> Response {
    let mut response = judge(&state, request, next).await;
    response.headers_mut().insert(header::CACHE_CONTROL, responses::PRIVATE);
    response
}

async fn judge(state: &HttpState, mut request: Request, next: Next) -> Response {
    // A route without declared access does not exist.
    let Some(access) = state.app.policy.access_for(request.uri().path()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let function = state.app.policy.function(request.uri().path());
    if function.is_none() && !matches!(*request.method(), Method::GET | Method::HEAD) {
        return responses::method_not_allowed();
    }
    let Some(session) = request.extensions().get::<RequestSession>().cloned() else {
        return responses::fault(AppError::Internal);
    };
    if session.status() == SessionStatus::Unavailable && !is_public(access, &request) {
        return responses::fault(AppError::Unavailable);
    }
    let devices = request.extensions().get::<KnownDevices>().cloned().unwrap_or_default();
    let caller = Caller::new(state.app.clone(), session, devices);
    match access::judge(access, caller.viewer()) {
        Verdict::Allow => {
            request.extensions_mut().insert(caller);
            if let Some(function) = function {
                request.extensions_mut().insert(function);
            }
            next.run(request).await
        }
        verdict => {
            if let (Verdict::Confirm, Some(function)) = (verdict, function) {
                interrupt(&caller.session, function).await;
            }
            refuse(state, verdict, function, &request)
        }
    }
}

/// True for a page that needs no account: it is shown even if the session cannot be read. Requests that
/// change something are refused, since they could begin a session whose cookie replaces a valid one.
fn is_public(access: Access, request: &Request) -> bool {
    matches!(access, Access::Anyone | Access::SignedOut) && request.method().is_safe()
}

/// Redirects a page, or a form that the browser has posted by itself. A server function that an island has
/// called gets the refusal as JSON.
fn refuse(state: &HttpState, verdict: Verdict, function: Option<Function>, request: &Request) -> Response {
    let error = access::refusal(verdict).unwrap_or(AppError::Forbidden);
    if function.is_some() && request.extensions().get::<NativeForm>().is_none() {
        return responses::fault(error);
    }
    let wanted = match function {
        Some(function) => page_of_form(state, function, request),
        // A file is no place to come back to: the page with the link to it is.
        None if request.uri().path() == pages::DATA => pages::DATA_PAGE,
        None => responses::path_and_query(request.uri()),
    };
    match access::destination(verdict, wanted) {
        // A stranger may have written the return address in the query of a signed-out page.
        Some(next) if verdict == Verdict::Home => {
            let next = state.app.policy.return_to(&next);
            responses::see_other(next.unwrap_or_else(ReturnTo::home).as_str())
        }
        Some(destination) => responses::see_other(&destination),
        None => responses::fault(error),
    }
}

/// The page that a form was posted from, with its query.
fn page_of_form<'a>(state: &HttpState, function: Function, request: &'a Request) -> &'a str {
    let referer = request.headers().get(header::REFERER).and_then(|referer| referer.to_str().ok());
    let page = referer.and_then(|referer| referer.strip_prefix(state.origin.as_str()));
    page.filter(|page| page.split('?').next() == Some(function.page)).unwrap_or(function.page)
}
