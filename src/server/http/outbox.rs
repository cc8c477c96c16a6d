//! The last mail, for developers: only where mails are files and no one else can reach the server.

use axum::{
    extract::State,
    response::{Html, IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};

use super::{responses::PRIVATE, state::HttpState};

/// Shows the last mail of this process. A page of another site that has made its name lead here (DNS rebinding) is not
/// answered: the mail may hold a link that gives access.
pub async fn last_mail(State(state): State<HttpState>, headers: HeaderMap) -> Response {
    let host = headers.get(header::HOST).map(|host| host.as_bytes());
    let is_own_host = host == Some(state.app.config.public_url.authority().as_bytes());
    if !state.app.mailer.is_shown() || !is_own_host {
        return StatusCode::NOT_FOUND.into_response();
    }
    let page = state.documents.last_mail(state.app.mailer.last().map(|mail| (mail.recipient, mail.text)));
    ([(header::CACHE_CONTROL, PRIVATE)], Html(page)).into_response()
}
