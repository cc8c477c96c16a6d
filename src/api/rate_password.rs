use leptos::prelude::*;

use crate::model::{AppError, Strength};

/// How hard a password is to guess; asked while it is typed. The word lists behind the answer
/// would weigh more than the rest of the page's code, so they stay on the server.
#[server(name = RatePassword, prefix = "/api", endpoint = "rate_password")]
pub async fn rate_password(password: String) -> Result<Option<Strength>, AppError> {
    use crate::server::request;
    let caller = request::require::<RatePassword>()?;
    Ok(caller.state.rater.rate(&password.into()).await)
}
