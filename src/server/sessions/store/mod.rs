//! What the engine asks of a store, and the store in the database.

mod sql;

use std::collections::BTreeMap;

use async_trait::async_trait;
use serde_json::Value;

use super::{Handle, IdHash};
use crate::server::{clock::Timestamp, db::accounts::AccountId};

pub use sql::SqlStore;

/// What the application keeps in a session, by key.
pub type Values = BTreeMap<String, Value>;

/// Keys to set (`Some`) or remove (`None`); the others stay as they are.
pub type Changes = BTreeMap<String, Option<Value>>;

/// Keeps sessions. Every call is atomic by itself.
///
/// *Live* means: never ended, and not expired at `now`. What is not live does not exist for any
/// of these calls, and none of them makes it live again.
#[async_trait]
pub trait Store: std::fmt::Debug + Send + Sync + 'static {
    /// Inserts, and only inserts: an id that is known already is an error.
    async fn create(&self, session: &StoredSession) -> Result<(), StoreError>;

    /// The live session of this id.
    async fn load(&self, id: &IdHash, now: Timestamp) -> Result<Option<StoredSession>, StoreError>;

    /// Changes keys of a live session, leaving all others as they are; `false` if it is not live.
    async fn merge(&self, id: &IdHash, changes: &Changes, now: Timestamp) -> Result<bool, StoreError>;

    /// Moves the idle clock of a live session; `false` if it is not live.
    async fn touch(&self, id: &IdHash, now: Timestamp, expires_at: Timestamp) -> Result<bool, StoreError>;

    /// Ends `old`, if it is live, and inserts `new`: both or neither.
    async fn replace(&self, old: &IdHash, new: &StoredSession, now: Timestamp) -> Result<(), StoreError>;

    /// Ends a session for good, leaving a tombstone; `false` if it was not live.
    async fn end(&self, id: &IdHash, reason: EndReason, now: Timestamp) -> Result<bool, StoreError>;

    /// Removes up to `most` sessions that expired by `now`, ended ones among them, and says how many.
    async fn purge(&self, now: Timestamp, most: u64) -> Result<u64, StoreError>;

    /// Whether the store answers.
    async fn ping(&self) -> Result<(), StoreError>;
}

/// All that is kept of a session.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredSession {
    pub id_hash: IdHash,
    pub handle: Handle,
    /// `None` before sign-in.
    pub account: Option<AccountId>,
    /// How the account was proved.
    pub methods: Vec<Method>,
    pub authenticated_at: Option<Timestamp>,
    /// "Keep me signed in" was chosen.
    pub remembered: bool,
    pub user_agent: String,
    pub address: String,
    pub values: Values,
    pub created_at: Timestamp,
    pub seen_at: Timestamp,
    /// The earlier of idle and absolute expiry.
    pub expires_at: Timestamp,
    pub absolute_expires_at: Timestamp,
}

/// A way of proving who one is; named as in RFC 8176 where that has a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Password,
}

impl Method {
    pub fn as_str(self) -> &'static str {
        match self {
            Method::Password => "pwd",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Method::Password].into_iter().find(|method| method.as_str() == text)
    }
}

/// Why a session was ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndReason {
    SignedOut,
    /// Another id took its place: somebody signed in.
    Replaced,
}

impl EndReason {
    pub fn as_str(self) -> &'static str {
        match self {
            EndReason::SignedOut => "signed_out",
            EndReason::Replaced => "replaced",
        }
    }
}

/// What goes wrong inside a store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the session store failed")]
    Backend(#[from] sqlx::Error),
    #[error("a session could not be encoded or decoded")]
    Malformed(#[from] serde_json::Error),
}
