//! The files of the site folder.

use axum::{
    Router,
    extract::{Request, State},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, Uri, header};
use tower_http::services::ServeDir;

use super::{responses::path_and_query, state::HttpState};
use crate::pages;

/// `Cache-Control` of files without a hash of their content in the name.
pub const MAY_CHANGE: &str = "public, max-age=3600";
const IMMUTABLE: &str = "public, max-age=31536000, immutable";
/// How much of a file is read at a time, in bytes: several pieces are in memory for each client that reads slowly.
const CHUNK: usize = 16 * 1024;
/// Maximum length of the path of a file, in bytes. Longer names are errors of the file system.
const MAX_PATH_LENGTH: usize = 255;

/// Serves the files, compressed where the build has done that.
pub fn routes(state: &HttpState) -> Router {
    let files = ServeDir::new(&state.app.config.http.site_root)
        .append_index_html_on_directories(false)
        .with_buf_chunk_size(CHUNK)
        .precompressed_br()
        .precompressed_gzip();
    Router::new().fallback_service(files).layer(from_fn_with_state(state.clone(), guard))
}

async fn guard(State(state): State<HttpState>, request: Request, next: Next) -> Response {
    if !request.method().is_safe() || request.uri().path().len() > MAX_PATH_LENGTH {
        return StatusCode::NOT_FOUND.into_response();
    }
    if let Some(page) = page_without_slash(request.uri()) {
        return (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, page)]).into_response();
    }
    let policy = if state.assets.is_immutable(path_and_query(request.uri())) {
        IMMUTABLE
    } else if state.live_reload.is_some() {
        "no-cache"
    } else {
        MAY_CHANGE
    };
    let mut response = next.run(request).await;
    if response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED {
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(policy));
    }
    response
}

/// The address of a page that was asked for with a slash at its end, query kept.
fn page_without_slash(uri: &Uri) -> Option<HeaderValue> {
    let path = uri.path().strip_suffix('/').filter(|path| !path.ends_with('/'))?;
    pages::find(path)?;
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    HeaderValue::from_str(&format!("{path}{query}")).ok()
}
