use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use secrecy::SecretString;

use super::{
    email::Email,
    name,
    problems::{AccountError, Problems},
};
use crate::{
    model::SecurityEventKind,
    server::{
        caller::Caller,
        credentials::check_new_password,
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

/// Creates an account and signs it in.
///
/// # Errors
/// If a field is not acceptable, the email address is taken, there were too many from this address, or the
/// database, the session store or the hasher fails. An account that was created before that stays.
pub async fn register(caller: &Caller, registration: &Registration) -> Result<(), AccountError> {
    let account = create(caller, registration).await?;
    let authentication = Authentication { method: Method::Password, credential_version: 0 };
    let identity = Identity { account, authentication, remembered: false };
    Ok(caller.session.sign_in(identity).await?)
}

async fn create(caller: &Caller, registration: &Registration) -> Result<AccountId, AccountError> {
    let (name, email) = check(registration)?;
    let state = &caller.state;
    let attempt = state.limits.check_register(caller.session.client().address).await?;
    let password_hash = match state.hasher.hash(&registration.password).await {
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
    if accounts::insert(&state.db, new, &event).await? {
        state.limits.remember_device(&email.key, &caller.devices);
        Ok(id)
    } else {
        Err(Problems::of_field("email", Problem::Taken).into())
    }
}

fn check(registration: &Registration) -> Result<(String, Email), Problems> {
    let Registration { name, email, password } = registration;
    let mut problems = Problems::default();
    let parsed_name = problems.check("name", name::parse(name));
    let parsed_email = problems.check("email", Email::parse(email));
    problems.check("password", check_new_password(password, name.trim(), email.trim()));
    problems.finish(parsed_name.zip(parsed_email))
}
