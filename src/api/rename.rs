use leptos::prelude::*;

use crate::model::{AppError, FormOutcome};

/// Changes the name of the account.
#[server(name = Rename, prefix = "/api", endpoint = "rename")]
pub async fn rename(name: String) -> Result<FormOutcome, AppError> {
    use crate::server::{accounts, request};
    let caller = request::require::<Rename>()?;
    accounts::rename(&caller, name).await
}
