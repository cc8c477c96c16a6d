use super::{name, problems::rejection};
use crate::{
    model::{AppError, FormOutcome, ReturnTo},
    server::{audit::EventKind, db::accounts, error::ServerError, request::Caller},
    words::{self, Notice},
};

/// Changes the name of whoever is signed in.
///
/// # Errors
/// If the session has ended, or the database fails.
pub async fn rename(caller: &Caller, typed: String) -> Result<FormOutcome, AppError> {
    Ok(attempt(caller, typed).await?)
}

async fn attempt(caller: &Caller, typed: String) -> Result<FormOutcome, ServerError> {
    match name::parse(&typed) {
        Ok(name) => {
            let id = &caller.account()?.id;
            let event = caller.event(EventKind::NameChanged, Some(id.clone()));
            accounts::rename(&caller.state.db, id, &name, &event).await?;
            let notice = words::notice(Notice::NameChanged);
            Ok(caller.accept_with_notice(ReturnTo::page("/account"), notice).await?)
        }
        Err(problem) => {
            Ok(caller.reject(rejection("name", problem), &[("name", typed.as_str())], None).await?)
        }
    }
}
