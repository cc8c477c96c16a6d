//! What is logged, and how. No body, cookie, query or token ever is: a request appears with the
//! pattern of its route, not with its path.

use std::{
    any::Any,
    io::{self, IsTerminal},
    panic,
    time::Duration,
};

use axum::{
    extract::MatchedPath,
    http::{Request, Response, StatusCode},
    response::IntoResponse,
};
use leptos::server_fn::ServerFn;
use tower_http::request_id::RequestId;
use tracing::{Level, Span};
use tracing_subscriber::EnvFilter;

use super::config::{Config, LogFormat};
use crate::api::SessionStatus;

/// Starts logging to standard error. A panic becomes a log line like any other.
///
/// # Errors
/// If the filter makes no sense.
pub fn init(config: &Config) -> Result<(), tracing_subscriber::filter::ParseError> {
    let filter = EnvFilter::builder().parse(&config.log)?;
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    match config.log_format {
        LogFormat::Text => subscriber.with_target(false).with_ansi(io::stderr().is_terminal()).init(),
        LogFormat::Json => subscriber.json().flatten_event(true).init(),
    }
    panic::set_hook(Box::new(|info| {
        let location = info.location().map(ToString::to_string).unwrap_or_default();
        let message = info.payload_as_str().unwrap_or("no message");
        tracing::error!(location, message, "panicked");
    }));
    Ok(())
}

/// The span of a request: every line logged within it carries these.
pub fn request_span<B>(request: &Request<B>) -> Span {
    let id = request.extensions().get::<RequestId>().and_then(|id| id.header_value().to_str().ok());
    let route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    // A page without an event stream asks for its status every second.
    match route.filter(|route| *route != SessionStatus::PATH) {
        Some(route) => tracing::info_span!("request", id, method = %request.method(), route),
        None => tracing::debug_span!("request", id, method = %request.method()),
    }
}

/// One line a request. Files, and paths that lead nowhere, are of interest only to those who look
/// closely: strangers ask for thousands of them.
pub fn log_response<B>(response: &Response<B>, latency: Duration, span: &Span) {
    let status = response.status().as_u16();
    let millis = latency.as_millis();
    if span.metadata().is_some_and(|span| *span.level() == Level::INFO) {
        tracing::info!(status, millis, "answered");
    } else {
        tracing::debug!(status, millis, "answered");
    }
}

/// The answer to a request whose handler panicked; the hook has logged why.
pub fn panicked(_: Box<dyn Any + Send + 'static>) -> axum::response::Response {
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}
