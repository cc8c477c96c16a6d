//! Leaving: an account is deleted a day after its owner has asked for it, unless the owner signs in before. While a mail
//! about it is on its way, or a change of its address can be undone, it waits: the thief of an account must not be able
//! to destroy it.

use std::time::Duration;

use super::{
    email::Email,
    mails,
    problems::{AccountError, Problems},
    reset_password::end_all_sessions,
};
use crate::{
    model::{EndReason, SecurityEventKind},
    server::{
        caller::Caller,
        credentials::Purpose,
        db::{account_status, events, lock_account, mailed_tokens, mails as queue, registrations},
        domain::{AccountId, Client, MailContent, NewMail, SecurityEvent, Timestamp},
        error::ServerError,
        sessions::Selection,
        state::AppState,
    },
    words::Problem,
};

/// How long an account that is to be deleted can be kept by signing in.
pub const GRACE: Duration = Duration::from_secs(24 * 60 * 60);

/// How long a deletion waits before it is seen whether the mails about it have been sent.
const UNTIL_MAILS_ARE_SENT: Duration = Duration::from_secs(60 * 60);

/// Asks for the deletion of the account that is signed in. All of its sessions end. `confirmation` is its email
/// address, typed.
///
/// # Errors
/// If the confirmation is another, the session has ended, or the database fails.
pub async fn delete_account(caller: &Caller, confirmation: &str) -> Result<(), AccountError> {
    let (state, account) = (&caller.state, caller.account()?.clone());
    let key = |text: &str| Email::parse_existing(text).ok().map(|email| email.key);
    if key(confirmation).is_none() || key(confirmation) != key(&account.email) {
        return Err(Problems::of_field("confirmation", Problem::NotConfirmed).into());
    }
    let now = state.clock.now();
    let (id, delete_at) = (Some(account.id.clone()), now + GRACE);
    let origin = caller.origin();
    let content = MailContent::AccountDeletion { origin, delete_at: delete_at.millis() };
    let mail = NewMail { content, account: id.clone(), recipient: account.email.clone() };
    let is_told = state.limits.check_notice(&account.id, "deletion").await.is_ok();
    let mut transaction = state.db.begin().await?;
    lock_account(&mut transaction, &account.id).await?;
    account_status::request_deletion(&mut transaction, &account.id, delete_at).await?;
    let kind = SecurityEventKind::AccountDeletionRequested;
    events::append(&mut transaction, &caller.event(kind, id)).await?;
    if is_told {
        mails::enqueue(state, &mut transaction, &mail).await?;
    }
    transaction.commit().await?;
    state.mailer.wake();
    end_all_sessions(caller, &account, EndReason::AccountDeleted).await;
    Ok(())
}

/// Deletes an account whose time has come, and all that is about it; its events keep nothing that says whose they were.
/// `false` if there is none.
///
/// # Errors
/// If the database or the session store fails; then all of it is there still.
pub async fn delete_next(state: &AppState) -> Result<bool, ServerError> {
    let now = state.clock.now();
    let Some((id, email)) = account_status::due_deletion(&state.db, now).await? else { return Ok(false) };
    if let Some(until) = postponed_until(state, &id).await? {
        account_status::postpone_deletion(&state.db, &id, until).await?;
        return Ok(true);
    }
    // They have ended long ago, unless that could not be stored then: no event about them must come after this.
    state.sessions.revoke(Selection::All(id.clone()), EndReason::AccountDeleted, &Client::none()).await?;
    let mut transaction = state.db.begin().await?;
    lock_account(&mut transaction, &id).await?;
    if account_status::delete(&mut transaction, &id, now).await? {
        mailed_tokens::remove_all_of_account(&mut transaction, &id).await?;
        queue::remove_of_account(&mut transaction, &id, &email).await?;
        let key = Email::key_of(&email);
        // In the order in which a registration changes them.
        mailed_tokens::remove_about(&mut transaction, Purpose::Registration.as_str(), &key).await?;
        registrations::remove(&mut transaction, &key).await?;
        let client = Client::none();
        let event = SecurityEvent::new(SecurityEventKind::AccountDeleted, now, Some(id), None, &client);
        events::append(&mut transaction, &event).await?;
        let mail = NewMail { content: MailContent::AccountDeleted, account: None, recipient: email };
        mails::enqueue(state, &mut transaction, &mail).await?;
    }
    transaction.commit().await?;
    state.mailer.wake();
    Ok(true)
}

/// Who has changed the address of an account may have asked for its deletion as well: the owner can undo both, and must
/// have got the mails that say how.
async fn postponed_until(state: &AppState, account: &AccountId) -> Result<Option<Timestamp>, ServerError> {
    let now = state.clock.now();
    if queue::waits(&state.db, account).await? {
        return Ok(Some(now + UNTIL_MAILS_ARE_SENT));
    }
    let undo = Purpose::EmailChangeUndo.as_str();
    Ok(mailed_tokens::last_expiry(&state.db, account, undo, now).await?)
}
