//! The links in mails: how they begin, and what they are good for.

use super::email::Email;
use crate::server::{
    credentials::{MailedToken, Purpose},
    db::{
        Database, DatabaseError, Transaction, lock_account,
        mailed_tokens::{self, TokenRow},
    },
    domain::{Account, AccountId, Clock, Entropy, Timestamp},
    state::AppState,
};

/// The page of a link, to which the token is added.
pub fn page(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Registration | Purpose::VerifyEmail | Purpose::EmailChange => "/verify-email",
        Purpose::ResetPassword => "/reset-password",
        Purpose::EmailChangeUndo => "/undo-email-change",
        Purpose::SignInReport => "/report-sign-in",
        Purpose::Invitation => "/register",
    }
}

/// The path of a link.
pub fn path(purpose: Purpose, token: &MailedToken) -> String {
    format!("{}/{}", page(purpose), token.expose())
}

/// What a token is for that is about an account: one of each purpose at a time, mailed to this address.
pub fn of_account(account: &Account, email: &str, at: Timestamp) -> TokenRow {
    let key = Email::key_of(email);
    TokenRow {
        subject: account.id.as_str().to_owned(),
        account: Some(account.id.clone()),
        email: email.to_owned(),
        email_key: key,
        at,
    }
}

/// What a token is for that changes the address of an account to this one, unless the credentials change before.
pub fn of_email_change(
    account: &AccountId,
    credential_version: i64,
    email: &Email,
    at: Timestamp,
) -> TokenRow {
    let subject = format!("{} {credential_version}", account.as_str());
    TokenRow { subject, account: Some(account.clone()), ..of_address(email, at) }
}

/// What a token is for that is about an address which has no account yet.
pub fn of_address(email: &Email, at: Timestamp) -> TokenRow {
    TokenRow {
        subject: email.key.clone(),
        account: None,
        email: email.shown.clone(),
        email_key: email.key.clone(),
        at,
    }
}

/// Makes a token. The one before it, for the same purpose and subject, ends.
///
/// # Errors
/// If the database fails.
pub async fn issue(
    transaction: &mut Transaction,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
    purpose: Purpose,
    row: &TokenRow,
) -> Result<MailedToken, DatabaseError> {
    let token = MailedToken::generate(entropy);
    let (hash, expires_at) = (token.hash(purpose), clock.now() + purpose.lifetime());
    mailed_tokens::insert(transaction, &hash, purpose.as_str(), row, expires_at).await?;
    Ok(token)
}

/// Makes a token in a transaction of its own, for a command.
///
/// # Errors
/// If the database fails.
pub async fn issue_alone(
    db: &Database,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
    purpose: Purpose,
    row: &TokenRow,
) -> Result<MailedToken, DatabaseError> {
    let mut transaction = db.begin().await?;
    let token = issue(&mut transaction, clock, entropy, purpose, row).await?;
    transaction.commit().await?;
    Ok(token)
}

/// What the token in a link is good for, without using it; `None` if it is not valid for any of the purposes. It makes
/// no difference why.
///
/// # Errors
/// If the database fails.
pub async fn find(
    state: &AppState,
    text: &str,
    purposes: &[Purpose],
) -> Result<Option<(Purpose, TokenRow)>, DatabaseError> {
    let Some(token) = MailedToken::parse(text) else { return Ok(None) };
    let now = state.clock.now();
    for purpose in purposes {
        if let Some(row) = mailed_tokens::find(&state.db, &token.hash(*purpose), now).await? {
            return Ok(Some((*purpose, row)));
        }
    }
    Ok(None)
}

/// Uses the token up, if the transaction is committed. Of two, one gets it.
///
/// # Errors
/// If the database fails.
pub async fn take(
    state: &AppState,
    transaction: &mut Transaction,
    text: &str,
    purpose: Purpose,
) -> Result<Option<TokenRow>, DatabaseError> {
    match MailedToken::parse(text) {
        Some(token) => mailed_tokens::take(transaction, &token.hash(purpose), state.clock.now()).await,
        None => Ok(None),
    }
}

/// A token of an account that is used up, if the transaction is committed.
#[derive(Debug)]
pub struct UsedToken {
    pub transaction: Transaction,
    pub account: AccountId,
    pub row: TokenRow,
}

/// Begins a transaction that uses up a token of an account; `None` if it is not valid. What else changes the
/// credentials of the account waits: two that lock the same rows in another order would wait for each other.
///
/// # Errors
/// If the database fails.
pub async fn begin_using(
    state: &AppState,
    text: &str,
    purpose: Purpose,
) -> Result<Option<UsedToken>, DatabaseError> {
    let found = find(state, text, &[purpose]).await?;
    let Some(account) = found.and_then(|(_, row)| row.account) else { return Ok(None) };
    let mut transaction = state.db.begin().await?;
    lock_account(&mut transaction, &account).await?;
    let row = take(state, &mut transaction, text, purpose).await?;
    Ok(row.map(|row| UsedToken { transaction, account, row }))
}
