//! What kind of request it is: a form that the browser posts by itself, or a request in the background.

use axum::extract::Request;
use http::{HeaderMap, Method};
use leptos::server_fn::ServerFn;

use crate::{api::SessionStatus, server::http::responses::accepts_html};

/// What browsers say of a page that they load in case it is wanted: the standard header, and the one
/// that Safari and older browsers send.
const PURPOSE: [&str; 2] = ["sec-purpose", "purpose"];

/// In the extensions of a request that is a form posted by the browser itself: it is answered with a
/// redirect.
#[derive(Clone, Copy, Debug)]
pub struct NativeForm;

/// In the extensions of a request that no person has made: it is no activity of the session, and does
/// not take its flash message.
#[derive(Clone, Copy, Debug)]
pub struct Background;

/// Marks native forms and requests in the background.
pub fn mark(mut request: Request) -> Request {
    if request.method() == Method::POST && accepts_html(request.headers()) {
        request.extensions_mut().insert(NativeForm);
    }
    if is_prefetch(request.headers()) || request.uri().path() == SessionStatus::PATH {
        request.extensions_mut().insert(Background);
    }
    request
}

fn is_prefetch(headers: &HeaderMap) -> bool {
    let mut values = PURPOSE.iter().filter_map(|name| headers.get(*name)?.to_str().ok());
    values.any(|value| value.contains("prefetch") || value.contains("prerender"))
}
