//! The last mail, for developers: only where mails are files and no one else can reach the server.

use axum::{
    extract::State,
    response::{Html, IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};

use super::{responses::PRIVATE, state::HttpState};

/// What proxies add. One on this machine may let others in.
const FORWARDED: [&str; 4] = ["forwarded", "x-forwarded-for", "x-real-ip", "via"];

/// Shows the last mail of this process. It may hold a link that gives access, so neither a page of another site that
/// has made its name lead here (DNS rebinding) nor a proxy is answered.
pub async fn last_mail(State(state): State<HttpState>, headers: HeaderMap) -> Response {
    let host = headers.get(header::HOST).map(|host| host.as_bytes());
    let is_own_host = host == Some(state.app.config.public_url.authority().as_bytes());
    let is_forwarded = FORWARDED.iter().any(|name| headers.contains_key(*name));
    if !state.app.mailer.is_shown() || !is_own_host || is_forwarded {
        return StatusCode::NOT_FOUND.into_response();
    }
    let page = state.documents.last_mail(state.app.mailer.last().map(|mail| (mail.recipient, mail.text)));
    ([(header::CACHE_CONTROL, PRIVATE)], Html(page)).into_response()
}
