use secrecy::SecretString;

use super::{password, problems::AccountError};
use crate::{model::SecurityEventKind, server::caller::Caller};

/// Step-up: authenticates again by password, and gives the session a new id.
///
/// # Errors
/// If the password is wrong, the session has ended, or the database, the session store or the hasher
/// fails.
pub async fn confirm(caller: &Caller, password: &SecretString) -> Result<(), AccountError> {
    let refusal = SecurityEventKind::StepUpRefused;
    let authentication = password::authenticate(caller, "password", password, refusal).await?;
    Ok(caller.session.reauthenticate(authentication, Some(SecurityEventKind::SteppedUp)).await?)
}
