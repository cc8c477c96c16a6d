use secrecy::SecretString;

use super::proof;
use crate::{
    model::{AppError, EndReason, Field, Form, FormOutcome, Next, Notice, Problem, Rejection, Typed},
    server::{
        audit::{self, EventKind},
        credentials::check_new_password,
        db::accounts,
        error::ServerError,
        forms,
        request::Caller,
        sessions::Proof,
    },
};

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
        Err(rejection) => {
            let form = Form::ChangePassword;
            return forms::reject(caller, form, rejection, Typed::default(), None).await;
        }
    };
    caller.session.reauthenticated(proof, None).await?;
    let ended = caller.session.end_others(EndReason::PasswordChanged).await?;
    let ended = u32::try_from(ended).unwrap_or(u32::MAX);
    forms::accept_saying(caller, Next::parse_or_home("/account/security"), Notice::PasswordChanged(ended))
        .await
}

/// What the session is proved by from now on.
async fn change(
    caller: &Caller,
    current: &SecretString,
    new: &SecretString,
) -> Result<Result<Proof, Rejection>, ServerError> {
    let account = caller.account()?;
    let event = |kind| caller.event(kind, Some(account.id.clone()));
    let unfit = check_new_password(new, &account.name, &account.email);
    let unfit = unfit.map(|problem| (Field::NewPassword, problem));
    let proof = match proof::compare(caller, current).await? {
        Ok(proof) => proof,
        Err(problem) => {
            if problem == Problem::Wrong {
                audit::record(&caller.state.db, &event(EventKind::PasswordChangeRefused)).await?;
            }
            let fields = [Some((Field::CurrentPassword, problem)), unfit];
            return Ok(Err(Rejection { form: None, fields: fields.into_iter().flatten().collect() }));
        }
    };
    if let Some(problem) = unfit {
        return Ok(Err(problem.into()));
    }
    let hash = caller.state.hasher.hash(new).await?;
    let changed = event(EventKind::PasswordChanged);
    let next =
        accounts::change_password(&caller.state.db, &account.id, proof.credentials, &hash, &changed).await?;
    // Somebody else changed it while this was under way: what was typed is the current one no longer.
    let outrun = (Field::CurrentPassword, Problem::Wrong);
    Ok(next.map(|credentials| Proof { credentials, ..proof }).ok_or_else(|| outrun.into()))
}
