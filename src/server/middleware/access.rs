//! Judges before anything is rendered.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};

use crate::{
    access::{self, Access, Verdict},
    model::AppError,
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
    let access = access::of(request.uri().path());
    let session = request.extensions().get::<CurrentSession>().cloned();
    let mut response = match (access, visitor(&state, session).await) {
        // A route that nobody has declared does not exist.
        (None, _) => StatusCode::NOT_FOUND.into_response(),
        (Some(access), Ok(visitor)) => match access::judge(access, &visitor.viewer()) {
            Verdict::Allow => {
                request.extensions_mut().insert(visitor);
                next.run(request).await
            }
            verdict => refuse(verdict, &request),
        },
        // Nobody can tell who this is, but these pages are for strangers as well. Only to look
        // at: a change would begin a session, and its cookie take the place of a good one.
        (Some(Access::Anyone | Access::SignedOut), Err(_)) if request.method().is_safe() => {
            request.extensions_mut().insert(Visitor::default());
            next.run(request).await
        }
        (Some(_), Err(error)) => respond::fault(error),
    };
    // What was drawn for one person, or holds their flash message, is kept by nobody else.
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
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
/// by a script gets the refusal as a value.
fn refuse(verdict: Verdict, request: &Request) -> Response {
    let function = access::is_function(request.uri().path());
    let error = access::refusal(verdict).unwrap_or(AppError::Forbidden);
    if function && request.extensions().get::<NativeForm>().is_none() {
        return respond::fault(error);
    }
    let wanted = match request.uri().path_and_query() {
        Some(path_and_query) if !function => path_and_query.as_str(),
        _ => access::page_of(request.uri().path()),
    };
    match access::destination(verdict, wanted) {
        Some(destination) => respond::see_other(&destination),
        None => respond::fault(error),
    }
}
