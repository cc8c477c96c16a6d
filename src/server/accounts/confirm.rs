use secrecy::SecretString;

use super::proof;
use crate::{
    model::{AppError, Field, Form, FormOutcome, Next, Problem, Rejection, Typed},
    server::{
        audit::{self, EventKind},
        error::ServerError,
        forms,
        request::Caller,
    },
};

/// Step-up: proves by password that it is still the same person, and gives the session a new id.
///
/// # Errors
/// If the session has ended, or the database, the session store or the hasher fails.
pub async fn confirm(
    caller: &Caller,
    password: SecretString,
    next: Option<String>,
) -> Result<FormOutcome, AppError> {
    Ok(attempt(caller, password, next).await?)
}

async fn attempt(
    caller: &Caller,
    password: SecretString,
    next: Option<String>,
) -> Result<FormOutcome, ServerError> {
    let next = next.as_deref().and_then(Next::parse);
    match proof::compare(caller, &password).await? {
        Ok(proof) => {
            caller.session.reauthenticated(proof, Some(EventKind::SteppedUp)).await?;
            Ok(forms::accept(caller, next.unwrap_or_else(Next::home)))
        }
        Err(problem) => {
            if problem == Problem::Wrong {
                let event = caller.event(EventKind::StepUpRefused, Some(caller.account()?.id.clone()));
                audit::record(&caller.state.db, &event).await?;
            }
            let rejection = Rejection::from((Field::Password, problem));
            forms::reject(caller, Form::Confirm, rejection, Typed::default(), next.as_ref()).await
        }
    }
}
