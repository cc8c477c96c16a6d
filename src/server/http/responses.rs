//! Short responses: a redirect, or a fault.

use axum::{
    Extension, Json,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, Uri, header};

use crate::model::AppError;

/// `Cache-Control` of responses for one visitor: no cache stores them, and no proxy rewrites them, since
/// an island finds its elements only where the server put them.
pub const PRIVATE: HeaderValue = HeaderValue::from_static("no-store, no-transform");

/// Path and query of a request, as it was asked for.
pub fn path_and_query(uri: &Uri) -> &str {
    uri.path_and_query().map_or("/", |path_and_query| path_and_query.as_str())
}

/// True for a client that shows pages: a browser that navigates, or posts a form by itself.
pub fn accepts_html(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accept.is_some_and(|value| value.contains("text/html"))
}

/// True for a browser that goes to a page, or posts a form by itself; other clients send neither header.
pub fn is_navigation(headers: &HeaderMap) -> bool {
    let is = |name: &str, value: &[u8]| headers.get(name).is_some_and(|found| found.as_bytes() == value);
    // Over plain HTTP browsers send only the second.
    is("sec-fetch-mode", b"navigate") || is("upgrade-insecure-requests", b"1")
}

/// A 303 with an empty body. The destination is our own, but nothing is lost by checking.
pub fn see_other(destination: &str) -> Response {
    match HeaderValue::from_str(destination) {
        Ok(location) => (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// A fault as a script gets it. Its extensions have the error, too.
pub fn fault(error: AppError) -> Response {
    let mut response = (status(error), Extension(error), Json(error)).into_response();
    if let AppError::TooMany { seconds } = error {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

fn status(error: AppError) -> StatusCode {
    StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
