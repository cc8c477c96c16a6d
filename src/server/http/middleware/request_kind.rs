//! What kind of request it is: a form that the browser posts by itself, or a request in the background.

use axum::extract::Request;
use http::{HeaderMap, Method};
use leptos::server_fn::ServerFn;

use crate::{api::SessionStatus, server::http::responses::accepts_html};

/// Where browsers say why they load a page: the standard header, and those that Safari, old versions of Chrome and
/// Firefox, and proxies that load pages ahead send.
const PURPOSE: [&str; 4] = ["sec-purpose", "purpose", "x-purpose", "x-moz"];
/// That they load it in case it is wanted, or to show a small picture of it.
const NO_VISIT: [&str; 3] = ["prefetch", "prerender", "preview"];

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
    PURPOSE.iter().flat_map(|name| headers.get_all(*name)).any(|value| {
        let value = String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase();
        NO_VISIT.iter().any(|purpose| value.contains(purpose))
    })
}
