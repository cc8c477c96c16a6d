//! "This wasn't me": the link in the mail about a sign-in on a new device.

use super::{
    problems::AccountError,
    reset_password::issue_reset,
    tokens::{self, UsedToken},
    verify_email::invalid,
};
use crate::{
    model::{EndReason, SecurityEventKind},
    server::{
        caller::Caller,
        credentials::{MailedToken, Purpose},
        db::{DatabaseError, accounts, events, mailed_tokens::TokenRow},
        domain::{Account, SessionHandle},
        error::ServerError,
        sessions::Selection,
    },
};

/// Whether a link can be used.
///
/// # Errors
/// If the database fails.
pub async fn look_at_report(caller: &Caller, token: &str) -> Result<bool, ServerError> {
    Ok(target(caller, token).await?.is_some())
}

/// Ends the session that the mail is about, and returns a link to choose a new password.
///
/// # Errors
/// If the link cannot be used, or the database or the session store fails: then it can be used again.
pub async fn report_sign_in(caller: &Caller, token: &str) -> Result<MailedToken, AccountError> {
    let state = &caller.state;
    let (account, session) = target(caller, token).await?.ok_or_else(invalid)?;
    // First of all, and again if what follows fails.
    let session = Selection::ByHandle(account.id.clone(), session);
    state.sessions.revoke(session, EndReason::Reported, caller.session.client()).await?;
    let used = tokens::begin_using(state, token, Purpose::SignInReport).await?.ok_or_else(invalid)?;
    let UsedToken { mut transaction, account: id, .. } = used;
    events::append(&mut transaction, &caller.event(SecurityEventKind::SignInReported, Some(id))).await?;
    let reset = issue_reset(caller, &mut transaction, &account, &account.email).await?;
    transaction.commit().await?;
    Ok(reset)
}

/// The account and the session of a link that can be used. Bound to the address: who has the one before or after
/// another change of it must not choose the password.
async fn target(caller: &Caller, token: &str) -> Result<Option<(Account, SessionHandle)>, DatabaseError> {
    let found = tokens::find(&caller.state, token, &[Purpose::SignInReport]).await?;
    let Some((_, TokenRow { account: Some(id), email, subject, .. })) = found else { return Ok(None) };
    let stored = accounts::by_id(&caller.state.db, &id).await?;
    let usable = stored.filter(|stored| stored.disabled_at.is_none() && stored.account.email == email);
    Ok(usable.map(|stored| (stored.account, SessionHandle::new(subject))))
}
