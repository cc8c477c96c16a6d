//! Routes: pages, server functions, files and probes.

use axum::{
    Router,
    body::to_bytes,
    extract::{Request, State},
    middleware::{Next, from_fn_with_state},
    response::{Html, IntoResponse, Response},
    routing::{get, post},
};
use http::{HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use leptos::{
    prelude::{Owner, provide_context},
    reactive::computed::ScopedFuture,
    server_fn,
};
use tower_http::services::ServeDir;

use super::{
    document, live, middleware,
    request::{NativeForm, PageRequest, Visitor},
    respond::{fault, see_other},
    sessions::{Background, CurrentSession},
    state::AppState,
};
use crate::{
    access::{self, Function},
    api::FUNCTIONS,
    model::AppError,
    pages::{self, Page},
};

/// Files without a hash in their name are asked about again after this.
const FILES_MAX_AGE: &str = "public, max-age=3600";
/// Maximum length of the path of a file, in bytes. File systems refuse longer names, which is no fault of ours.
const MAX_PATH_LENGTH: usize = 255;
const IMMUTABLE: &str = "public, max-age=31536000, immutable";

/// Where browsers find which links to prefetch (HTML standard, speculative loading).
const SPECULATION_RULES: &str = "/speculation-rules.json";
/// Links of a signed-in page to its neighbours, once the pointer rests on them. Others may lead where a form of the same page has just changed something.
const SPECULATION: &str =
    r#"{"prefetch":[{"where":{"selector_matches":".places a, .pages a"},"eagerness":"moderate"}]}"#;

/// Everything the server answers.
pub fn router(state: &AppState) -> Router {
    let app = page_routes().merge(function_routes()).with_state(state.clone());
    middleware::stack(state, app, open_routes(state))
}

/// The paths of all pages and server functions that are mounted.
pub fn mounted() -> Vec<&'static str> {
    pages::all().iter().map(|page| page.path).chain(function_paths()).collect()
}

fn page_routes() -> Router<AppState> {
    pages::all().iter().fold(Router::new(), |router, page| {
        let handler = move |State(state), request| show(page, state, request);
        router.route(page.path, get(handler))
    })
}

fn function_routes() -> Router<AppState> {
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
    // A tab that is restored asks for the address that its form was posted to.
    let forms = FUNCTIONS.iter().fold(Router::new(), |router, Function { path, page, .. }| {
        router.route(path, get(move || async { see_other(page) }))
    });
    forms
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready).with_state(state.clone()))
        .route("/session/events", get(live::events).with_state(state.clone()))
        // Where password managers send people who should change theirs.
        .route("/.well-known/change-password", get(|| async { see_other("/account/security") }))
        .route(SPECULATION_RULES, get(speculation_rules))
        .fallback_service(files)
}

async fn speculation_rules() -> Response {
    let headers =
        [(header::CONTENT_TYPE, "application/speculationrules+json"), (header::CACHE_CONTROL, FILES_MAX_AGE)];
    (headers, SPECULATION).into_response()
}

/// Shows a page.
async fn show(page: &'static Page, state: AppState, request: Request) -> Response {
    let extensions = request.extensions();
    let (visitor, session) = (extensions.get::<Visitor>(), extensions.get::<CurrentSession>());
    let (Some(visitor), Some(session)) = (visitor.cloned(), session.cloned()) else {
        return fault(AppError::Internal);
    };
    // A message is for somebody who looks at the page.
    let is_visit = request.method() == Method::GET && extensions.get::<Background>().is_none();
    let flash = if is_visit { session.take_flash().await } else { None };
    let signed_in = visitor.account.is_some();
    let request = PageRequest { state, visitor, session, uri: request.uri().clone() };
    let uri = request.uri.clone();
    match document::render(page, request, flash).await {
        Ok(html) if signed_in => (prefetching(), Html(html)).into_response(),
        Ok(html) => Html(html).into_response(),
        // The session may have ended while the page was put together.
        Err(error) => match access::redirect_for(error, wanted(&uri)) {
            Some(destination) => see_other(&destination),
            None => fault(error),
        },
    }
}

fn wanted(uri: &Uri) -> &str {
    uri.path_and_query().map_or("/", |path_and_query| path_and_query.as_str())
}

fn prefetching() -> [(HeaderName, HeaderValue); 1] {
    const NAME: HeaderName = HeaderName::from_static("speculation-rules");
    const VALUE: HeaderValue = HeaderValue::from_static("\"/speculation-rules.json\"");
    [(NAME, VALUE)]
}

/// Calls a server function. What it answers to a native form is the address that it leads to; a fault
/// gets the status that it deserves, where Leptos knows but one for all.
async fn function(State(state): State<AppState>, mut request: Request) -> Response {
    let native_form = request.extensions().get::<NativeForm>().cloned();
    let function = request.extensions().get::<Function>().copied();
    let service = server_fn::axum::get_server_fn_service(request.uri().path(), Method::POST);
    let (Some(function), Some(mut service)) = (function, service) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    // A script is asking, as far as Leptos is concerned: it would answer a form by sending it back to the
    // `Referer`, with the error as text in the query.
    request.headers_mut().insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    request.headers_mut().remove(header::REFERER);
    let (parts, body) = request.into_parts();
    let owner = Owner::new_root(None);
    let calling = owner.with(|| {
        provide_context(state);
        provide_context(parts.clone());
        ScopedFuture::new(async move { service.run(Request::from_parts(parts, body)).await })
    });
    let answer = calling.await;
    owner.unset_with_forced_cleanup();
    if answer.headers().contains_key(server_fn::error::SERVER_FN_ERROR_HEADER) {
        let error = error_of(answer).await;
        // The session may have ended while the form was on its way.
        let elsewhere = native_form.and_then(|_| access::redirect_for(error, function.page));
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

async fn guard_files(State(state): State<AppState>, request: Request, next: Next) -> Response {
    // Files are only read: whatever else was meant, there is nothing here.
    if !request.method().is_safe() || request.uri().path().len() > MAX_PATH_LENGTH {
        return StatusCode::NOT_FOUND.into_response();
    }
    if let Some(page) = page_without_slash(request.uri()) {
        return (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, page)]).into_response();
    }
    let policy = if state.assets.is_immutable(wanted(request.uri())) {
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

/// The address of a page that was asked for with a slash at its end, query kept.
fn page_without_slash(uri: &Uri) -> Option<HeaderValue> {
    let path = uri.path().strip_suffix('/').filter(|path| !path.ends_with('/'))?;
    pages::find(path)?;
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    HeaderValue::from_str(&format!("{path}{query}")).ok()
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
