use leptos::prelude::*;

use crate::model::{AppError, FormOutcome, SessionEntry, SessionNews};

/// The sessions of whoever asks, this one first.
#[server(name = LoadSessions, prefix = "/api", endpoint = "sessions")]
pub async fn load_sessions() -> Result<Vec<SessionEntry>, AppError> {
    use crate::server::{accounts, request};
    let caller = request::require::<LoadSessions>()?;
    accounts::sessions(&caller).await
}

/// Ends one of them, by its public handle.
#[server(name = EndSession, prefix = "/api", endpoint = "end_session")]
pub async fn end_session(session: String) -> Result<FormOutcome, AppError> {
    use crate::server::{accounts, request};
    let caller = request::require::<EndSession>()?;
    accounts::end_session(&caller, session).await
}

/// Ends all of them but this.
#[server(name = EndOtherSessions, prefix = "/api", endpoint = "end_other_sessions")]
pub async fn end_other_sessions() -> Result<FormOutcome, AppError> {
    use crate::server::{accounts, request};
    let caller = request::require::<EndOtherSessions>()?;
    accounts::end_other_sessions(&caller).await
}

/// Prolongs the session that asks, and says how it is now.
#[server(name = Stay, prefix = "/api", endpoint = "stay")]
pub async fn stay() -> Result<SessionNews, AppError> {
    use crate::server::{live, request};
    // Opening the session has moved its idle clock.
    let caller = request::require::<Stay>()?;
    Ok(live::news_of(&caller.state.sessions, &caller.session))
}
