use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use secrecy::SecretString;

use super::{email::Email, name};
use crate::{
    model::{AppError, Field, Form, FormOutcome, Method, Next, Problem, Rejection, Typed},
    server::{
        audit::EventKind,
        clock::random,
        credentials::check_new_password,
        db::accounts::{self, AccountId, NewAccount},
        error::ServerError,
        forms,
        request::Caller,
        sessions::{Identity, Proof},
    },
};

/// What was posted.
#[derive(Debug)]
pub struct RegisterForm {
    pub name: String,
    pub email: String,
    pub password: SecretString,
    pub next: Option<String>,
}

/// Begins an account and signs it in.
///
/// # Errors
/// If the database, the session store or the hasher fails; an account that was begun stays.
pub async fn register(caller: &Caller, form: RegisterForm) -> Result<FormOutcome, AppError> {
    Ok(attempt(caller, form).await?)
}

async fn attempt(caller: &Caller, form: RegisterForm) -> Result<FormOutcome, ServerError> {
    let next = form.next.as_deref().and_then(Next::parse);
    match begin(caller, &form).await? {
        Ok(account) => {
            let proof = Proof { method: Method::Password, credentials: 0 };
            let identity = Identity { account, proof, remembered: false };
            caller.session.sign_in(identity).await?;
            Ok(forms::accept(caller, next.unwrap_or_else(Next::home)))
        }
        Err(rejection) => {
            let typed = Typed { name: form.name, email: form.email, remember: false };
            forms::reject(caller, Form::Register, rejection, typed, next.as_ref()).await
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
    Ok(if inserted { Ok(id) } else { Err(Rejection::from((Field::Email, Problem::Taken))) })
}

/// All problems at once, so that nobody meets them one by one.
fn check(form: &RegisterForm) -> Result<(String, Email), Rejection> {
    let (name, email) = (name::parse(&form.name), Email::parse(&form.email));
    let password = check_new_password(&form.password, form.name.trim(), form.email.trim());
    let problems = [
        name.as_ref().err().map(|problem| (Field::Name, *problem)),
        email.as_ref().err().map(|problem| (Field::Email, *problem)),
        password.map(|problem| (Field::Password, problem)),
    ];
    match (name, email, password) {
        (Ok(name), Ok(email), None) => Ok((name, email)),
        _ => Err(Rejection { form: None, fields: problems.into_iter().flatten().collect() }),
    }
}
