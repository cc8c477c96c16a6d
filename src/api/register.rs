use leptos::prelude::*;

use crate::model::{AppError, FormOutcome};

/// Begins an account and signs it in.
#[server(name = Register, prefix = "/api", endpoint = "register")]
pub async fn register(
    name: String,
    email: String,
    password: String,
    next: Option<String>,
) -> Result<FormOutcome, AppError> {
    use crate::{
        pages,
        server::{accounts, request},
    };
    let caller = request::require::<Register>()?;
    let next = pages::return_to(next.as_deref());
    let form = accounts::RegisterForm { name, email, password: password.into(), next };
    accounts::register(&caller, form).await
}
