use secrecy::SecretString;

use super::proof;
use crate::{
    model::{AppError, EndReason, Field, Form, FormOutcome, Method, Next, Notice, Problem, Rejection, Typed},
    server::{
        audit::{self, EventKind},
        credentials::check_new_password,
        db::accounts,
        error::ServerError,
        forms,
        request::Caller,
    },
};

/// Changes the password of whoever is signed in and knows the current one. Their other sessions
/// end, and this one gets a new id (ASVS 7.4.3).
///
/// # Errors
/// If the session has ended, or the database, the session store or the hasher fails. If only the
/// session store does, the password has changed and the other sessions live on.
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
    if let Err(rejection) = change(caller, &current, &new).await? {
        let form = Form::ChangePassword;
        return forms::reject(caller, form, rejection, Typed::default(), None).await;
    }
    let ended = caller.session.end_others(EndReason::PasswordChanged).await?;
    caller.session.reauthenticated(Method::Password, None).await?;
    let ended = u32::try_from(ended).unwrap_or(u32::MAX);
    forms::accept_saying(caller, Next::parse_or_home("/account/security"), Notice::PasswordChanged(ended))
        .await
}

async fn change(
    caller: &Caller,
    current: &SecretString,
    new: &SecretString,
) -> Result<Result<(), Rejection>, ServerError> {
    let account = caller.account()?;
    let event = |kind| caller.event(kind, Some(account.id.clone()));
    let wrong = (Field::CurrentPassword, Problem::Wrong);
    let problem = check_new_password(new, &account.name, &account.email);
    let new_problem = problem.map(|problem| (Field::NewPassword, problem));
    let old_hash = match proof::compare(caller, current).await? {
        Ok(hash) => hash,
        Err(problem) => {
            audit::record(&caller.state.db, &event(EventKind::PasswordChangeRefused)).await?;
            let fields = [Some((Field::CurrentPassword, problem)), new_problem];
            return Ok(Err(Rejection { form: None, fields: fields.into_iter().flatten().collect() }));
        }
    };
    if let Some(problem) = new_problem {
        return Ok(Err(problem.into()));
    }
    let hash = caller.state.hasher.hash(new).await?;
    let changed = event(EventKind::PasswordChanged);
    let hashes = (old_hash.as_str(), hash.as_str());
    let first = accounts::change_password(&caller.state.db, &account.id, hashes, &changed).await?;
    // Somebody changed it while this was under way: what was typed is the current one no longer.
    Ok(if first { Ok(()) } else { Err(wrong.into()) })
}
