use secrecy::{ExposeSecret, SecretString};

use super::email::Email;
use crate::{
    model::{
        AppError, Field, Form, FormOutcome, FormProblem, Next, PASSWORD_MOST, Problem, Rejection, Typed,
    },
    server::{
        credentials::Verification,
        db::accounts::{self, AccountId},
        error::{ServerError, chain},
        forms,
        request::Caller,
        sessions::{Identity, Method},
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
    match authenticate(caller, &form).await? {
        Ok(account) => {
            let identity = Identity { account, methods: vec![Method::Password], remembered: form.remember };
            caller.session.sign_in(identity).await?;
            Ok(forms::accept(caller, next.unwrap_or_else(Next::home)))
        }
        Err(rejection) => {
            let typed = Typed { name: String::new(), email: form.email, remember: form.remember };
            forms::reject(caller, Form::SignIn, rejection, typed, next.as_ref()).await
        }
    }
}

async fn authenticate(
    caller: &Caller,
    form: &SignInForm,
) -> Result<Result<AccountId, Rejection>, ServerError> {
    let email = match check(form) {
        Ok(email) => email,
        Err(rejection) => return Ok(Err(rejection)),
    };
    let state = &caller.state;
    let found = accounts::by_email(&state.db, &email.key).await?;
    let stored = found.as_ref().map(|(_, hash)| hash.clone());
    let verification = state.hasher.verify(&form.password, stored).await?;
    let (Some((account, old_hash)), Verification::Right { upgraded }) = (found, verification) else {
        return Ok(Err(Rejection::of(FormProblem::WrongCredentials)));
    };
    if let Some(new_hash) = upgraded {
        // It will be tried again at the next sign-in; no reason to turn anybody away.
        if let Err(error) = accounts::upgrade_hash(&state.db, &account.id, &old_hash, &new_hash).await {
            tracing::warn!(cause = %chain(&error), "a password hash could not be upgraded");
        }
    }
    Ok(Ok(account.id))
}

fn check(form: &SignInForm) -> Result<Email, Rejection> {
    let password = form.password.expose_secret();
    let password = if password.is_empty() {
        Some(Problem::Missing)
    } else {
        // Nobody has such a password, so it need not be hashed to know.
        let most = usize::from(PASSWORD_MOST);
        (password.chars().count() > most * 4).then_some(Problem::TooLong(PASSWORD_MOST))
    };
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
