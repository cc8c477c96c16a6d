use std::time::Duration;

use secrecy::SecretString;

use super::{
    email::Email,
    mails, name, password,
    problems::{AccountError, Problems},
    sign_in::{Credentials, sign_in_after_registration},
    tokens,
};
use crate::{
    model::SecurityEventKind,
    server::{
        caller::Caller,
        config::RegistrationPolicy,
        credentials::{Priority, Purpose},
        db::{
            DatabaseError, Transaction,
            accounts::{self, NewAccount},
            events, mailed_tokens,
            registrations::{self, PendingRegistration},
        },
        domain::{AccountId, MailContent, NewMail, Origin},
        error::ServerError,
        mail::is_deliverable,
        sessions::{Authentication, Identity, Method},
    },
    words::Problem,
};

/// How long after the first the same form may come again.
const POSTED_TWICE: Duration = Duration::from_secs(60);

/// What was entered.
#[derive(Debug)]
pub struct Registration {
    pub name: String,
    pub email: String,
    pub password: SecretString,
    /// The token of the link that the person was invited by.
    pub invitation: Option<String>,
}

/// What registering has led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registered {
    SignedIn,
    /// The account begins with the link in a mail, unless there is one already, which only the mail says.
    MailSent,
}

/// A registration that is in order, and has been counted.
struct Checked {
    name: String,
    email: Email,
    password_hash: String,
}

/// Creates an account. Where mails reach people, it begins with the link in a mail, and the answer is the same for an
/// address that has an account already (ASVS 6.3.8). Otherwise, and with an invitation, the account is signed in.
///
/// If there is one already with this email address and this very password, it is signed in: the form may have been
/// posted twice. That is a sign-in like any other, with its limits and events.
///
/// # Errors
/// If a field is not acceptable, the person may not register, the email address is taken, there were too many from
/// this address, or the database, the session store or the hasher fails. An account that was created before that
/// stays.
pub async fn register(caller: &Caller, registration: &Registration) -> Result<Registered, AccountError> {
    let state = &caller.state;
    let is_invited = is_invited(caller, registration).await?;
    if state.mailer.is_sent() && !is_invited {
        let checked = check_and_hash(caller, registration).await?;
        save_pending(caller, checked).await?;
        return Ok(Registered::MailSent);
    }
    let Some(account) = create(caller, registration, is_invited).await? else {
        sign_in_owner(caller, registration).await?;
        return Ok(Registered::SignedIn);
    };
    let authentication = Authentication { method: Method::Password, credential_version: 0 };
    caller.session.sign_in(Identity { account, authentication, remembered: false }).await?;
    Ok(Registered::SignedIn)
}

/// Whether the person has an invitation, where the policy asks for one or a link brings one.
///
/// # Errors
/// If the person may not register, or the database fails.
async fn is_invited(caller: &Caller, registration: &Registration) -> Result<bool, AccountError> {
    let policy = caller.state.config.registration.policy;
    if policy == RegistrationPolicy::Closed {
        return Err(Problems::general(Problem::RegistrationClosed).into());
    }
    let invitation = match &registration.invitation {
        Some(token) => tokens::find(&caller.state, token, &[Purpose::Invitation]).await?,
        None => None,
    };
    let key = Email::parse(&registration.email).ok().map(|email| email.key);
    let is_invited = invitation.is_some_and(|(_, row)| Some(row.email_key) == key);
    if policy == RegistrationPolicy::Invitation && !is_invited {
        return Err(Problems::general(Problem::NotInvited).into());
    }
    Ok(is_invited)
}

async fn sign_in_owner(caller: &Caller, registration: &Registration) -> Result<(), AccountError> {
    let Registration { email, password, .. } = registration;
    let credentials = Credentials { email: email.clone(), password: password.clone(), remember: false };
    match sign_in_after_registration(caller, &credentials, POSTED_TWICE).await {
        Err(AccountError::Rejected(_)) => Err(Problems::of_field("email", Problem::Taken).into()),
        signed_in => signed_in.map(drop),
    }
}

/// Saves what was entered until the link in the mail is opened. Whether there is an account already is found out when
/// the mail is sent, so the answer takes as long either way.
async fn save_pending(caller: &Caller, checked: Checked) -> Result<(), ServerError> {
    let state = &caller.state;
    let Checked { name, email, password_hash } = checked;
    let created_at = state.clock.now();
    let origin = Origin::new(created_at, caller.session.client());
    let mail = NewMail {
        content: MailContent::Registration { origin },
        account: None,
        recipient: email.shown.clone(),
    };
    let pending = PendingRegistration { email: email.shown, name, password_hash, created_at };
    let mut transaction = state.db.begin().await?;
    // The link of an earlier one must not make an account with this password, which may be a stranger's.
    mailed_tokens::remove_about(&mut transaction, Purpose::Registration.as_str(), &email.key).await?;
    registrations::save(&mut transaction, &email.key, &pending).await?;
    mails::enqueue(state, &mut transaction, &mail).await?;
    transaction.commit().await?;
    state.mailer.wake();
    Ok(())
}

