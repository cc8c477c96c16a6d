//! The audit log: what happened to accounts and sessions, for their owners and for the operator.
//!
//! Events are only ever added. What a store does to sessions it writes down itself, in the same
//! transaction; so do the queries that change accounts. The rest goes through [`record`].

use serde::{Deserialize, Serialize};

use super::{
    clock::Timestamp,
    db::{Database, accounts::AccountId, events},
    request::Client,
    sessions::{Ending, Handle, StoredSession, expiry_reason},
};
use crate::model::EndReason;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    pub at: Timestamp,
    /// `None` where there is no such account: a sign-in refused for an unknown address.
    pub account: Option<AccountId>,
    /// The session that it happened to, or in.
    pub session: Option<Handle>,
    /// Where it was done from; for an expiry, where the session had begun.
    pub address: String,
    pub user_agent: String,
    pub kind: EventKind,
}

/// What it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum EventKind {
    Registered,
    SignedIn,
    SignInRefused,
    SignedOut,
    /// Ended by somebody else than the browser that had it, or expired.
    SessionEnded {
        reason: EndReason,
        /// Of the session that ended.
        user_agent: String,
    },
    SteppedUp,
    StepUpRefused,
    NameChanged,
    PasswordChanged,
    PasswordChangeRefused,
}

impl Event {
    /// What `client` did at `at`.
    pub fn new(
        kind: EventKind,
        at: Timestamp,
        account: Option<AccountId>,
        session: Option<Handle>,
        client: &Client,
    ) -> Self {
        let (address, user_agent) = (client.address.to_string(), client.user_agent.clone());
        Self { at, account, session, address, user_agent, kind }
    }

    /// The event of a session that was ended. `None` for those of nobody, and for those that only
    /// gave way to the next: that has an event of its own.
    pub fn of_ending(ending: &Ending, session: &StoredSession) -> Option<Self> {
        let kind = match ending.reason {
            EndReason::Replaced => return None,
            EndReason::SignedOut => EventKind::SignedOut,
            reason => EventKind::SessionEnded { reason, user_agent: session.user_agent.clone() },
        };
        let account = session.account.clone()?;
        Some(Self::new(kind, ending.at, Some(account), Some(session.handle.clone()), &ending.client))
    }

    /// The event of an account's session to which nobody came back in time.
    pub fn of_expiry(session: &StoredSession) -> Option<Self> {
        Some(Self {
            at: session.expires_at,
            account: Some(session.account.clone()?),
            session: Some(session.handle.clone()),
            address: session.address.clone(),
            user_agent: session.user_agent.clone(),
            kind: EventKind::SessionEnded {
                reason: expiry_reason(session),
                user_agent: session.user_agent.clone(),
            },
        })
    }
}

/// Writes down an event that belongs to no change in the database.
///
/// # Errors
/// If the database fails.
pub async fn record(db: &Database, event: &Event) -> Result<(), sqlx::Error> {
    let mut transaction = db.begin().await?;
    events::append(&mut transaction, event).await?;
    transaction.commit().await
}
