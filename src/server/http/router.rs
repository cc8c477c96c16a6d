//! Routes: pages, server functions, probes and files.

use axum::{
    Router,
    extract::{Request, State},
    response::{Html, IntoResponse, Response},
    routing::{get, post},
};
use http::{HeaderName, HeaderValue, Method, StatusCode, Uri, header};

use super::{
    data,
    document::Flash,
    files, functions, middleware,
    middleware::Background,
    other_spellings, outbox,
    post_redirect_get::take_rejected,
    probes,
    responses::{fault, path_and_query, see_other},
    session_events,
    state::HttpState,
};
use crate::{
    access::{self, Function},
    api::FUNCTIONS,
    model::{AppError, RejectedForm},
    pages::{self, Page, PageRequest},
    server::caller::Caller,
};

/// Where browsers find which links to prefetch (HTML standard, speculative loading).
const SPECULATION_RULES: &str = "/speculation-rules.json";
/// Links between signed-in pages, once the pointer rests on them. Other links may lead to a page that a
/// form has just changed.
const SPECULATION: &str =
    r#"{"prefetch":[{"where":{"selector_matches":".places a, .pages a"},"eagerness":"moderate"}]}"#;

/// Everything the server answers.
pub fn router(state: &HttpState) -> Router {
    let app = page_routes().merge(function_routes()).with_state(state.clone());
    middleware::stack(state, app, open_routes(state))
}

/// The paths of all pages and server functions that are mounted.
pub fn mounted() -> Vec<&'static str> {
    pages::all().iter().map(|page| page.path).chain([pages::DATA]).chain(functions::paths()).collect()
}

fn page_routes() -> Router<HttpState> {
    let router = Router::new().route(pages::DATA, get(data::download));
    pages::all().iter().fold(router, |router, page| {
        let handler = move |State(state), request| show(page, state, request);
        router.route(page.path, get(handler))
    })
}

fn function_routes() -> Router<HttpState> {
    functions::paths().fold(Router::new(), |router, path| router.route(path, post(functions::call)))
}

fn open_routes(state: &HttpState) -> Router {
    // A restored tab asks for the address that its form was posted to.
    let forms = FUNCTIONS.iter().fold(Router::new(), |router, Function { path, page, .. }| {
        router.route(path, get(move || async { see_other(page) }))
    });
    let open_link = |State(state): State<HttpState>, uri: Uri| async move {
        other_spellings::resolve(&state, &uri).ok_or(StatusCode::NOT_FOUND)
    };
    let linked = pages::all().iter().filter(|page| page.by_link);
    // Routes of their own for the log.
    let links = linked.fold(Router::new(), |router, page| {
        router
            .route(&format!("{}/{{token}}", page.path), get(open_link))
            .route(&format!("{}/{{token}}/", page.path), get(open_link))
    });
    let router = forms.merge(links.with_state(state.clone()));
    let router = if state.app.mailer.is_shown() {
        router.route(pages::LAST_MAIL, get(outbox::last_mail).with_state(state.clone()))
    } else {
        router
    };
    router
        .route("/healthz", get(probes::healthz))
        .route("/readyz", get(probes::readyz).with_state(state.clone()))
        .route(session_events::PATH, get(session_events::stream).with_state(state.clone()))
        .route(pages::CHANGE_PASSWORD, get(|| async { see_other("/account/security") }))
        .route(SPECULATION_RULES, get(speculation_rules))
        .fallback_service(files::routes(state))
}

async fn speculation_rules() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/speculationrules+json"),
        (header::CACHE_CONTROL, files::MAY_CHANGE),
    ];
    (headers, SPECULATION).into_response()
}

/// Shows a page.
async fn show(page: &'static Page, state: HttpState, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let Some(caller) = parts.extensions.get::<Caller>().cloned() else { return fault(AppError::Internal) };
    let by_cookie = state.rejected_forms.read(&parts.headers);
    let in_query = match take_rejected(&parts.uri) {
        Some((_, address)) if by_cookie.is_some() => return see_other(&address),
        Some((signed, _)) => state.rejected_forms.verify(signed),
        None => None,
    };
    // A prefetch must not use up a message that is for a person.
    let is_visit = parts.method == Method::GET && parts.extensions.get::<Background>().is_none();
    let flash = if is_visit {
        Flash {
            notice: take_notice(page, &caller).await,
            rejected: of_page(&state, page, by_cookie.or(in_query)),
        }
    } else {
        Flash::default()
    };
    let shows_form = flash.rejected.is_some();
    let signed_in = caller.account.is_some();
    let link = if page.by_link { state.link_cookie.read(&parts.headers, page.path) } else { None };
    let request = PageRequest { caller, uri: parts.uri.clone(), link };
    let html = state.documents.render(page, request, flash).await;
    let shown = if shows_form && html.is_ok() { state.rejected_forms.remove() } else { None };
    let mut response = match html {
        Ok(html) if signed_in => (prefetching(), Html(html)).into_response(),
        Ok(html) => Html(html).into_response(),
        // The session may have ended while the page was being read.
        Err(error) => match access::redirect_for(error, path_and_query(&parts.uri)) {
            Some(destination) => see_other(&destination),
            None => fault(error),
        },
    };
    response.headers_mut().extend(shown.map(|cookie| (header::SET_COOKIE, cookie)));
    response
}

/// What a form has done is for the page that follows, not for a step-up on the way there.
async fn take_notice(page: &Page, caller: &Caller) -> Option<String> {
    if page.path == access::CONFIRM { None } else { caller.session.take_flash().await }
}

/// A rejected form is for the page of its function alone: another tab must not use it up.
fn of_page(state: &HttpState, page: &Page, rejected: Option<RejectedForm>) -> Option<RejectedForm> {
    rejected.filter(|form| {
        state.app.policy.function(&form.function).is_some_and(|function| function.page == page.path)
    })
}

fn prefetching() -> [(HeaderName, HeaderValue); 1] {
    const NAME: HeaderName = HeaderName::from_static("speculation-rules");
    const VALUE: HeaderValue = HeaderValue::from_static("\"/speculation-rules.json\"");
    [(NAME, VALUE)]
}
