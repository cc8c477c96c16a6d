use secrecy::SecretString;

use super::{problems::rejection, proof};
use crate::{
    model::{AppError, FormOutcome, ReturnTo},
    server::{
        audit::{self, EventKind},
        error::ServerError,
        request::Caller,
    },
    words::Problem,
};

/// Step-up: proves by password that it is still the same person, and gives the session a new id.
///
/// # Errors
/// If the session has ended, or the database, the session store or the hasher fails.
pub async fn confirm(
    caller: &Caller,
    password: SecretString,
    next: Option<ReturnTo>,
) -> Result<FormOutcome, AppError> {
    Ok(attempt(caller, password, next).await?)
}

async fn attempt(
    caller: &Caller,
    password: SecretString,
    next: Option<ReturnTo>,
) -> Result<FormOutcome, ServerError> {
    match proof::compare(caller, &password).await? {
        Ok(proof) => {
            caller.session.reauthenticated(proof, Some(EventKind::SteppedUp)).await?;
            Ok(caller.accept(next.unwrap_or_else(ReturnTo::home)))
        }
        Err(problem) => {
            if problem == Problem::Wrong {
                let event = caller.event(EventKind::StepUpRefused, Some(caller.account()?.id.clone()));
                audit::record(&caller.state.db, &event).await?;
            }
            let rejection = rejection("password", problem);
            Ok(caller.reject(rejection, &[], next.as_ref()).await?)
        }
    }
}
