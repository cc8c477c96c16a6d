use leptos::prelude::*;

use crate::{
    model::{AppError, Strength},
    password_input::PasswordInput,
};

/// Rates how hard a password is to guess, while it is typed. The word lists behind the answer would
/// weigh more than the rest of the page's code, so they stay on the server.
#[server(name = RatePassword, prefix = "/api", endpoint = "rate_password")]
pub async fn rate_password(password: PasswordInput) -> Result<Option<Strength>, AppError> {
    use crate::server::function::require;
    let caller = require::<RatePassword>()?;
    Ok(caller.state.rater.rate(&password.into()).await)
}
