//! Sessions as they are stored, whatever they are stored in.

mod sql;
mod valkey;

use std::{collections::BTreeMap, fmt::Debug};

use async_trait::async_trait;
use serde_json::Value;
use vestibule::server::{
    config::Config,
    db::{Database, Dialect},
    domain::Timestamp,
};

pub use self::sql::statement;
use self::{
    sql::text_of_all_tables,
    valkey::{ValkeyKeys, ValkeySessions},
};

/// A session as it is stored.
#[derive(Clone, Debug)]
pub struct StoredRecord {
    pub id_hash: String,
    pub handle: String,
    pub values: BTreeMap<String, Value>,
    pub created_at: i64,
    pub seen_at: i64,
    pub absolute_expires_at: i64,
    /// `None` as long as it has not ended.
    pub end_reason: Option<String>,
}

/// Reads and damages what a session store has stored.
#[async_trait]
pub trait StoredSessions: Debug + Send + Sync {
    /// All sessions, also those that have ended.
    async fn all(&self) -> Vec<StoredRecord>;

    /// How many there are, also of those that cannot be read.
    async fn count(&self) -> usize;

    /// Removes all of them.
    async fn remove_all(&self);

    /// Replaces a column of all sessions by a text; `false` if it cannot hold it.
    async fn damage(&self, column: &str, text: &str) -> bool;
}

/// The sessions of an application.
pub fn stored_sessions(config: &Config, db: &Database, now: Timestamp) -> Box<dyn StoredSessions> {
    match ValkeyKeys::of(config) {
        Some(keys) => Box::new(ValkeySessions { keys, now }),
        None => Box::new(db.clone()),
    }
}

/// Everything that an application stores outside of its data folder. Bytes are in hexadecimal digits.
pub async fn bytes_outside_of_files(config: &Config, db: &Database) -> Vec<u8> {
    let mut bytes = match db.dialect() {
        Dialect::Sqlite => Vec::new(),
        Dialect::Postgres => text_of_all_tables(db).await.into_bytes(),
    };
    if let Some(keys) = ValkeyKeys::of(config) {
        bytes.extend(keys.contents().await);
    }
    bytes
}
