//! What the engine asks of a store.

mod row;
mod sql;
mod valkey;

use std::sync::Arc;

use async_trait::async_trait;

use super::{Changes, IdHash, LatestExpiry, StoredSession, Values};
use crate::{
    model::EndReason,
    server::domain::{Account, AccountId, Client, SecurityEvent, SessionHandle, Timestamp},
};

pub use sql::SqlStore;
pub use valkey::{ValkeyError, ValkeyStore};

/// Keeps sessions, and records the security events that belong to a call: a store that is part of the database in
/// the same transaction, another one beside it. A call takes effect at one moment for all other calls.
///
/// *Live* means: never ended, and not expired at `now`. What is not live is never changed by any of
/// these calls but `expire` and `purge`, and none of them makes it live again.
#[async_trait]
pub trait Store: std::fmt::Debug + Send + Sync + 'static {
    /// Inserts, and only inserts: an id that is known already, live or not, is an error.
    async fn create(&self, session: &StoredSession, events: &[SecurityEvent]) -> Result<(), StoreError>;

    /// The state of a session, with its account as it is now. A store that is not part of the database
    /// looks the account up there: the engine compares the credentials of the two.
    async fn load(&self, id: &IdHash, now: Timestamp) -> Result<Lookup, StoreError>;

    /// The states of several sessions, each of which is asked for once, in the same order.
    async fn load_many(&self, ids: &[IdHash], now: Timestamp) -> Result<Vec<Lookup>, StoreError>;

    /// Changes keys of a live session, leaving all others as they are; `false` if it is not live.
    async fn merge(&self, id: &IdHash, changes: &Changes, now: Timestamp) -> Result<bool, StoreError>;

    /// Stores the times of a live session that was seen again; `false` if it is not live.
    async fn touch(&self, session: &StoredSession, now: Timestamp) -> Result<bool, StoreError>;

    /// Gives a live session a new id: `old` ends as replaced, and `new` is inserted with the values that
    /// `old` has at that moment, which are returned; `None` if `old` is not live.
    async fn rotate(
        &self,
        old: &IdHash,
        new: &StoredSession,
        now: Timestamp,
        events: &[SecurityEvent],
    ) -> Result<Option<Values>, StoreError>;

    /// The live sessions of an account, in any order. If there are more than `max`, some of them: as many.
    async fn list(
        &self,
        account: &AccountId,
        now: Timestamp,
        max: u32,
    ) -> Result<Vec<StoredSession>, StoreError>;

    /// Ends up to `max` live sessions, leaving tombstones. Called again until there are no more, it has ended all
    /// that are selected: none escapes by being rotated meanwhile.
    async fn end(&self, revocation: &Revocation, max: u32) -> Result<EndedBatch, StoreError>;

    /// Leaves the tombstone of a session that has expired; does nothing to any other.
    async fn expire(&self, id: &IdHash, now: Timestamp) -> Result<(), StoreError>;

    /// Leaves tombstones of expired sessions of accounts, brings sessions that expire later than they can
    /// down to `latest`, and removes old tombstones and expired anonymous sessions: up to `max` of each.
    /// Returns the largest of the numbers, so that less than `max` means that nothing is left to do.
    async fn purge(&self, now: Timestamp, latest: &[LatestExpiry], max: u64) -> Result<u64, StoreError>;

    /// Whether the store answers.
    async fn ping(&self) -> Result<(), StoreError>;
}

/// The state of a session.
#[derive(Clone, Debug, PartialEq)]
pub enum Lookup {
    /// Never stored, forgotten, or unreadable (which is logged).
    Unknown,
    /// There is a tombstone.
    Ended(EndReason),
    /// It has expired, and there is no tombstone yet.
    Expired(EndReason),
    Live(LiveSession),
}

/// A live session.
#[derive(Clone, Debug, PartialEq)]
pub struct LiveSession {
    pub session: Arc<StoredSession>,
    /// Its account; `None` for an anonymous session, or if the account is gone.
    pub account: Option<Arc<Account>>,
}

/// Ends sessions.
#[derive(Clone, Debug)]
pub struct Revocation {
    pub sessions: Selection,
    pub reason: EndReason,
    pub at: Timestamp,
    /// The client that ends them.
    pub client: Client,
}

/// Which sessions a [`Revocation`] ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    ById(IdHash),
    /// The session of this account that has this handle.
    ByHandle(AccountId, SessionHandle),
    /// All sessions of the account except the one that has this handle.
    AllExcept(AccountId, SessionHandle),
    All(AccountId),
    /// Those that an account has too many of: all but the session that has this handle, and `keep` others that were
    /// used last.
    LeastRecentlyUsed {
        account: AccountId,
        except: SessionHandle,
        keep: u32,
    },
    /// All sessions of all accounts.
    AllAccounts,
}

/// What a call of [`Store::end`] has ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EndedBatch {
    pub handles: Vec<SessionHandle>,
    /// There may be more to end.
    pub more: bool,
}

impl Selection {
    /// The account whose sessions it selects; `None` if it selects one by its id, or those of all accounts.
    pub fn account(&self) -> Option<&AccountId> {
        match self {
            Self::ById(_) | Self::AllAccounts => None,
            Self::ByHandle(account, _)
            | Self::AllExcept(account, _)
            | Self::All(account)
            | Self::LeastRecentlyUsed { account, .. } => Some(account),
        }
    }
}

/// Why a store failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the session store failed")]
    Backend(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("there is a session with this id already")]
    Exists,
    #[error("a session could not be encoded or decoded")]
    Malformed(#[from] serde_json::Error),
}
