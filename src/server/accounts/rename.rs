use super::name;
use crate::{
    model::{AppError, Field, Form, FormOutcome, Next, Notice, Rejection, Typed},
    server::{audit::EventKind, db::accounts, error::ServerError, forms, request::Caller},
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
            forms::accept_saying(caller, Next::parse_or_home("/account"), Notice::NameChanged).await
        }
        Err(problem) => {
            let rejection = Rejection::from((Field::Name, problem));
            let typed = Typed { name: typed, ..Typed::default() };
            forms::reject(caller, Form::Rename, rejection, typed, None).await
        }
    }
}
