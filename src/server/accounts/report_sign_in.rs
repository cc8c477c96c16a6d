//! "This wasn't me": the link in the mail about a sign-in on a new device.

use super::{
    problems::AccountError,
    reset_password::{end_all_sessions, issue_reset, sign_out_here},
    tokens::{self, UsedToken},
    verify_email::invalid,
};
use crate::{
    model::{EndReason, SecurityEventKind},
    server::{
        caller::Caller,
        credentials::{MailedToken, Purpose},
        db::{
            DatabaseError, account_status, accounts, events,
            mailed_tokens::{self, TokenRow},
        },
        domain::Account,
        error::ServerError,
    },
};

/// Whether a link can be used.
///
/// # Errors
/// If the database fails.
pub async fn lookup_report(caller: &Caller, token: &str) -> Result<bool, ServerError> {
    Ok(target(caller, token).await?.is_some())
}

/// Ends all sessions and blocks the password: someone else knows it, and may have signed in again since the mail. Links
/// that were mailed meanwhile end, and a deletion that was asked for does not take place. Returns a link to choose a new
/// password.
///
/// # Errors
/// If the link cannot be used, or the database fails: then it can be used again.
pub async fn report_sign_in(caller: &Caller, token: &str) -> Result<MailedToken, AccountError> {
    let state = &caller.state;
    let account = target(caller, token).await?.ok_or_else(invalid)?;
    let used = tokens::begin_using(state, token, Purpose::SignInReport).await?.ok_or_else(invalid)?;
    let UsedToken { mut transaction, account: id, .. } = used;
    accounts::block_password(&mut transaction, &id).await?;
    accounts::end_sessions(&mut transaction, &id).await?;
    account_status::keep(&mut transaction, &id).await?;
    for purpose in [Purpose::ResetPassword, Purpose::VerifyEmail, Purpose::EmailChange] {
        mailed_tokens::remove_of_account(&mut transaction, &id, purpose.as_str()).await?;
    }
    events::append(&mut transaction, &caller.event(SecurityEventKind::SignInReported, Some(id))).await?;
    let reset = issue_reset(caller, &mut transaction, &account, &account.email).await?;
    transaction.commit().await?;
    sign_out_here(caller, &account).await;
    end_all_sessions(caller, &account, EndReason::Reported).await;
    Ok(reset)
}

/// The account of a link that can be used. Bound to the address: who has the one before or after another change of it
/// must not choose the password.
async fn target(caller: &Caller, token: &str) -> Result<Option<Account>, DatabaseError> {
    let found = tokens::find(&caller.state, token, &[Purpose::SignInReport]).await?;
    let Some((_, TokenRow { account: Some(id), email, .. })) = found else { return Ok(None) };
    let stored = accounts::by_id(&caller.state.db, &id).await?;
    let usable = stored.filter(|stored| stored.disabled_at.is_none() && stored.account.email == email);
    Ok(usable.map(|stored| stored.account))
}
