use leptos::prelude::*;

use crate::model::{AppError, FormOutcome};

/// Ends the sessions of the account that were not used for a month.
#[server(name = EndUnusedSessions, prefix = "/api", endpoint = "end_unused_sessions")]
pub async fn end_unused_sessions() -> Result<FormOutcome, AppError> {
    use crate::{
        server::{accounts, function::require},
        words::{self, Notice},
    };
    let caller = require::<EndUnusedSessions>()?;
    let ended = accounts::end_unused_sessions(&caller).await?;
    caller.session.set_flash(words::notice(Notice::UnusedEnded(ended))).await?;
    Ok(FormOutcome::accepted("/"))
}

/// The owner of the account knows all that has happened up to now.
#[server(name = ReviewEvents, prefix = "/api", endpoint = "review_events")]
pub async fn review_events() -> Result<FormOutcome, AppError> {
    use crate::{
        server::{accounts, function::require},
        words::{self, Notice},
    };
    let caller = require::<ReviewEvents>()?;
    accounts::review_events(&caller).await?;
    caller.session.set_flash(words::notice(Notice::EventsReviewed)).await?;
    Ok(FormOutcome::accepted("/"))
}
