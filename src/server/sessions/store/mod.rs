//! What the engine asks of a store.

mod memory;
mod sql;

use async_trait::async_trait;

use super::{Changes, Handle, IdHash, StoredSession, Values};
use crate::{
    model::EndReason,
    server::{
        audit::Event,
        clock::Timestamp,
        db::accounts::{Account, AccountId},
        request::Client,
    },
};

pub use memory::MemoryStore;
pub use sql::SqlStore;

/// Keeps sessions. Every call is atomic by itself, and writes the security events that belong to it
/// into the audit log, in the same transaction where it has one.
///
/// *Live* means: never ended, and not expired at `now`. What is not live is never changed by any
/// of these calls, and none of them makes it live again.
#[async_trait]
pub trait Store: std::fmt::Debug + Send + Sync + 'static {
    /// Inserts, and only inserts: an id that is known already, live or not, is an error.
    async fn create(&self, session: &StoredSession, events: &[Event]) -> Result<(), StoreError>;

    /// What became of this id.
    async fn load(&self, id: &IdHash, now: Timestamp) -> Result<Lookup, StoreError>;

    /// Changes keys of a live session, leaving all others as they are; `false` if it is not live.
    async fn merge(&self, id: &IdHash, changes: &Changes, now: Timestamp) -> Result<bool, StoreError>;

    /// Moves the idle clock of a live session; `false` if it is not live.
    async fn touch(&self, id: &IdHash, now: Timestamp, expires_at: Timestamp) -> Result<bool, StoreError>;

    /// Moves a live session to a new id: `old` ends as replaced, and `new` is inserted with the
    /// values that `old` holds at this very moment, which are returned; `None` if `old` is not live.
    async fn rotate(
        &self,
        old: &IdHash,
        new: &StoredSession,
        now: Timestamp,
        events: &[Event],
    ) -> Result<Option<Values>, StoreError>;

    /// The live sessions of an account, in no particular order.
    async fn list(&self, account: &AccountId, now: Timestamp) -> Result<Vec<StoredSession>, StoreError>;

    /// Ends live sessions for good, leaving tombstones; returns the handles of those that it ended.
    async fn end(&self, which: &Selection, ending: &Ending) -> Result<Vec<Handle>, StoreError>;

    /// Turns expired sessions of accounts into tombstones that say so, and forgets what is kept no
    /// longer: up to `most` of each, one after the other. Returns the larger number, so less than
    /// `most` means done.
    async fn purge(&self, now: Timestamp, most: u64) -> Result<u64, StoreError>;

    /// Whether the store answers.
    async fn ping(&self) -> Result<(), StoreError>;
}

/// What a store knows of an id.
#[derive(Clone, Debug, PartialEq)]
pub enum Lookup {
    /// Never seen, forgotten, or kept in a form that nobody can read (which the log then says).
    Unknown,
    Ended(EndReason),
    Live(Box<Found>),
}

/// A live session.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    pub session: StoredSession,
    /// Its account, if the store lives beside the accounts: that saves every page a second read.
    pub account: Option<Account>,
}

impl Found {
    /// As far as the store can tell, the password has been changed since the account was proved.
    pub fn is_outdated(&self) -> bool {
        self.account.as_ref().is_some_and(|account| !self.session.is_proved_by(account))
    }
}

/// Which sessions are to end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    This(IdHash),
    /// The one of this account that has this handle.
    One(AccountId, Handle),
    /// All of the account but the one that has this handle.
    Others(AccountId, Handle),
    All(AccountId),
}

/// Why sessions end, and who ended them from where.
#[derive(Clone, Debug)]
pub struct Ending {
    pub reason: EndReason,
    pub at: Timestamp,
    pub client: Client,
}

/// What goes wrong inside a store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the session store failed")]
    Backend(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("a session of this id exists already")]
    Exists,
    #[error("a session could not be encoded or decoded")]
    Malformed(#[from] serde_json::Error),
}
