use leptos::prelude::*;

use crate::model::{AppError, FormOutcome, SessionEvent};

/// Ends one session of the account, by its handle.
#[server(name = EndSession, prefix = "/api", endpoint = "end_session")]
pub async fn end_session(session: String) -> Result<FormOutcome, AppError> {
    use crate::{
        server::{
            accounts::{self, EndedSession},
            domain::SessionHandle,
            function::require,
        },
        words::{self, Notice},
    };
    let caller = require::<EndSession>()?;
    let ended = match SessionHandle::parse(session) {
        Some(handle) => accounts::end_session(&caller, handle).await?,
        None => EndedSession::None,
    };
    let notice = match ended {
        EndedSession::Own => return Ok(FormOutcome::accepted("/login")),
        EndedSession::Other => Notice::SessionEnded,
        EndedSession::None => Notice::SessionGone,
    };
    caller.session.set_flash(words::notice(notice)).await?;
    Ok(FormOutcome::accepted("/account/sessions"))
}

/// Ends all sessions of the account but this one.
#[server(name = EndOtherSessions, prefix = "/api", endpoint = "end_other_sessions")]
pub async fn end_other_sessions() -> Result<FormOutcome, AppError> {
    use crate::{
        server::{accounts, function::require},
        words::{self, Notice},
    };
    let caller = require::<EndOtherSessions>()?;
    let ended = accounts::end_other_sessions(&caller).await?;
    caller.session.set_flash(words::notice(Notice::OthersEnded(ended))).await?;
    Ok(FormOutcome::accepted("/account/sessions"))
}

/// The status of this session. Reading it does not move the idle clock.
#[server(name = SessionStatus, prefix = "/api", endpoint = "session_status")]
pub async fn session_status() -> Result<SessionEvent, AppError> {
    use crate::server::{function::require, sessions::request_event};
    Ok(request_event(&require::<SessionStatus>()?.session))
}

/// Extends this session, and answers with its status.
#[server(name = Stay, prefix = "/api", endpoint = "stay")]
pub async fn stay() -> Result<SessionEvent, AppError> {
    use crate::server::{function::require, sessions::request_event};
    let session = require::<Stay>()?.session;
    session.extend().await?;
    Ok(request_event(&session))
}
