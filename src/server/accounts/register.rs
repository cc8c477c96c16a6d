use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use secrecy::SecretString;

use super::{
    email::Email,
    name, password,
    problems::{AccountError, Problems},
    sign_in::{self, Credentials},
};
use crate::{
    model::SecurityEventKind,
    server::{
        caller::Caller,
        credentials::Priority,
        db::accounts::{self, NewAccount},
        domain::{AccountId, random},
        sessions::{Authentication, Identity, Method},
    },
    words::Problem,
};

/// What was entered.
#[derive(Debug)]
pub struct Registration {
    pub name: String,
    pub email: String,
    pub password: SecretString,
}

/// Creates an account and signs it in. If there is one already with this email address and this very password, it
/// is signed in: the form may have been posted twice. That is a sign-in like any other, with its limits and events.
///
/// # Errors
/// If a field is not acceptable, the email address is taken, there were too many from this address, or the
/// database, the session store or the hasher fails. An account that was created before that stays.
pub async fn register(caller: &Caller, registration: &Registration) -> Result<(), AccountError> {
    let identity = match create(caller, registration).await? {
        Some(account) => {
            let authentication = Authentication { method: Method::Password, credential_version: 0 };
            Identity { account, authentication, remembered: false }
        }
        None => authenticate_owner(caller, registration).await?,
    };
    Ok(caller.session.sign_in(identity).await?)
}

async fn authenticate_owner(caller: &Caller, registration: &Registration) -> Result<Identity, AccountError> {
    let Registration { email, password, .. } = registration;
    let credentials = Credentials { email: email.clone(), password: password.clone(), remember: false };
    match sign_in::authenticate(caller, &credentials).await {
        Err(AccountError::Rejected(_)) => Err(Problems::of_field("email", Problem::Taken).into()),
        identity => identity,
    }
}

/// `None` if the email address is taken.
async fn create(caller: &Caller, registration: &Registration) -> Result<Option<AccountId>, AccountError> {
    let (name, email) = check(caller, registration).await?;
    let state = &caller.state;
    let attempt = state.limits.check_register(caller.session.client().address).await?;
    let password_hash = match state.hasher.hash(&registration.password, Priority::Stranger).await {
        Ok(hash) => hash,
        Err(error) => {
            state.limits.give_back(attempt).await;
            return Err(error.into());
        }
    };
    let id = AccountId::new(BASE64_URL_SAFE_NO_PAD.encode(random::<16>(&*state.entropy)));
    let new = NewAccount {
        id: &id,
        name: &name,
        email: &email.shown,
        email_key: &email.key,
        earlier_email_keys: email.earlier_keys(),
        password_hash: &password_hash,
        created_at: state.clock.now(),
    };
    let event = caller.event(SecurityEventKind::Registered, Some(id.clone()));
    if !accounts::insert(&state.db, new, &event).await? {
        return Ok(None);
    }
    state.limits.remember_device(&email.key, &caller.devices);
    Ok(Some(id))
}

async fn check(caller: &Caller, registration: &Registration) -> Result<(String, Email), AccountError> {
    let Registration { name, email, password: secret } = registration;
    let mut problems = Problems::default();
    let parsed_name = problems.check("name", name::parse(name));
    let parsed_email = problems.check("email", Email::parse(email));
    // Of the fields that are in order, whose length has a bound.
    let name = parsed_name.as_deref().unwrap_or_default();
    let email = parsed_email.as_ref().map_or("", |email| &email.shown);
    let problem = password::check_new(caller, secret, name, email, Priority::Stranger).await?;
    problems.fields.extend(problem.map(|problem| ("password", problem)));
    Ok(problems.finish(parsed_name.zip(parsed_email))?)
}
