//! A forgotten password (ASVS 6.4.3; OWASP Forgot Password Cheat Sheet).

use secrecy::SecretString;

use super::{
    change_password::{PASSWORD_NOTICE, record_change},
    email::Email,
    mails, password,
    problems::{AccountError, Problems},
    tokens::{self, UsedToken},
    verify_email::invalid,
};
use crate::{
    model::{EndReason, SecurityEventKind},
    server::{
        caller::Caller,
        credentials::{MailedToken, Priority, Purpose, Verification},
        db::{
            DatabaseError, Transaction, account_status,
            accounts::{self, StoredAccount},
            mailed_tokens::{self, TokenRow},
        },
        domain::{Account, MailContent, NewMail, error_chain},
        error::ServerError,
        sessions::Selection,
    },
    words::Problem,
};

/// Asks for a link to choose a new password. Whether there is an account is found out when the mail is sent: neither
/// the answer nor its time tells.
///
/// # Errors
/// If it is no address, there were too many, or the database fails.
pub async fn forgot_password(caller: &Caller, email: &str) -> Result<(), AccountError> {
    let state = &caller.state;
    let email = Email::parse_existing(email).map_err(|problem| Problems::of_field("email", problem))?;
    state.limits.check_mail(caller.session.client().address, &email.key).await?;
    let origin = caller.origin();
    let content = MailContent::ResetPassword { origin };
    let mail = NewMail { content, account: None, recipient: email.shown };
    let mut transaction = state.db.begin().await?;
    mails::enqueue(state, &mut transaction, &mail).await?;
    transaction.commit().await?;
    state.mailer.wake();
    Ok(())
}

/// The email address of the account whose password a link can set; `None` if it cannot be used.
///
/// # Errors
/// If the database fails.
pub async fn lookup_reset(caller: &Caller, token: &str) -> Result<Option<String>, ServerError> {
    let found = tokens::find(&caller.state, token, &[Purpose::ResetPassword]).await?;
    let Some((_, row)) = found else { return Ok(None) };
    Ok(target(caller, &row).await?.map(|stored| stored.account.email))
}

/// Sets a new password, and ends all sessions of the account and all other links to change it. No one is signed in.
///
/// # Errors
/// If the link cannot be used, the password is not acceptable, or the database or the hasher fails.
pub async fn reset_password(caller: &Caller, token: &str, new: &SecretString) -> Result<(), AccountError> {
    let state = &caller.state;
    let found = tokens::find(state, token, &[Purpose::ResetPassword]).await?;
    let (_, row) = found.ok_or_else(invalid)?;
    let stored = target(caller, &row).await?.ok_or_else(invalid)?;
    check_new(caller, &stored, new).await?;
    let account = stored.account;
    let hash = state.hasher.hash(new, Priority::Stranger).await?;
    let is_told = state.limits.check_notice(&account.id, PASSWORD_NOTICE).await.is_ok();
    // Used up only now: a password that is not acceptable must not cost the link.
    let used = tokens::begin_using(state, token, Purpose::ResetPassword).await?.ok_or_else(invalid)?;
    let UsedToken { mut transaction, account: id, row } = used;
    if !accounts::reset_password(&mut transaction, &id, &row.email, &hash, state.clock.now()).await? {
        return Err(invalid());
    }
    // Someone who has read a mail about a sign-in must not be able to choose the next password.
    for purpose in [Purpose::VerifyEmail, Purpose::SignInReport] {
        mailed_tokens::remove_of_account(&mut transaction, &id, purpose.as_str()).await?;
    }
    // A person who chooses a password wants to stay.
    account_status::keep(&mut transaction, &id).await?;
    record_change(caller, &mut transaction, &account, SecurityEventKind::PasswordReset, is_told).await?;
    transaction.commit().await?;
    state.mailer.wake();
    sign_out_here(caller, &account).await;
    end_all_sessions(caller, &account, EndReason::PasswordChanged).await;
    Ok(())
}

/// The rules are those of a change of the password: the old one may be known to others, so keeping it cannot be meant.
async fn check_new(caller: &Caller, stored: &StoredAccount, new: &SecretString) -> Result<(), AccountError> {
    let Account { name, email, .. } = &stored.account;
    let mut problem = password::check_new(caller, new, name, email, Priority::Stranger).await?;
    if problem.is_none() {
        let (hasher, hash) = (&caller.state.hasher, Some(stored.password_hash.clone()));
        let compared = hasher.verify(new, hash, Priority::Stranger).await?;
        problem = matches!(compared, Verification::Correct { .. }).then_some(Problem::Unchanged);
    }
    problem.map_or(Ok(()), |problem| Err(Problems::of_field("password", problem).into()))
}

/// Ends all sessions of an account whose credentials have just moved on, so that they are over in any case.
pub(super) async fn end_all_sessions(caller: &Caller, account: &Account, reason: EndReason) {
    let (client, selection) = (caller.session.client(), Selection::All(account.id.clone()));
    if let Err(error) = caller.state.sessions.revoke(selection, reason, client).await {
        tracing::warn!(cause = %error_chain(&error), "sessions that are over could not be marked as ended");
    }
}

/// Ends the session of this browser, if it is one of the account: the next page says what its owner has just done,
/// not why the session has ended.
pub(super) async fn sign_out_here(caller: &Caller, account: &Account) {
    let is_here = caller.account.as_ref().is_some_and(|own| own.id == account.id);
    if is_here && let Err(error) = caller.session.sign_out().await {
        tracing::warn!(cause = %error_chain(&error), "a session that is over could not be marked as ended");
    }
}

/// A link to choose a new password, for a person who has shown by another link that the address is theirs.
///
/// # Errors
/// If the database fails.
pub(super) async fn issue_reset(
    caller: &Caller,
    transaction: &mut Transaction,
    account: &Account,
    email: &str,
) -> Result<MailedToken, DatabaseError> {
    let (clock, entropy) = (&*caller.state.clock, &*caller.state.entropy);
    let row = tokens::of_account(account, email, clock.now());
    tokens::issue(transaction, clock, entropy, Purpose::ResetPassword, &row).await
}

/// The account of a link, if it can be used still.
async fn target(caller: &Caller, row: &TokenRow) -> Result<Option<StoredAccount>, DatabaseError> {
    let Some(id) = &row.account else { return Ok(None) };
    let stored = accounts::by_id(&caller.state.db, id).await?;
    // Bound to the address: who had the one before cannot choose a password any more.
    Ok(stored.filter(|stored| stored.disabled_at.is_none() && stored.account.email == row.email))
}
