//! Cross-site request forgery: a request that changes something must come from a page of this site (OWASP
//! CSRF Prevention Cheat Sheet, Fetch Metadata and Origin; ASVS 3.5.1).

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http::{HeaderMap, HeaderName, Method, header};

use crate::{
    model::AppError,
    server::http::{responses, state::HttpState},
};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Refuses what comes from another site, on every path and whatever the content type. Refusals tell no
/// other site anything either: no response has CORS headers.
pub async fn refuse_cross_site(State(state): State<HttpState>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let is_safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if is_safe || is_own(headers, &state.origin, state.session_cookie.is_in(headers)) {
        return next.run(request).await;
    }
    responses::fault(AppError::CrossSite)
}

/// True if the browser says that a request that changes nothing is not from a page of this site. `origin` is that of
/// the public URL.
pub fn is_cross_site_read(headers: &HeaderMap, origin: &str) -> bool {
    let is_own_site =
        matches!(single(headers, SEC_FETCH_SITE), Header::None | Header::One(b"same-origin" | b"none"));
    let is_own_origin = match single(headers, header::ORIGIN) {
        Header::None => true,
        Header::One(value) => value == origin.as_bytes(),
        Header::Several => false,
    };
    !(is_own_site && is_own_origin)
}

/// Browsers set both headers, and no script can change them. `origin` is that of the public URL.
fn is_own(headers: &HeaderMap, origin: &str, has_session_cookie: bool) -> bool {
    let origin_fits = |value: &[u8]| value == origin.as_bytes();
    match (single(headers, SEC_FETCH_SITE), single(headers, header::ORIGIN)) {
        // No browser sends one twice.
        (Header::Several, _) | (_, Header::Several) => false,
        // The browser has compared the origins. It calls ours `null` where an extension or a proxy has set
        // the policy `no-referrer`.
        (Header::One(b"same-origin"), Header::One(value)) => origin_fits(value) || value == b"null",
        // `none`: made by the person and by no page, such as a form that a restored tab sends again. A page of
        // another site cannot make such a request. If its own was refused, and the person reloads the refusal,
        // it still has its `Origin`.
        (Header::One(b"none"), Header::One(value)) => origin_fits(value),
        (Header::One(b"same-origin" | b"none"), Header::None) => true,
        (Header::One(_), _) => false,
        // Over plain HTTP, and in old browsers.
        (Header::None, Header::One(value)) => origin_fits(value),
        // No browser of these years, which all send `Origin` with a POST. It must not act for a session, not
        // even one whose cookie does not verify.
        (Header::None, Header::None) => !has_session_cookie,
    }
}

enum Header<'a> {
    None,
    One(&'a [u8]),
    Several,
}

fn single(headers: &HeaderMap, name: HeaderName) -> Header<'_> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Header::None,
        (Some(value), None) => Header::One(value.as_bytes()),
        (Some(_), Some(_)) => Header::Several,
    }
}
