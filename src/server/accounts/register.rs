use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use secrecy::SecretString;

use super::{
    email::Email,
    name,
    problems::{Problems, rejection},
};
use crate::{
    model::{AppError, FormOutcome, Rejection, ReturnTo},
    server::{
        audit::EventKind,
        clock::random,
        credentials::check_new_password,
        db::accounts::{self, AccountId, NewAccount},
        error::ServerError,
        request::Caller,
        sessions::{Identity, Method, Proof},
    },
    words::Problem,
};

/// What was posted.
#[derive(Debug)]
pub struct RegisterForm {
    pub name: String,
    pub email: String,
    pub password: SecretString,
    pub next: Option<ReturnTo>,
}

/// Begins an account and signs it in.
///
/// # Errors
/// If the database, the session store or the hasher fails; an account that was begun stays.
pub async fn register(caller: &Caller, form: RegisterForm) -> Result<FormOutcome, AppError> {
    Ok(attempt(caller, form).await?)
}

async fn attempt(caller: &Caller, form: RegisterForm) -> Result<FormOutcome, ServerError> {
    match begin(caller, &form).await? {
        Ok(account) => {
            let proof = Proof { method: Method::Password, credentials: 0 };
            let identity = Identity { account, proof, remembered: false };
            caller.session.sign_in(identity).await?;
            Ok(caller.accept(form.next.unwrap_or_else(ReturnTo::home)))
        }
        Err(rejection) => {
            let typed = [("name", form.name.as_str()), ("email", form.email.as_str())];
            Ok(caller.reject(rejection, &typed, form.next.as_ref()).await?)
        }
    }
}

async fn begin(caller: &Caller, form: &RegisterForm) -> Result<Result<AccountId, Rejection>, ServerError> {
    let (name, email) = match check(form) {
        Ok(checked) => checked,
        Err(rejection) => return Ok(Err(rejection)),
    };
    let state = &caller.state;
    let password_hash = state.hasher.hash(&form.password).await?;
    let id = AccountId::new(BASE64_URL_SAFE_NO_PAD.encode(random::<16>(&*state.entropy)));
    let new = NewAccount {
        id: &id,
        name: &name,
        email: &email.shown,
        email_key: &email.key,
        password_hash: &password_hash,
        created_at: state.clock.now(),
    };
    let event = caller.event(EventKind::Registered, Some(id.clone()));
    let inserted = accounts::insert(&state.db, new, &event).await?;
    Ok(if inserted { Ok(id) } else { Err(rejection("email", Problem::Taken)) })
}

fn check(form: &RegisterForm) -> Result<(String, Email), Rejection> {
    let mut problems = Problems::default();
    let name = problems.check("name", name::parse(&form.name));
    let email = problems.check("email", Email::parse(&form.email));
    let (typed_name, typed_email) = (form.name.trim(), form.email.trim());
    problems.check("password", check_new_password(&form.password, typed_name, typed_email));
    problems.finish(name.zip(email))
}
