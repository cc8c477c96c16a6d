use leptos::prelude::*;

use crate::model::{AppError, FormOutcome, SessionNews};

/// Ends one session of the account, by its public handle.
#[server(name = EndSession, prefix = "/api", endpoint = "end_session")]
pub async fn end_session(session: String) -> Result<FormOutcome, AppError> {
    use crate::server::{accounts, request};
    let caller = request::require::<EndSession>()?;
    accounts::end_session(&caller, session).await
}

/// Ends all sessions of the account but this one.
#[server(name = EndOtherSessions, prefix = "/api", endpoint = "end_other_sessions")]
pub async fn end_other_sessions() -> Result<FormOutcome, AppError> {
    use crate::server::{accounts, request};
    let caller = request::require::<EndOtherSessions>()?;
    accounts::end_other_sessions(&caller).await
}

/// How this session is. Reading it does not move its idle clock.
#[server(name = SessionStatus, prefix = "/api", endpoint = "session_status")]
pub async fn session_status() -> Result<SessionNews, AppError> {
    use crate::server::{live, request};
    let caller = request::require::<SessionStatus>()?;
    Ok(live::news_of(&caller))
}

/// Extends this session, and says how it is now.
#[server(name = Stay, prefix = "/api", endpoint = "stay")]
pub async fn stay() -> Result<SessionNews, AppError> {
    use crate::server::{live, request};
    // Opening the session has moved its idle clock.
    let caller = request::require::<Stay>()?;
    Ok(live::news_of(&caller))
}
