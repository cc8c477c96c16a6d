//! The links that show that an address is a person's: they make an account, confirm its address, or change it.

use super::{
    email::Email,
    mails,
    problems::{AccountError, Problems},
    register::{self, NewAccountOf},
    tokens::{self, UsedToken},
};
use crate::{
    model::SecurityEventKind,
    server::{
        caller::Caller,
        config::RegistrationPolicy,
        credentials::Purpose,
        db::{Transaction, accounts, events, mailed_tokens, registrations},
        domain::{Account, AccountId, MailContent, NewMail},
        error::ServerError,
    },
    words::Problem,
};

const PURPOSES: [Purpose; 3] = [Purpose::Registration, Purpose::VerifyEmail, Purpose::EmailChange];

/// What opening a link has done, or would do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verification {
    /// There is an account.
    AccountCreated,
    /// The address of the account is its owner's.
    EmailVerified,
    /// The account has this address now.
    EmailChanged,
}

/// What a link would do, and the address that it was mailed to; `None` if it cannot be used. Nothing changes.
///
/// # Errors
/// If the database fails.
pub async fn lookup_verification(
    caller: &Caller,
    token: &str,
) -> Result<Option<(Verification, String)>, ServerError> {
    let found = tokens::find(&caller.state, token, &PURPOSES).await?;
    Ok(found.map(|(purpose, row)| (verification(purpose), row.email)))
}

fn verification(purpose: Purpose) -> Verification {
    match purpose {
        Purpose::Registration => Verification::AccountCreated,
        Purpose::EmailChange => Verification::EmailChanged,
        _ => Verification::EmailVerified,
    }
}

/// Does what a link is for.
///
/// # Errors
/// If it cannot be used, or the database fails.
pub async fn verify_email(caller: &Caller, token: &str) -> Result<Verification, AccountError> {
    let found = tokens::find(&caller.state, token, &PURPOSES).await?;
    match found {
        Some((Purpose::Registration, _)) => create_account(caller, token).await?,
        Some((Purpose::EmailChange, _)) => change(caller, token).await?,
        Some((Purpose::VerifyEmail, _)) => verify(caller, token).await?,
        _ => return Err(invalid()),
    }
    caller.state.mailer.wake();
    Ok(found.map_or(Verification::EmailVerified, |(purpose, _)| verification(purpose)))
}

/// Asks for another link to confirm the address of the account that is signed in.
///
/// # Errors
/// If there were too many, the session has ended, or the database fails.
pub async fn resend_verification(caller: &Caller) -> Result<(), ServerError> {
    let account = caller.account()?;
    caller.state.limits.check_own_mail(caller.session.client().address, &account.id).await?;
    let (id, recipient) = (Some(account.id.clone()), account.email.clone());
    let mail = NewMail { content: MailContent::VerifyEmail, account: id, recipient };
    let mut transaction = caller.state.db.begin().await?;
    mails::enqueue(&caller.state, &mut transaction, &mail).await?;
    transaction.commit().await?;
    caller.state.mailer.wake();
    Ok(())
}

pub(super) fn invalid() -> AccountError {
    Problems::general(Problem::InvalidLink).into()
}

async fn create_account(caller: &Caller, token: &str) -> Result<(), AccountError> {
    let state = &caller.state;
    if state.config.registration.policy == RegistrationPolicy::Closed {
        return Err(Problems::general(Problem::RegistrationClosed).into());
    }
    let mut transaction = state.db.begin().await?;
    let row =
        tokens::take(state, &mut transaction, token, Purpose::Registration).await?.ok_or_else(invalid)?;
    let pending = registrations::take(&mut transaction, &row.email_key).await?.ok_or_else(invalid)?;
    let email = Email::parse(&pending.email).map_err(|_| invalid())?;
    let account = NewAccountOf { name: &pending.name, email: &email, password_hash: &pending.password_hash };
    register::insert(caller, &mut transaction, &account, true).await?.ok_or_else(invalid)?;
    transaction.commit().await?;
    // The sign-in that follows is no news to the owner.
    state.limits.remember_device(&email.key, &caller.devices);
    Ok(())
}

async fn verify(caller: &Caller, token: &str) -> Result<(), AccountError> {
    let state = &caller.state;
    let used = tokens::begin_using(state, token, Purpose::VerifyEmail).await?.ok_or_else(invalid)?;
    let UsedToken { mut transaction, account: id, row } = used;
    // Bound to the address: one that has been changed since is not confirmed by it.
    if !accounts::verify_email(&mut transaction, &id, &row.email, state.clock.now()).await? {
        return Err(invalid());
    }
    events::append(&mut transaction, &caller.event(SecurityEventKind::EmailVerified, Some(id))).await?;
    Ok(transaction.commit().await?)
}

/// The new address counts from now on, and the old one gets a link that undoes it.
async fn change(caller: &Caller, token: &str) -> Result<(), AccountError> {
    let state = &caller.state;
    let now = state.clock.now();
    let used = tokens::begin_using(state, token, Purpose::EmailChange).await?.ok_or_else(invalid)?;
    let UsedToken { mut transaction, account: id, row } = used;
    let old = usable_account(&mut transaction, &id).await?;
    let email = Email::parse_existing(&row.email).map_err(|_| invalid())?;
    // Void since the credentials have changed: someone else may have asked for it.
    if row.subject != tokens::of_email_change(&id, old.credential_version, &email, now).subject {
        return Err(invalid());
    }
    if !accounts::change_email(&mut transaction, &id, &row.email, &row.email_key, Some(now)).await? {
        return Err(invalid()); // Another account has got the address meanwhile.
    }
    for purpose in [Purpose::ResetPassword, Purpose::VerifyEmail] {
        mailed_tokens::remove_of_account(&mut transaction, &id, purpose.as_str()).await?;
    }
    events::append(&mut transaction, &caller.event(SecurityEventKind::EmailChanged, Some(id.clone())))
        .await?;
    let origin = caller.origin();
    let content = MailContent::EmailChanged { origin, new_email: row.email.clone() };
    let mail = NewMail { content, account: Some(id.clone()), recipient: old.email };
    mails::enqueue(state, &mut transaction, &mail).await?;
    transaction.commit().await?;
    // Devices are known by the address.
    state.limits.remember_device(&row.email_key, &caller.devices);
    Ok(())
}

/// The account of a link that can be used now; not while it is disabled.
pub(super) async fn usable_account(
    transaction: &mut Transaction,
    id: &AccountId,
) -> Result<Account, AccountError> {
    let stored = accounts::lock(transaction, id).await?;
    let usable = stored.filter(|stored| stored.disabled_at.is_none()).ok_or_else(invalid)?;
    Ok(usable.account)
}
