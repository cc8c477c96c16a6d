//! Judges before anything is rendered.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};

use crate::{
    access::{self, Access, Function, Verdict},
    api::FUNCTIONS,
    model::{AppError, ReturnTo},
    pages,
    server::{
        db::accounts,
        error::ServerError,
        request::{NativeForm, Visitor},
        respond,
        sessions::{CurrentSession, Opened},
        state::AppState,
    },
};

/// Lets a request through to its page or server function, or answers it here. A refused page is a
/// 303 with an empty body: no byte of it has been rendered.
pub async fn enforce(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let function = FUNCTIONS.iter().find(|function| function.path == path).copied();
    let access = function.map(|function| function.access).or_else(|| Some(pages::find(path)?.access));
    let session = request.extensions().get::<CurrentSession>().cloned();
    if let Some(function) = function {
        request.extensions_mut().insert(function);
    }
    let mut response = match (access, visitor(&state, session).await) {
        // A route that nobody has declared does not exist.
        (None, _) => StatusCode::NOT_FOUND.into_response(),
        (Some(access), Ok(visitor)) => match access::judge(access, visitor.viewer()) {
            Verdict::Allow => {
                request.extensions_mut().insert(visitor);
                next.run(request).await
            }
            verdict => refuse(verdict, function, &request),
        },
        // Nobody can tell who this is, but these pages are for strangers as well. Only to look
        // at: a change would begin a session, and its cookie take the place of a good one.
        (Some(Access::Anyone | Access::SignedOut), Err(_)) if request.method().is_safe() => {
            request.extensions_mut().insert(Visitor::default());
            next.run(request).await
        }
        (Some(_), Err(error)) => respond::fault(error),
    };
    response.headers_mut().insert(header::CACHE_CONTROL, respond::PRIVATE);
    response
}

async fn visitor(state: &AppState, session: Option<CurrentSession>) -> Result<Visitor, AppError> {
    let session = session.ok_or(AppError::Internal)?;
    if session.opened() == Opened::Unavailable {
        return Err(AppError::Unavailable);
    }
    let Some(stored) = session.stored() else { return Ok(Visitor::default()) };
    let account = match (session.account(), &stored.account) {
        // Most pages ask the database for nothing but what came with the session.
        (Some(account), _) => Some(account),
        (None, Some(id)) => accounts::by_id(&state.db, id).await.map_err(ServerError::from)?,
        (None, None) => None,
    };
    // A store without the accounts beside it cannot tell that the password has been changed.
    let account = account.filter(|account| stored.is_proved_by(account));
    Ok(Visitor { account, session: Some(stored.handle), fresh: session.is_fresh() })
}

/// A page, or a form that a browser posted by itself, is sent elsewhere; a server function called
/// by an island gets the refusal as a value.
fn refuse(verdict: Verdict, function: Option<Function>, request: &Request) -> Response {
    let error = access::refusal(verdict).unwrap_or(AppError::Forbidden);
    if function.is_some() && request.extensions().get::<NativeForm>().is_none() {
        return respond::fault(error);
    }
    let asked = || request.uri().path_and_query().map_or("/", |path_and_query| path_and_query.as_str());
    let wanted = function.map_or_else(asked, |function| function.page);
    match access::destination(verdict, wanted) {
        // The return address in the query of a page for visitors who are signed out is anybody's word.
        Some(next) if verdict == Verdict::Home => {
            respond::see_other(pages::return_to(Some(&next)).unwrap_or_else(ReturnTo::home).as_str())
        }
        Some(destination) => respond::see_other(&destination),
        None => respond::fault(error),
    }
}
