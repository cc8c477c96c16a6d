use secrecy::SecretString;

use super::{email::Email, proof};
use crate::{
    model::{AppError, Field, Form, FormOutcome, FormProblem, Method, Next, Rejection, Typed},
    server::{
        audit::{self, EventKind},
        credentials::Verification,
        db::accounts::{self, AccountId},
        error::{ServerError, chain},
        forms,
        request::Caller,
        sessions::Identity,
    },
};

/// What was posted.
#[derive(Debug)]
pub struct SignInForm {
    pub email: String,
    pub password: SecretString,
    pub remember: bool,
    pub next: Option<String>,
}

/// Signs in with email and password. Whether an account exists shows neither in the answer nor in
/// the time it takes (ASVS 6.3.8).
///
/// # Errors
/// If the database, the session store or the hasher fails; nobody is signed in then.
pub async fn sign_in(caller: &Caller, form: SignInForm) -> Result<FormOutcome, AppError> {
    Ok(attempt(caller, form).await?)
}

async fn attempt(caller: &Caller, form: SignInForm) -> Result<FormOutcome, ServerError> {
    let next = form.next.as_deref().and_then(Next::parse);
    let rejection = match authenticate(caller, &form).await? {
        Ok(proved) => begin(caller, proved, form.remember).await?,
        Err(rejection) => Some(rejection),
    };
    match rejection {
        None => Ok(forms::accept(caller, next.unwrap_or_else(Next::home))),
        Some(rejection) => {
            let typed = Typed { name: String::new(), email: form.email, remember: form.remember };
            forms::reject(caller, Form::SignIn, rejection, typed, next.as_ref()).await
        }
    }
}

/// Begins the session, unless the password was changed while it was compared. Whoever changed it has
/// ended all sessions there were: this one must not slip in behind.
async fn begin(caller: &Caller, proved: Proved, remembered: bool) -> Result<Option<Rejection>, ServerError> {
    let Proved { account, password_hash } = proved;
    let methods = vec![Method::Password];
    caller.session.sign_in(Identity { account: account.clone(), methods, remembered }).await?;
    if accounts::password_hash(&caller.state.db, &account).await? == Some(password_hash) {
        return Ok(None);
    }
    caller.session.sign_out().await?;
    Ok(Some(Rejection::of(FormProblem::WrongCredentials)))
}

/// An account, and the hash that the right password was compared with.
struct Proved {
    account: AccountId,
    password_hash: String,
}

async fn authenticate(caller: &Caller, form: &SignInForm) -> Result<Result<Proved, Rejection>, ServerError> {
    let email = match check(form) {
        Ok(email) => email,
        Err(rejection) => return Ok(Err(rejection)),
    };
    let state = &caller.state;
    let found = accounts::by_email(&state.db, &email.key).await?;
    let stored = found.as_ref().map(|(_, hash)| hash.clone());
    let verification = state.hasher.verify(&form.password, stored).await?;
    let (Some((account, stored)), Verification::Right { upgraded }) = (&found, verification) else {
        // Written down for accounts that do not exist as well: it takes as long.
        let account = found.map(|(account, _)| account.id);
        audit::record(&state.db, &caller.event(EventKind::SignInRefused, account)).await?;
        return Ok(Err(Rejection::of(FormProblem::WrongCredentials)));
    };
    let mut password_hash = stored.clone();
    if let Some(upgraded) = upgraded {
        match accounts::upgrade_hash(&state.db, &account.id, stored, &upgraded).await {
            Ok(()) => password_hash = upgraded,
            // It will be tried again at the next sign-in; no reason to turn anybody away.
            Err(error) => tracing::warn!(cause = %chain(&error), "a password hash could not be upgraded"),
        }
    }
    Ok(Ok(Proved { account: account.id.clone(), password_hash }))
}

fn check(form: &SignInForm) -> Result<Email, Rejection> {
    let password = proof::check_typed(&form.password);
    let email = Email::parse(&form.email);
    let problems = [
        email.as_ref().err().map(|problem| (Field::Email, *problem)),
        password.map(|problem| (Field::Password, problem)),
    ];
    match (email, password) {
        (Ok(email), None) => Ok(email),
        _ => Err(Rejection { form: None, fields: problems.into_iter().flatten().collect() }),
    }
}
