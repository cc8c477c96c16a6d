use leptos::prelude::*;

use crate::model::{ActivityPage, AppError};

/// A page of the security events of whoever asks; pages count from 1.
#[server(name = LoadActivity, prefix = "/api", endpoint = "activity")]
pub async fn load_activity(page: u32) -> Result<ActivityPage, AppError> {
    use crate::server::{accounts, request};
    let caller = request::require::<LoadActivity>()?;
    accounts::activity(&caller, page).await
}
