//! Refusals and faults in the app's own look.

use axum::{
    body::Body,
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http::{HeaderMap, HeaderValue, StatusCode, header};

use super::request_id;
use crate::{
    model::AppError,
    pages::{ErrorDetails, WayBack},
    server::http::{responses, state::HttpState},
    words,
};

/// Where server functions live.
const API: &str = "/api/";
/// Seconds after which a client should try again.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("5");

/// Gives a body to every error: a page to browsers, a value to scripts that call a server function,
/// a sentence to any other client.
pub async fn render(State(state): State<HttpState>, request: Request, next: Next) -> Response {
    let wants_page = responses::accepts_html(request.headers());
    let reference =
        request.headers().get(request_id::HEADER).and_then(|id| id.to_str().ok()).map(str::to_owned);
    let function = request.uri().path().starts_with(API);
    let mut response = next.run(request).await;
    let status = response.status();
    let error = response.extensions().get::<AppError>().copied();
    let is_cross_site = error == Some(AppError::CrossSite);
    let seconds = error.and_then(seconds_to_wait);
    if !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(header::RETRY_AFTER, RETRY_AFTER);
    }
    if wants_page {
        let page = if is_cross_site {
            state.documents.cross_site_page(status.as_u16(), state.origin.clone(), reference)
        } else {
            let way_back = response.extensions_mut().remove::<WayBack>();
            state.documents.error_page(ErrorDetails { status: status.as_u16(), reference, seconds, way_back })
        };
        replace(&mut response, "text/html; charset=utf-8", page);
    } else if function && is_json(response.headers()) {
        // A refusal that is a value already.
        response.headers_mut().insert(header::CACHE_CONTROL, responses::PRIVATE);
    } else if function {
        let error = AppError::of_status(status.as_u16());
        replace(&mut response, "application/json", serde_json::to_string(&error).unwrap_or_default());
    } else if is_cross_site {
        let text =
            format!("{}. {}{}\n", words::cross_site::HEADING, words::cross_site::FOR_PROGRAMS, state.origin);
        replace(&mut response, "text/plain; charset=utf-8", text);
    } else {
        let (heading, text) = words::error_page(status.as_u16());
        let text = seconds.map_or_else(|| text.to_owned(), words::wait);
        replace(&mut response, "text/plain; charset=utf-8", format!("{heading}. {text}\n"));
    }
    response
}

fn seconds_to_wait(error: AppError) -> Option<u32> {
    if let AppError::TooMany { seconds } = error { Some(seconds) } else { None }
}

fn is_json(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes() == b"application/json")
}

fn replace(response: &mut Response, kind: &'static str, body: String) {
    response.headers_mut().remove(header::CONTENT_LENGTH);
    response.headers_mut().remove(header::CONTENT_ENCODING);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response.headers_mut().insert(header::CACHE_CONTROL, responses::PRIVATE);
    *response.body_mut() = Body::from(body);
}
