//! Refuses an address that makes too many requests, before a session is read.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};

use http::Uri;

use super::client_address::ClientAddress;
use crate::{
    model::AppError,
    pages::WayBack,
    server::http::{responses, session_events, state::HttpState},
    words,
};

/// Counts pages, server functions and event streams. Files and probes cost little, and a load balancer that may not
/// probe would take the server for dead.
pub async fn enforce(State(state): State<HttpState>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let is_counted = path == session_events::PATH || state.app.policy.access_for(path).is_some();
    let address = ClientAddress::of(request.extensions());
    if is_counted && let Err(too_many) = state.app.limits.check_request(address) {
        let mut response = responses::fault(AppError::TooMany { seconds: too_many.seconds() });
        response.extensions_mut().insert(way_back(&state, request.uri()));
        return response;
    }
    next.run(request).await
}

/// To the page itself, or that of the form.
fn way_back(state: &HttpState, uri: &Uri) -> WayBack {
    match state.app.policy.function(uri.path()) {
        Some(function) => WayBack { href: function.page.to_owned(), label: words::BACK_TO_FORM },
        None => WayBack { href: responses::path_and_query(uri).to_owned(), label: words::TRY_AGAIN },
    }
}
