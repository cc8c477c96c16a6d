//! "This wasn't me": the link in the mail about a sign-in on a new device.

use super::{
    problems::AccountError,
    reset_password::issue_reset,
    tokens,
    verify_email::{account_of, invalid},
};
use crate::{
    model::{EndReason, SecurityEventKind},
    server::{
        caller::Caller,
        credentials::{MailedToken, Purpose},
        db::{accounts, events},
        domain::SessionHandle,
        error::ServerError,
        sessions::Selection,
    },
};

/// Whether a link can be used.
///
/// # Errors
/// If the database fails.
pub async fn look_at_report(caller: &Caller, token: &str) -> Result<bool, ServerError> {
    Ok(tokens::find(&caller.state, token, &[Purpose::SignInReport]).await?.is_some())
}

/// Ends the session that the mail is about, and returns a link to choose a new password.
///
/// # Errors
/// If the link cannot be used, or the database or the session store fails: then it can be used again.
pub async fn report_sign_in(caller: &Caller, token: &str) -> Result<MailedToken, AccountError> {
    let state = &caller.state;
    let found = tokens::find(state, token, &[Purpose::SignInReport]).await?;
    let (_, row) = found.ok_or_else(invalid)?;
    let id = account_of(&row)?;
    let account = accounts::by_id(&state.db, id).await?.ok_or_else(invalid)?.account;
    // First of all, and again if what follows fails.
    let session = Selection::ByHandle(id.clone(), SessionHandle::new(row.subject.clone()));
    state.sessions.revoke(session, EndReason::Reported, caller.session.client()).await?;
    let mut transaction = state.db.begin().await?;
    tokens::take(state, &mut transaction, token, Purpose::SignInReport).await?.ok_or_else(invalid)?;
    events::append(&mut transaction, &caller.event(SecurityEventKind::SignInReported, Some(id.clone())))
        .await?;
    let reset = issue_reset(caller, &mut transaction, &account, &account.email).await?;
    transaction.commit().await?;
    Ok(reset)
}
