use leptos::prelude::*;

use crate::model::{AppError, FormOutcome};

/// Signs in with email and password; `remember` is a checkbox, present when ticked.
#[server(name = SignIn, prefix = "/api", endpoint = "sign_in")]
pub async fn sign_in(
    email: String,
    password: String,
    remember: Option<String>,
    next: Option<String>,
) -> Result<FormOutcome, AppError> {
    use crate::{
        pages,
        server::{accounts, request},
    };
    let caller = request::require::<SignIn>()?;
    let next = pages::return_to(next.as_deref());
    let form = accounts::SignInForm { email, password: password.into(), remember: remember.is_some(), next };
    accounts::sign_in(&caller, form).await
}
