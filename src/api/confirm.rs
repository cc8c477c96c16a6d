use leptos::prelude::*;

use crate::model::{AppError, FormOutcome};

/// Step-up by password.
#[server(name = Confirm, prefix = "/api", endpoint = "confirm")]
pub async fn confirm(password: String, next: Option<String>) -> Result<FormOutcome, AppError> {
    use crate::{
        pages,
        server::{accounts, request},
    };
    let caller = request::require::<Confirm>()?;
    accounts::confirm(&caller, password.into(), pages::return_to(next.as_deref())).await
}
