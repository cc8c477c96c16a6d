//! Addresses that were written in another way: with a slash at the end, or with characters percent-encoded that need
//! not be (RFC 3986, section 6.2.2.2). People type them, and programs that handle mails change links.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, Uri, header};
use percent_encoding::percent_decode_str;

use super::state::HttpState;
use crate::pages;

/// Answers the link of a mail at once, as a redirect would carry its token to one more address; leads other
/// addresses to the usual one, query kept. `None` if nothing is there either.
pub fn resolve(state: &HttpState, uri: &Uri) -> Option<Response> {
    let path = uri.path();
    let path = path.strip_suffix('/').unwrap_or(path);
    let (folder, last) = path.rsplit_once('/').filter(|(_, last)| !last.is_empty())?;
    let folder = percent_decode_str(folder).decode_utf8().ok()?;
    let last = percent_decode_str(last).decode_utf8_lossy();
    if let Some(page) = pages::find(&folder).filter(|page| page.by_link) {
        return Some(state.link_cookie.open(page.path, last.trim_end_matches('/')));
    }
    let usual = format!("{folder}/{last}");
    let is_known = usual == pages::CHANGE_PASSWORD || state.app.policy.access_for(&usual).is_some();
    if !is_known || usual == uri.path() {
        return None;
    }
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let location = HeaderValue::from_str(&(usual + &query)).ok()?;
    Some((StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, location)]).into_response())
}
