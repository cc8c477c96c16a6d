//! Sessions as they are stored, whatever they are stored in.

mod sql;
mod valkey;

use std::{collections::BTreeMap, fmt::Debug};

use async_trait::async_trait;
use serde_json::Value;
use vestibule::server::{config::Config, db::Database};

pub use self::sql::text_of_all_tables;
use self::valkey::ValkeySessions;

/// A session as it is stored.
#[derive(Clone, Debug)]
pub struct StoredRecord {
    pub id_hash: String,
    pub handle: String,
    pub account: Option<String>,
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

    /// Replaces a column of all sessions, which is `data` for their values; `false` if it cannot hold such a text.
    async fn damage(&self, column: &'static str, text: &'static str) -> bool;

    /// Everything that is stored, as text or as bytes.
    async fn bytes(&self) -> Vec<u8>;
}

/// The sessions of an application.
pub fn stored_sessions(config: &Config, db: &Database) -> Box<dyn StoredSessions> {
    let sessions = &config.sessions;
    if sessions.url.expose().is_empty() {
        Box::new(db.clone())
    } else {
        Box::new(ValkeySessions::new(sessions.url.expose(), sessions.key_prefix.clone()))
    }
}
