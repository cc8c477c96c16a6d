//! The files of the site folder.

use std::{path::Path, sync::Arc};

use axum::{
    Router,
    extract::{Request, State},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
};
use http::{HeaderValue, Method, StatusCode, header};
use percent_encoding::percent_decode_str;
use tokio::task::spawn_blocking;
use tower_http::services::ServeDir;

use super::{
    other_spellings,
    responses::{method_not_allowed, path_and_query},
    state::HttpState,
};

/// `Cache-Control` of files without a hash of their content in the name.
pub const MAY_CHANGE: &str = "public, max-age=3600";
const IMMUTABLE: &str = "public, max-age=31536000, immutable";
/// Files about the site that others look for (RFC 8615).
const WELL_KNOWN: &str = "/.well-known/";
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
    let root = &state.app.config.http.site_root;
    let root = root.canonicalize().unwrap_or_else(|_| root.clone()).into();
    Router::new()
        .fallback_service(files)
        .layer(from_fn_with_state(Guard { state: state.clone(), root }, guard))
}

#[derive(Clone)]
struct Guard {
    state: HttpState,
    /// The site folder, without links in its path.
    root: Arc<Path>,
}

async fn guard(State(Guard { state, root }): State<Guard>, mut request: Request, next: Next) -> Response {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    if let Some(response) = other_spellings::resolve(&state, request.uri()) {
        return if is_read { response } else { method_not_allowed() };
    }
    let path = request.uri().path();
    if path.len() > MAX_PATH_LENGTH || !is_public(&root, path).await {
        return StatusCode::NOT_FOUND.into_response();
    }
    if !is_read {
        *request.method_mut() = Method::HEAD;
        let is_there = next.run(request).await.status() != StatusCode::NOT_FOUND;
        return if is_there { method_not_allowed() } else { StatusCode::NOT_FOUND.into_response() };
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

/// False for a hidden file, such as `.git/config` or `.env`, and for one that a link leads to from outside of the
/// site folder.
async fn is_public(root: &Path, path: &str) -> bool {
    let path = percent_decode_str(path).decode_utf8_lossy();
    let visible = path.strip_prefix(WELL_KNOWN).unwrap_or(&path);
    if visible.split(['/', '\\']).any(|name| name.starts_with('.')) {
        return false;
    }
    let file = root.join(path.trim_start_matches('/'));
    let file = spawn_blocking(move || file.canonicalize()).await;
    // What is not there is not found later on.
    !matches!(file, Ok(Ok(file)) if !file.starts_with(root))
}
