//! The links in mails: how they begin, and what they are good for.

use super::email::Email;
use crate::server::{
    credentials::{MailedToken, Purpose},
    db::{
        Database, DatabaseError, Transaction,
        mailed_tokens::{self, TokenRow},
    },
    domain::{Account, Clock, Entropy},
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
pub fn of_account(account: &Account, email: &str) -> TokenRow {
    let key = Email::parse_existing(email).map_or_else(|_| email.to_owned(), |email| email.key);
    TokenRow {
        subject: account.id.as_str().to_owned(),
        account: Some(account.id.clone()),
        email: email.to_owned(),
        email_key: key,
    }
}

/// What a token is for that is about an address which has no account yet.
pub fn of_address(email: &Email) -> TokenRow {
    TokenRow {
        subject: email.key.clone(),
        account: None,
        email: email.shown.clone(),
        email_key: email.key.clone(),
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
    let (token, now) = (MailedToken::generate(entropy), clock.now());
    let (hash, expires_at) = (token.hash(purpose), now + purpose.lifetime());
    mailed_tokens::insert(transaction, &hash, purpose.as_str(), row, now, expires_at).await?;
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
