//! Routes: pages, server functions, files and probes.

use std::sync::LazyLock;

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use http::{HeaderValue, Method, StatusCode, header};
use leptos::{
    nonce::Nonce,
    prelude::{provide_context, view},
    server_fn,
};
use tower_http::services::ServeDir;

use super::{
    document::Document,
    live, middleware,
    request::{NativeForm, Visitor},
    respond::{fault, see_other},
    sessions::CurrentSession,
    state::AppState,
};
use crate::{
    access,
    app::App,
    model::{AppError, Flash},
};

/// Files without a hash in their name are asked about again after this.
const FILES_MAX_AGE: &str = "public, max-age=3600";
/// Longest path of a file, in bytes. File systems refuse longer names, which is no fault of ours.
const LONGEST_PATH: usize = 255;
const IMMUTABLE: &str = "public, max-age=31536000, immutable";

/// The patterns of all pages. Listed once, before anything is served: while Leptos lists them, every
/// resource of the process that begins to load waits for ever (leptos-rs/leptos#4773).
static PAGES: LazyLock<Vec<String>> = LazyLock::new(|| {
    leptos_axum::generate_route_list(App).iter().map(|listing| listing.path().to_owned()).collect()
});

/// Everything the server answers.
pub fn router(state: &AppState) -> Router {
    let app = pages().merge(functions()).with_state(state.clone());
    middleware::stack(state, app, open_routes(state))
}

/// The patterns of all pages and server functions that are mounted.
pub fn mounted() -> Vec<String> {
    PAGES.iter().cloned().chain(function_paths().map(str::to_owned)).collect()
}

fn pages() -> Router<AppState> {
    PAGES.iter().fold(Router::new(), |router, path| router.route(path, get(page)))
}

fn functions() -> Router<AppState> {
    function_paths().fold(Router::new(), |router, path| router.route(path, post(function)))
}

/// All server functions; one that is not called by POST has no route, and a test says so.
fn function_paths() -> impl Iterator<Item = &'static str> {
    server_fn::axum::server_fn_paths().filter(|(_, method)| *method == Method::POST).map(|(path, _)| path)
}

fn open_routes(state: &AppState) -> Router {
    let files = ServeDir::new(&state.config.http.site_root)
        .append_index_html_on_directories(false)
        .precompressed_br()
        .precompressed_gzip();
    let files = Router::new().fallback_service(files).layer(from_fn_with_state(state.clone(), guard_files));
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready).with_state(state.clone()))
        .route("/session/events", get(live::events).with_state(state.clone()))
        // Where password managers send people who should change theirs.
        .route("/.well-known/change-password", get(|| async { see_other("/account/security") }))
        .fallback_service(files)
}

/// Renders a page. It is collected before it is sent: all of it has been rendered by then, and a
/// body in one piece leaves in one write, with its length.
async fn page(State(state): State<AppState>, request: Request) -> Response {
    let flash = match request.extensions().get::<CurrentSession>() {
        Some(session) if request.method() == Method::GET => session.take_flash().await,
        _ => None,
    };
    let context = context(&state, &request, flash);
    let (assets, live_reload) = (state.assets.clone(), state.live_reload);
    let document = move || view! { <Document assets=assets.clone() live_reload/> };
    let rendered = leptos_axum::render_app_async_with_context(context, document)(request).await;
    let (parts, body) = rendered.into_parts();
    match to_bytes(body, usize::MAX).await {
        Ok(body) => Response::from_parts(parts, Body::from(body)),
        Err(error) => {
            tracing::error!(%error, "a page broke off while it was rendered");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Calls a server function. Leptos would answer a form without JavaScript by sending it back to
/// the `Referer` with the error as text in the query, and every error with 500; so it is told that
/// a script is asking, and the answer is given here.
async fn function(State(state): State<AppState>, mut request: Request) -> Response {
    let native_form = request.extensions().get::<NativeForm>().cloned();
    let path = request.uri().path().to_owned();
    request.headers_mut().insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    request.headers_mut().remove(header::REFERER);
    let context = context(&state, &request, None);
    let answer = leptos_axum::handle_server_fns_with_context(context, request).await.into_response();
    if answer.headers().contains_key(server_fn::error::SERVER_FN_ERROR_HEADER) {
        let error = error_of(answer).await;
        // The session may have ended while the form was on its way.
        let elsewhere = native_form.and_then(|_| access::way_out(error, access::page_of(&path)));
        return elsewhere.map_or_else(|| fault(error), |destination| see_other(&destination));
    }
    match native_form.as_ref().and_then(NativeForm::destination) {
        Some(destination) => see_other(destination),
        None => answer,
    }
}

/// The error inside an answer of Leptos, which knows but one status for all of them.
async fn error_of(answer: Response) -> AppError {
    const LARGEST: usize = 1024;
    let body = to_bytes(answer.into_body(), LARGEST).await.unwrap_or_default();
    serde_json::from_slice(&body).unwrap_or(AppError::Internal)
}

/// What components and server functions find in their context, beside what Leptos puts there.
fn context(
    state: &AppState,
    request: &Request,
    flash: Option<Flash>,
) -> impl Fn() + Clone + Send + Sync + 'static {
    let state = state.clone();
    let nonce = request.extensions().get::<Nonce>().cloned();
    let viewer = request.extensions().get::<Visitor>().map(Visitor::viewer).unwrap_or_default();
    let session = request.extensions().get::<CurrentSession>();
    let ended = session.and_then(CurrentSession::ended);
    let news = session.map(|session| live::news_of(&state.sessions, session));
    move || {
        provide_context(state.clone());
        provide_context(viewer.clone());
        provide_context(flash.clone());
        provide_context(ended);
        provide_context(news.clone());
        if let Some(nonce) = nonce.clone() {
            provide_context(nonce);
        }
    }
}

async fn guard_files(State(state): State<AppState>, request: Request, next: Next) -> Response {
    // Files are only read: whatever else was meant, there is nothing here.
    if !request.method().is_safe() || request.uri().path().len() > LONGEST_PATH {
        return StatusCode::NOT_FOUND.into_response();
    }
    let policy = if state.assets.is_immutable(request.uri().path()) {
        IMMUTABLE
    } else if state.live_reload.is_some() {
        "no-cache"
    } else {
        FILES_MAX_AGE
    };
    let mut response = next.run(request).await;
    if response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED {
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(policy));
    }
    response
}

/// Whether the stores answer: a load balancer sends nobody here while they do not.
async fn ready(State(state): State<AppState>) -> Response {
    let database = state.db.ping().await.is_ok();
    let sessions = state.sessions.ping().await.is_ok();
    if database && sessions {
        "ok\n".into_response()
    } else {
        StatusCode::SERVICE_UNAVAILABLE.into_response()
    }
}
