//! Another email address: asked for after a step-up, in force when the new address is verified, and undone from the old
//! one for a week.

use super::{
    mails,
    problems::{AccountError, Problems},
    register::parse_deliverable,
    reset_password::{end_all_sessions, issue_reset, sign_out_here},
    tokens::{self, UsedToken},
    verify_email::{invalid, usable_account},
};
use crate::{
    model::{EndReason, SecurityEventKind},
    server::{
        caller::Caller,
        credentials::{MailedToken, Purpose},
        db::{
            account_status, accounts, events,
            mailed_tokens::{self, TokenRow},
            mails as queue,
        },
        domain::{MailContent, NewMail},
        error::ServerError,
    },
    words::Problem,
};

/// Asks for another address of the account that is signed in. The answer does not tell whether another account has it:
/// that only the mail says.
///
/// # Errors
/// If the address is not acceptable, there were too many, the session has ended, or the database fails.
pub async fn change_email(caller: &Caller, email: &str) -> Result<(), AccountError> {
    let (state, account) = (&caller.state, caller.account()?);
    let of_field = |problem| Problems::of_field("email", problem);
    let email = parse_deliverable(caller, email).map_err(of_field)?;
    if email.shown == account.email {
        return Err(of_field(Problem::UnchangedEmail).into());
    }
    state.limits.check_own_mail(caller.session.client().address, &account.id).await?;
    let origin = caller.origin();
    let credential_version = account.credential_version;
    let (content, id) = (MailContent::EmailChange { origin, credential_version }, Some(account.id.clone()));
    let mut transaction = state.db.begin().await?;
    events::append(&mut transaction, &caller.event(SecurityEventKind::EmailChangeRequested, id.clone()))
        .await?;
    mails::enqueue(state, &mut transaction, &NewMail { content, account: id, recipient: email.shown })
        .await?;
    transaction.commit().await?;
    state.mailer.wake();
    Ok(())
}

/// The address that a link would bring back; `None` if it cannot be used.
///
/// # Errors
/// If the database fails.
pub async fn lookup_undo(caller: &Caller, token: &str) -> Result<Option<String>, ServerError> {
    let found = tokens::find(&caller.state, token, &[Purpose::EmailChangeUndo]).await?;
    let Some((_, TokenRow { account: Some(id), email, .. })) = found else { return Ok(None) };
    let stored = accounts::by_id(&caller.state.db, &id).await?;
    Ok(stored.filter(|stored| stored.disabled_at.is_none()).map(|_| email))
}

/// Brings the old address back, blocks the password, and ends all sessions and the links that were mailed meanwhile: someone else may have
/// changed it, and again, and would undo that from an address of theirs. Returns a link to choose a new password.
///
/// # Errors
/// If the link cannot be used, or the database fails.
pub async fn undo_email_change(caller: &Caller, token: &str) -> Result<MailedToken, AccountError> {
    let state = &caller.state;
    let now = state.clock.now();
    let used = tokens::begin_using(state, token, Purpose::EmailChangeUndo).await?.ok_or_else(invalid)?;
    let UsedToken { mut transaction, account: id, row } = used;
    let account = usable_account(&mut transaction, &id).await?;
    if account.email != row.email
        && !accounts::change_email(&mut transaction, &id, &row.email, &row.email_key, Some(now)).await?
    {
        return Err(invalid()); // Another account has got the address meanwhile.
    }
    accounts::end_sessions(&mut transaction, &id).await?;
    accounts::block_password(&mut transaction, &id).await?;
    // Their links would undo this, or change the address again.
    queue::remove_about(&mut transaction, &id).await?;
    // Who has changed the address may have asked for the deletion as well.
    account_status::keep(&mut transaction, &id).await?;
    for purpose in [Purpose::ResetPassword, Purpose::VerifyEmail, Purpose::EmailChange] {
        mailed_tokens::remove_of_account(&mut transaction, &id, purpose.as_str()).await?;
    }
    let undo = Purpose::EmailChangeUndo.as_str();
    mailed_tokens::remove_later(&mut transaction, &id, undo, row.at).await?;
    events::append(&mut transaction, &caller.event(SecurityEventKind::EmailChangeUndone, Some(id.clone())))
        .await?;
    let reset = issue_reset(caller, &mut transaction, &account, &row.email).await?;
    transaction.commit().await?;
    sign_out_here(caller, &account).await;
    end_all_sessions(caller, &account, EndReason::EmailChangeUndone).await;
    Ok(reset)
}
