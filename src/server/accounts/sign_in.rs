use secrecy::SecretString;

use super::{email::Email, problems::Problems, proof};
use crate::{
    model::{AppError, FormOutcome, Rejection, ReturnTo},
    server::{
        audit::{self, EventKind},
        credentials::Verification,
        db::accounts,
        error::{ServerError, chain},
        request::Caller,
        sessions::{Identity, Method, Proof},
    },
    words::INCORRECT_CREDENTIALS,
};

/// What was posted.
#[derive(Debug)]
pub struct SignInForm {
    pub email: String,
    pub password: SecretString,
    pub remember: bool,
    pub next: Option<ReturnTo>,
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
    match authenticate(caller, &form).await? {
        Ok(identity) => {
            caller.session.sign_in(identity).await?;
            Ok(caller.accept(form.next.unwrap_or_else(ReturnTo::home)))
        }
        Err(rejection) => {
            let remember = if form.remember { "on" } else { "" };
            let typed = [("email", form.email.as_str()), ("remember", remember)];
            Ok(caller.reject(rejection, &typed, form.next.as_ref()).await?)
        }
    }
}

async fn authenticate(
    caller: &Caller,
    form: &SignInForm,
) -> Result<Result<Identity, Rejection>, ServerError> {
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
        return Ok(Err(Rejection::form(INCORRECT_CREDENTIALS)));
    };
    if let Some(upgraded) = upgraded {
        // It will be tried again at the next sign-in; no reason to turn anybody away.
        if let Err(error) = accounts::upgrade_hash(&state.db, &account.id, stored, &upgraded).await {
            tracing::warn!(cause = %chain(&error), "a password hash could not be upgraded");
        }
    }
    // If the password is changed at this very moment, the version gives the session away.
    let proof = Proof { method: Method::Password, credentials: account.credentials };
    Ok(Ok(Identity { account: account.id.clone(), proof, remembered: form.remember }))
}

fn check(form: &SignInForm) -> Result<Email, Rejection> {
    let mut problems = Problems::default();
    let email = problems.check("email", Email::parse(&form.email));
    problems.check("password", proof::check_typed(&form.password));
    problems.finish(email)
}
