//! What kind of request it is: posted by a browser's own form, or made without a person.

use axum::{extract::Request, middleware::Next, response::Response};
use http::{HeaderMap, Method};
use leptos::server_fn::ServerFn;

use crate::{
    api::SessionStatus,
    server::{request::NativeForm, respond::accepts_html, sessions::Background},
};

/// What browsers say of a page that they load in case it is wanted: the standard header, and the one
/// that Safari and older browsers send.
const PURPOSE: [&str; 2] = ["sec-purpose", "purpose"];

/// Marks native forms, so that what follows answers with a page and not with a value, and requests in
/// the background, so that they count as nobody's activity.
pub async fn mark(mut request: Request, next: Next) -> Response {
    if request.method() == Method::POST && accepts_html(request.headers()) {
        request.extensions_mut().insert(NativeForm::default());
    }
    if is_prefetch(request.headers()) || request.uri().path() == SessionStatus::PATH {
        request.extensions_mut().insert(Background);
    }
    next.run(request).await
}

fn is_prefetch(headers: &HeaderMap) -> bool {
    let mut values = PURPOSE.iter().filter_map(|name| headers.get(*name)?.to_str().ok());
    values.any(|value| value.contains("prefetch") || value.contains("prerender"))
}
