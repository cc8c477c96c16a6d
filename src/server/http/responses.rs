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

/// Media types of pages, and ranges that mean them; the first that a client names decides (RFC 9110, section 12.5.1).
const PAGES: [&str; 3] = ["text/html", "application/xhtml+xml", "text/*"];

/// True for a client that shows pages: a browser that navigates, or posts a form by itself; and any other that asks
/// for them. `*/*` alone is what programs send.
pub fn accepts_html(headers: &HeaderMap) -> bool {
    is_navigation(headers) || PAGES.iter().find_map(|kind| accepts(headers, kind)).unwrap_or(false)
}

/// Whether a client wants a media type; `None` if it does not name it.
fn accepts(headers: &HeaderMap, kind: &str) -> Option<bool> {
    let lines = headers.get_all(header::ACCEPT).iter().map(HeaderValue::as_bytes);
    lines.flat_map(|line| line.split(|byte| *byte == b',')).find_map(|range| {
        let mut parts = range.split(|byte| *byte == b';').map(<[u8]>::trim_ascii);
        let is_named = parts.next()?.eq_ignore_ascii_case(kind.as_bytes());
        is_named.then(|| !parts.any(is_zero_quality))
    })
}

fn is_zero_quality(parameter: &[u8]) -> bool {
    let quality = parameter.strip_prefix(b"q=").or_else(|| parameter.strip_prefix(b"Q="));
    quality.is_some_and(|quality| {
        quality.starts_with(b"0") && quality.iter().all(|digit| matches!(digit, b'0' | b'.'))
    })
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

/// For what can only be read.
pub fn method_not_allowed() -> Response {
    (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET,HEAD")]).into_response()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn accepts(lines: &[&[u8]]) -> bool {
        let lines = lines.iter().map(|line| HeaderValue::from_bytes(line).expect("a header"));
        accepts_html(&lines.map(|line| (header::ACCEPT, line)).collect())
    }

    #[test]
    fn clients_that_ask_for_pages_get_them() {
        for line in [
            &b"text/html"[..],
            b"TEXT/HTML",
            b"application/json, Text/Html ;q=0.5",
            b"text/html;q=0.001",
            b"text/*",
            b"application/xhtml+xml",
            b"\xff\xfe, text/html",
            b"text/html;level=\xff",
        ] {
            assert!(accepts(&[line]), "{line:?}");
            assert!(accepts(&[b"image/png", line]), "{line:?} in a second line");
        }
    }

    #[test]
    fn others_do_not() {
        for line in [
            &b""[..],
            b"*/*",
            b"application/json, text/plain, */*",
            b"text/event-stream",
            b"application/x-text/html",
            b"text/html2",
            b"text/html;q=0, application/json",
            b"text/html; q=0.000, text/*",
            b"text/html ;x=y; Q=0.",
        ] {
            assert!(!accepts(&[line]), "{line:?}");
        }
        assert!(!accepts(&[]));
    }
}
