use crate::{
    model::{AppError, Home},
    server::{moments::moment, request::Caller, sessions::describe},
};

/// What the home page says of the session that asks.
///
/// # Errors
/// If there is no session.
pub fn home(caller: &Caller) -> Result<Home, AppError> {
    let session = caller.session.stored().ok_or(AppError::SignInRequired)?;
    let now = caller.session.now();
    Ok(Home {
        device: describe(&session.user_agent),
        started: moment(session.created_at, now),
        last_active: moment(session.seen_at, now),
        ends: moment(session.expires_at, now),
        prolongable: session.is_prolongable(),
        remembered: session.remembered,
    })
}
