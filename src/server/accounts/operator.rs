//! What an operator does with accounts, by commands on the server.

use std::sync::Arc;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use secrecy::SecretString;

use super::{email::Email, mails, name, tokens};
use crate::{
    model::{EndReason, SecurityEventKind},
    server::{
        config::{PublicUrl, RegistrationPolicy},
        credentials::{Context, PasswordError, PasswordHasher, Priority, Purpose, check_new_password},
        db::{
            Database, DatabaseError, account_status,
            accounts::{self, NewAccount, StoredAccount},
            events, lock_account,
            mailed_tokens::{self, TokenRow},
            mails as queue,
        },
        domain::{AccountId, Client, Clock, Entropy, MailContent, NewMail, SecurityEvent, random},
        mail::is_deliverable,
        sessions::{Engine, Selection, SessionError},
    },
    words::{self, Problem},
};

/// Why a command was not carried out, for the person at the terminal.
#[derive(Debug, thiserror::Error)]
pub enum OperatorError {
    #[error("{}", words::problem(field, *problem))]
    Rejected { field: &'static str, problem: Problem },
    #[error("there is no account with the email address {0:?}")]
    Unknown(String),
    #[error("there is already an account with the email address {0:?}")]
    Taken(String),
    #[error("the account is disabled: enable it first")]
    Disabled,
    #[error("that is the address of the account already")]
    Unchanged,
    #[error("registration.policy is closed, so no link would work: set it to invitation first")]
    RegistrationClosed,
    #[error("the database failed")]
    Database(#[from] DatabaseError),
    #[error("the sessions could not be ended")]
    Session(#[from] SessionError),
    #[error("the password could not be hashed")]
    Password(#[from] PasswordError),
}

/// Works on accounts, also while servers run.
#[derive(Debug)]
pub struct Operator {
    pub db: Database,
    pub sessions: Arc<Engine>,
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
    pub hasher: PasswordHasher,
    pub public_url: PublicUrl,
    pub registration: RegistrationPolicy,
}

impl Operator {
    /// The account with this email address.
    ///
    /// # Errors
    /// If there is none, or the database fails.
    pub async fn find(&self, email: &str) -> Result<StoredAccount, OperatorError> {
        let parsed = Email::parse_existing(email).map_err(of_email)?;
        let found = accounts::by_emails(&self.db, parsed.keys()).await?;
        found.ok_or_else(|| OperatorError::Unknown(email.to_owned()))
    }

    /// What is wrong with a password for a new account, before it is asked for a second time.
    ///
    /// # Errors
    /// What is wrong, or that it could not be judged.
    pub async fn check_password(
        &self,
        password: &SecretString,
        name: &str,
        email: &str,
    ) -> Result<(), OperatorError> {
        let context = Context { name, email, host: self.public_url.host() };
        match check_new_password(&self.hasher, password, context, Priority::Known).await? {
            Some(problem) => Err(OperatorError::Rejected { field: "password", problem }),
            None => Ok(()),
        }
    }

    /// Creates an account. Without a password no one can sign in until one is set by a link.
    ///
    /// # Errors
    /// If name, address or password are not acceptable, the address is taken, or the database fails.
    pub async fn create(
        &self,
        email: &str,
        name: &str,
        password: Option<&SecretString>,
    ) -> Result<(), OperatorError> {
        let name = name::parse(name).map_err(|problem| OperatorError::Rejected { field: "name", problem })?;
        let email = parse_deliverable(email)?;
        let password_hash = match password {
            Some(password) => {
                self.check_password(password, &name, &email.shown).await?;
                self.hasher.hash(password, Priority::Known).await?
            }
            None => self.hasher.hash(&self.random_password(), Priority::Known).await?,
        };
        let id = AccountId::generate(&*self.entropy);
        let new = NewAccount {
            id: &id,
            name: &name,
            email: &email.shown,
            email_key: &email.key,
            earlier_email_keys: email.earlier_keys(),
            email_verified_at: None,
            password_hash: &password_hash,
            created_at: self.clock.now(),
        };
        let mut transaction = self.db.begin().await?;
        if !accounts::insert(&mut transaction, &new).await? {
            return Err(OperatorError::Taken(email.shown));
        }
        events::append(&mut transaction, &self.event(SecurityEventKind::Registered, &id)).await?;
        Ok(transaction.commit().await?)
    }

    /// A random password, which is told to no one.
    fn random_password(&self) -> SecretString {
        BASE64_URL_SAFE_NO_PAD.encode(random::<32>(&*self.entropy)).into()
    }

    /// Disables an account, and ends all of its sessions at once; `false` if it was disabled already.
    ///
    /// # Errors
    /// If there is none, or the database or the session store fails.
    pub async fn disable(&self, email: &str) -> Result<bool, OperatorError> {
        let account = self.find(email).await?.account.id;
        let (sessions, client) = (Selection::All(account.clone()), Client::command_line());
        // First, so that open pages learn why; and then those that were beginning.
        self.sessions.revoke(sessions.clone(), EndReason::AccountDisabled, &client).await?;
        let mut transaction = self.db.begin().await?;
        let is_disabled = account_status::disable(&mut transaction, &account, self.clock.now()).await?;
        if is_disabled {
            let event = self.event(SecurityEventKind::AccountDisabled, &account);
            events::append(&mut transaction, &event).await?;
        }
        transaction.commit().await?;
        self.sessions.revoke(sessions, EndReason::AccountDisabled, &client).await?;
        Ok(is_disabled)
    }

    /// Lets the owner of an account sign in again; `false` if that was so already.
    ///
    /// # Errors
    /// If there is none, or the database fails.
    pub async fn enable(&self, email: &str) -> Result<bool, OperatorError> {
        let account = self.find(email).await?.account.id;
        let mut transaction = self.db.begin().await?;
        let is_enabled = account_status::enable(&mut transaction, &account).await?;
        if is_enabled {
            let event = self.event(SecurityEventKind::AccountEnabled, &account);
            events::append(&mut transaction, &event).await?;
        }
        transaction.commit().await?;
        Ok(is_enabled)
    }

    /// Gives an account another address, which its owner has to confirm: a mail with the link waits in the queue. The one
    /// before may be a stranger's, so whoever has come in by it goes: sessions end, and so do all links and mails.
    ///
    /// # Errors
    /// If there is no such account, the address is not acceptable or taken, or the database or the session store fails.
    pub async fn change_email(&self, old: &str, new: &str) -> Result<(), OperatorError> {
        let stored = self.find(old).await?;
        let (id, email) = (stored.account.id, parse_deliverable(new)?);
        if email.shown == stored.account.email {
            return Err(OperatorError::Unchanged);
        }
        let other = accounts::by_emails(&self.db, email.keys()).await?;
        if other.is_some_and(|other| other.account.id != id) {
            return Err(OperatorError::Taken(email.shown));
        }
        let mut transaction = self.db.begin().await?;
        lock_account(&mut transaction, &id).await?;
        if !accounts::change_email(&mut transaction, &id, &email.shown, &email.key, None).await? {
            return Err(OperatorError::Taken(email.shown));
        }
        accounts::end_sessions(&mut transaction, &id).await?;
        queue::remove_about(&mut transaction, &id).await?;
        mailed_tokens::remove_all_of_account(&mut transaction, &id).await?;
        events::append(&mut transaction, &self.event(SecurityEventKind::EmailChanged, &id)).await?;
        let mail =
            NewMail { content: MailContent::VerifyEmail, account: Some(id.clone()), recipient: email.shown };
        mails::enqueue_with(&*self.clock, &*self.entropy, &mut transaction, &mail).await?;
        transaction.commit().await?;
        let (sessions, client) = (Selection::All(id), Client::command_line());
        self.sessions.revoke(sessions, EndReason::EndedByAdministrator, &client).await?;
        Ok(())
    }

    /// A link by which the owner of an account chooses a new password; the one before it ends.
    ///
    /// # Errors
    /// If there is none, it is disabled, or the database fails.
    pub async fn reset_link(&self, email: &str) -> Result<String, OperatorError> {
        let stored = self.find(email).await?;
        if stored.disabled_at.is_some() {
            return Err(OperatorError::Disabled);
        }
        let row = tokens::of_account(&stored.account, &stored.account.email, self.clock.now());
        self.link(Purpose::ResetPassword, &row).await
    }

    /// A link by which a person with this address can register; the one before it ends.
    ///
    /// # Errors
    /// If no one may register, the address is not acceptable or taken, or the database fails.
    pub async fn invitation_link(&self, email: &str) -> Result<String, OperatorError> {
        let email = self.invited(email).await?;
        self.link(Purpose::Invitation, &tokens::of_address(&email, self.clock.now())).await
    }

    /// Mails such a link: a running server sends it.
    ///
    /// # Errors
    /// If no one may register, the address is not acceptable or taken, or the database fails.
    pub async fn mail_invitation(&self, email: &str) -> Result<(), OperatorError> {
        let recipient = self.invited(email).await?.shown;
        let mail = NewMail { content: MailContent::Invitation, account: None, recipient };
        Ok(mails::enqueue_alone(&self.db, &*self.clock, &*self.entropy, &mail).await?)
    }

    async fn invited(&self, email: &str) -> Result<Email, OperatorError> {
        if self.registration == RegistrationPolicy::Closed {
            return Err(OperatorError::RegistrationClosed);
        }
        let email = parse_deliverable(email)?;
        match accounts::by_emails(&self.db, email.keys()).await? {
            Some(_) => Err(OperatorError::Taken(email.shown)),
            None => Ok(email),
        }
    }

    async fn link(&self, purpose: Purpose, row: &TokenRow) -> Result<String, OperatorError> {
        let token = tokens::issue_alone(&self.db, &*self.clock, &*self.entropy, purpose, row).await?;
        Ok(self.public_url.link(&tokens::path(purpose, &token)))
    }

    fn event(&self, kind: SecurityEventKind, account: &AccountId) -> SecurityEvent {
        let client = Client::command_line();
        SecurityEvent::new(kind, self.clock.now(), Some(account.clone()), None, &client)
    }
}

fn parse_deliverable(text: &str) -> Result<Email, OperatorError> {
    let email = Email::parse(text).map_err(of_email)?;
    if is_deliverable(&email.shown) { Ok(email) } else { Err(of_email(Problem::Undeliverable)) }
}

fn of_email(problem: Problem) -> OperatorError {
    OperatorError::Rejected { field: "email", problem }
}
