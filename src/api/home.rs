use leptos::prelude::*;

use crate::model::{AppError, Home};

/// What the home page says of the session that asks.
#[server(name = LoadHome, prefix = "/api", endpoint = "home")]
pub async fn load_home() -> Result<Home, AppError> {
    use crate::server::{accounts, request};
    let caller = request::require::<LoadHome>()?;
    accounts::home(&caller)
}
