use crate::server::{
    caller::Caller,
    db::events::{self, Entry, Filter},
    error::ServerError,
};

const EVENTS_PER_PAGE: u32 = 20;
/// The last page that can be asked for, since the database has to count through all pages before.
const MAX_PAGE: u32 = 500;

/// A page of an account's security events, newest first.
#[derive(Debug)]
pub struct ActivityPage {
    pub entries: Vec<Entry>,
    /// Counted from 1.
    pub page: u32,
    /// There is another page after this.
    pub more: bool,
}

/// The security events of the account that is signed in. Pages count from 1; one out of range becomes
/// the nearest.
///
/// # Errors
/// If the session has ended, or the database fails.
pub async fn activity(caller: &Caller, filter: Filter, page: u32) -> Result<ActivityPage, ServerError> {
    let page = page.clamp(1, MAX_PAGE);
    let (limit, offset) = (EVENTS_PER_PAGE + 1, (page - 1) * EVENTS_PER_PAGE);
    let mut entries = events::page(&caller.state.db, &caller.account()?.id, filter, limit, offset).await?;
    let length = usize::try_from(EVENTS_PER_PAGE).unwrap_or(usize::MAX);
    let more = entries.len() > length && page < MAX_PAGE;
    entries.truncate(length);
    Ok(ActivityPage { entries: entries.into_iter().flatten().collect(), page, more })
}
