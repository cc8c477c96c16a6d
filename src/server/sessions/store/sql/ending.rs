//! How sessions end in SQL, and what is recorded then.

use std::collections::BTreeSet;

use super::{
    super::row::{readable, stored_session},
    statements as sql,
};
use crate::{
    model::{EndReason, SecurityEventKind},
    server::{
        db::{OwnedRow, Query, Row, Statement, Transaction, events, lock_accounts},
        domain::{AccountId, SecurityEvent, SessionHandle, Timestamp},
        sessions::{
            EndedBatch, Revocation, Selection, StoreError, expiry_event, expiry_reason, revocation_event,
            unreadable_session_event,
        },
    },
};

/// The statement that ends the sessions.
pub(super) fn end(revocation: &Revocation, max: u32) -> Query {
    let end = |statement: Statement| statement.bind(revocation.at.millis()).bind(revocation.reason.as_str());
    let end_up_to_max = |statement: Statement| end(statement).bind(i64::from(max));
    match &revocation.sessions {
        Selection::ById(id) => end(sql::END_BY_ID).bind(id.as_str()),
        Selection::ByHandle(account, handle) => {
            end(sql::END_BY_HANDLE).bind(account.as_str()).bind(handle.as_str())
        }
        Selection::AllExcept(account, handle) => {
            end_up_to_max(sql::END_ALL_EXCEPT).bind(account.as_str()).bind(handle.as_str())
        }
        Selection::All(account) => end_up_to_max(sql::END_ALL).bind(account.as_str()),
        Selection::LeastRecentlyUsed { account, except, keep } => end_up_to_max(sql::END_LEAST_RECENTLY_USED)
            .bind(account.as_str())
            .bind(except.as_str())
            .bind(i64::from(*keep)),
        // For the accounts that are bound next.
        Selection::AllAccounts => end_up_to_max(sql::END_OF_ACCOUNTS),
    }
}

/// Ends sessions of whichever accounts have some. Their accounts are found first, and locked: a rotation would
/// hide one session while it replaces it.
pub(super) async fn end_of_any_account(
    transaction: &mut Transaction,
    revocation: &Revocation,
    max: u32,
) -> Result<EndedBatch, StoreError> {
    let query = sql::SOME_ACCOUNTS.bind(revocation.at.millis()).bind(i64::from(max));
    let rows = query.fetch_all(&mut *transaction).await?;
    let accounts = rows.iter().map(|row| row.text(0)).collect::<Result<BTreeSet<_>, _>>()?;
    if accounts.is_empty() {
        return Ok(EndedBatch::default());
    }
    lock_accounts(transaction, &accounts).await?;
    let query = end(revocation, max).bind(serde_json::to_string(&accounts)?);
    let rows = query.fetch_all(&mut *transaction).await?;
    Ok(EndedBatch { handles: record_ends(transaction, revocation, &rows).await?, more: true })
}

/// Records the ends of these sessions; returns their handles.
pub(super) async fn record_ends(
    transaction: &mut Transaction,
    revocation: &Revocation,
    rows: &[OwnedRow],
) -> Result<Vec<SessionHandle>, StoreError> {
    let (mut handles, mut recorded) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
    for row in rows {
        let handle = SessionHandle::new(row.text(1)?);
        handles.push(handle.clone());
        recorded.extend(match readable(stored_session(row)) {
            Some(session) => revocation_event(revocation, &session),
            None => {
                let (account, user_agent) = (row.text_or_null(2)?.map(AccountId::new), row.text(7));
                unreadable_session_event(revocation, account, handle, &user_agent.unwrap_or_default())
            }
        });
    }
    events::append_all(transaction, &recorded).await?;
    Ok(handles)
}

/// Leaves the tombstone of a session that has expired.
pub(super) async fn expire(transaction: &mut Transaction, row: &impl Row) -> Result<(), StoreError> {
    let session = readable(stored_session(row));
    let reason = session.as_ref().map_or(EndReason::ExpiredIdle, expiry_reason);
    sql::EXPIRE.bind(row.text(0)?).bind(reason.as_str()).execute(&mut *transaction).await?;
    let event = match &session {
        Some(session) => expiry_event(session),
        None => expiry_event_of_unreadable(row)?,
    };
    Ok(events::append_all(transaction, event.as_slice()).await?)
}

/// What is known of a session that has expired and cannot be read.
fn expiry_event_of_unreadable(row: &impl Row) -> Result<Option<SecurityEvent>, StoreError> {
    let Some(account) = row.text_or_null(2)? else { return Ok(None) };
    let (address, user_agent) = (row.text(8).unwrap_or_default(), row.text(7).unwrap_or_default());
    let kind =
        SecurityEventKind::SessionEnded { reason: EndReason::ExpiredIdle, user_agent: user_agent.clone() };
    Ok(Some(SecurityEvent {
        at: Timestamp::from_millis(row.integer(12)?),
        account: Some(AccountId::new(account)),
        session: Some(SessionHandle::new(row.text(1)?)),
        address,
        user_agent,
        kind,
    }))
}
