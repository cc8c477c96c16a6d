//! One log line per request. It names the pattern of the route and not the path, which may hold a token.

use std::{any::Any, time::Duration};

use axum::{
    extract::MatchedPath,
    http::{Request, Response, StatusCode},
    response::IntoResponse,
};
use leptos::server_fn::ServerFn;
use tower_http::request_id::RequestId;
use tracing::{Level, Span};

use crate::api::SessionStatus;

/// The span of a request: all of its log lines carry these fields.
pub fn span<B>(request: &Request<B>) -> Span {
    let id = request.extensions().get::<RequestId>().and_then(|id| id.header_value().to_str().ok());
    let route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    // A page without an event stream asks for its status every second.
    match route.filter(|route| *route != SessionStatus::PATH) {
        Some(route) => tracing::info_span!("request", id, method = %request.method(), route),
        None => tracing::debug_span!("request", id, method = %request.method()),
    }
}

/// Files, and paths that lead nowhere, are logged at the debug level: strangers ask for thousands.
pub fn response<B>(response: &Response<B>, latency: Duration, span: &Span) {
    let status = response.status().as_u16();
    let millis = latency.as_millis();
    if span.metadata().is_some_and(|span| *span.level() == Level::INFO) {
        tracing::info!(status, millis, "answered");
    } else {
        tracing::debug!(status, millis, "answered");
    }
}

/// The response to a request whose handler panicked; the panic hook has logged why.
pub fn panicked(_: Box<dyn Any + Send + 'static>) -> axum::response::Response {
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}
