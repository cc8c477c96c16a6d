use secrecy::SecretString;

use super::{
    problems::{Problems, rejection},
    proof,
};
use crate::{
    model::{AppError, EndReason, FormOutcome, Rejection, ReturnTo},
    server::{
        audit::{self, EventKind},
        credentials::check_new_password,
        db::accounts,
        error::ServerError,
        request::Caller,
        sessions::Proof,
    },
    words::{self, Notice, Problem},
};

const CURRENT: &str = "current_password";
const NEW: &str = "new_password";

/// Changes the password of whoever is signed in and knows the current one. Their other sessions
/// end, and this one gets a new id (ASVS 7.4.3).
///
/// # Errors
/// If the session has ended, or the database, the session store or the hasher fails. Once the
/// password has changed all sessions are over, whatever fails thereafter: each remembers the version
/// of the credentials that it was proved against.
pub async fn change_password(
    caller: &Caller,
    current: SecretString,
    new: SecretString,
) -> Result<FormOutcome, AppError> {
    Ok(attempt(caller, current, new).await?)
}

async fn attempt(
    caller: &Caller,
    current: SecretString,
    new: SecretString,
) -> Result<FormOutcome, ServerError> {
    let proof = match change(caller, &current, &new).await? {
        Ok(proof) => proof,
        Err(rejection) => return Ok(caller.reject(rejection, &[], None).await?),
    };
    caller.session.reauthenticated(proof, None).await?;
    let ended = caller.session.end_others(EndReason::PasswordChanged).await?;
    let notice = words::notice(Notice::PasswordChanged(u32::try_from(ended).unwrap_or(u32::MAX)));
    Ok(caller.accept_with_notice(ReturnTo::page("/account/security"), notice).await?)
}

/// What the session is proved by from now on.
async fn change(
    caller: &Caller,
    current: &SecretString,
    new: &SecretString,
) -> Result<Result<Proof, Rejection>, ServerError> {
    let account = caller.account()?;
    let event = |kind| caller.event(kind, Some(account.id.clone()));
    let fit = check_new_password(new, &account.name, &account.email);
    let proof = match proof::compare(caller, current).await? {
        Ok(proof) => proof,
        Err(problem) => {
            if problem == Problem::Wrong {
                audit::record(&caller.state.db, &event(EventKind::PasswordChangeRefused)).await?;
            }
            let mut problems = Problems::default();
            problems.check(CURRENT, Err::<(), _>(problem));
            problems.check(NEW, fit);
            return Ok(problems.finish(None));
        }
    };
    if let Err(problem) = fit {
        return Ok(Err(rejection(NEW, problem)));
    }
    let hash = caller.state.hasher.hash(new).await?;
    let changed = event(EventKind::PasswordChanged);
    let next =
        accounts::change_password(&caller.state.db, &account.id, proof.credentials, &hash, &changed).await?;
    // Somebody else changed it while this was under way: what was typed is the current one no longer.
    let outrun = || rejection(CURRENT, Problem::Wrong);
    Ok(next.map(|credentials| Proof { credentials, ..proof }).ok_or_else(outrun))
}
