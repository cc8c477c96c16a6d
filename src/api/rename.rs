use leptos::prelude::*;

use crate::model::{AppError, FormOutcome};

/// Changes the name of the account.
#[server(name = Rename, prefix = "/api", endpoint = "rename")]
pub async fn rename(name: String) -> Result<FormOutcome, AppError> {
    use crate::{
        server::{
            accounts,
            function::{rejected, require},
        },
        words::{self, Notice},
    };
    let caller = require::<Rename>()?;
    match accounts::rename(&caller, &name).await {
        Ok(changed) => {
            if changed {
                caller.session.set_flash(words::notice(Notice::NameChanged)).await?;
            }
            Ok(FormOutcome::accepted("/account"))
        }
        Err(error) => rejected(error),
    }
}
