use crate::{
    model::AppError,
    server::{
        audit::Event,
        db::{Database, accounts::AccountId, events},
        error::ServerError,
    },
};

/// Events on a page.
const PAGE_LENGTH: u32 = 20;
/// The last page that can be asked for: nobody reads further, and every page is counted through.
const MAX_PAGE: u32 = 500;

/// A page of an account's security events, newest first.
#[derive(Debug)]
pub struct ActivityPage {
    pub events: Vec<Event>,
    /// Counted from 1.
    pub page: u32,
    /// There is another page after this.
    pub more: bool,
}

/// The security events of an account; pages count from 1, and a page out of range becomes the nearest.
///
/// # Errors
/// If the database fails.
pub async fn activity(db: &Database, account: &AccountId, page: u32) -> Result<ActivityPage, AppError> {
    let page = page.clamp(1, MAX_PAGE);
    let events = events::page(db, account, PAGE_LENGTH + 1, (page - 1) * PAGE_LENGTH).await;
    let mut events = events.map_err(ServerError::from)?;
    let length = usize::try_from(PAGE_LENGTH).unwrap_or(usize::MAX);
    let more = events.len() > length && page < MAX_PAGE;
    events.truncate(length);
    Ok(ActivityPage { events: events.into_iter().flatten().collect(), page, more })
}