/// `None` if the email address is taken.
async fn create(
    caller: &Caller,
    registration: &Registration,
    is_invited: bool,
) -> Result<Option<AccountId>, AccountError> {
    let Checked { name, email, password_hash } = check_and_hash(caller, registration).await?;
    let state = &caller.state;
    let mut transaction = state.db.begin().await?;
    let used = match registration.invitation.as_ref().filter(|_| is_invited) {
        Some(token) => tokens::take(state, &mut transaction, token, Purpose::Invitation).await?,
        None => None,
    };
    let account = NewAccountOf { name: &name, email: &email, password_hash: &password_hash };
    let Some(id) = insert(caller, &mut transaction, &account, false).await? else { return Ok(None) };
    if is_invited && used.is_none() {
        // Of two at the same moment, one gets it; or it has just expired.
        return Err(Problems::general(Problem::NotInvited).into());
    }
    let mail = NewMail {
        content: MailContent::VerifyEmail,
        account: Some(id.clone()),
        recipient: email.shown.clone(),
    };
    mails::enqueue(state, &mut transaction, &mail).await?;
    transaction.commit().await?;
    state.mailer.wake();
    state.limits.remember_device(&email.key, &caller.devices);
    Ok(Some(id))
}

/// What an account begins with.
pub(super) struct NewAccountOf<'a> {
    pub name: &'a str,
    pub email: &'a Email,
    pub password_hash: &'a str,
}

/// Inserts an account, with its event; `None` if the email address is taken.
pub(super) async fn insert(
    caller: &Caller,
    transaction: &mut Transaction,
    account: &NewAccountOf<'_>,
    is_verified: bool,
) -> Result<Option<AccountId>, DatabaseError> {
    let state = &caller.state;
    let id = AccountId::generate(&*state.entropy);
    let now = state.clock.now();
    let new = NewAccount {
        id: &id,
        name: account.name,
        email: &account.email.shown,
        email_key: &account.email.key,
        earlier_email_keys: account.email.earlier_keys(),
        email_verified_at: is_verified.then_some(now),
        password_hash: account.password_hash,
        created_at: now,
    };
    if !accounts::insert(transaction, &new).await? {
        return Ok(None);
    }
    events::append(transaction, &caller.event(SecurityEventKind::Registered, Some(id.clone()))).await?;
    Ok(Some(id))
}

async fn check_and_hash(caller: &Caller, registration: &Registration) -> Result<Checked, AccountError> {
    let (name, email) = check(caller, registration).await?;
    let (state, address) = (&caller.state, caller.session.client().address);
    let attempt = state.limits.check_register(address).await?;
    if state.mailer.is_sent() {
        state.limits.check_registration_mail(address, &email.key).await?;
    }
    match state.hasher.hash(&registration.password, Priority::Stranger).await {
        Ok(password_hash) => Ok(Checked { name, email, password_hash }),
        Err(error) => {
            state.limits.give_back(attempt).await;
            Err(error.into())
        }
    }
}

async fn check(caller: &Caller, registration: &Registration) -> Result<(String, Email), AccountError> {
    let Registration { name, email, password: secret, .. } = registration;
    let mut problems = Problems::default();
    let parsed_name = problems.check("name", name::parse(name));
    let parsed_email = problems.check("email", parse_deliverable(caller, email));
    // Of the fields that are in order, whose length has a bound.
    let name = parsed_name.as_deref().unwrap_or_default();
    let email = parsed_email.as_ref().map_or("", |email| &email.shown);
    let problem = password::check_new(caller, secret, name, email, Priority::Stranger).await?;
    problems.fields.extend(problem.map(|problem| ("password", problem)));
    Ok(problems.finish(parsed_name.zip(parsed_email))?)
}

/// An address that a mail can be sent to, where mails are sent.
///
/// # Errors
/// What is wrong with it.
pub(super) fn parse_deliverable(caller: &Caller, text: &str) -> Result<Email, Problem> {
    let email = Email::parse(text)?;
    if caller.state.mailer.is_sent() && !is_deliverable(&email.shown) {
        return Err(Problem::Undeliverable);
    }
    Ok(email)
}
