//! The stores that the tests run on, with access to their raw contents.

use std::{fs, sync::Arc};

use super::memory_store::{MemoryAuditLog, MemoryStore};
use async_trait::async_trait;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sqlx::{Row, sqlite::SqliteRow};
use tempfile::TempDir;
use vestibule::server::{
    db::Database,
    domain::{AccountId, Entropy, SecurityEvent, SessionHandle, Timestamp},
    sessions::{IdHash, SessionId, SqlStore, Store},
};

/// Runs a generic test function on each store.
macro_rules! for_every_store {
    ($test:ident) => {
        mod for_every_store {
            #[test]
            fn memory() {
                super::$test::<$crate::support::InMemory>();
            }

            #[test]
            fn sqlite() {
                super::$test::<$crate::support::InSqlite>();
            }
        }
    };
}
pub(crate) use for_every_store;

/// The bytes of a session id, which `SessionId` does not expose.
#[derive(Clone, Copy, Debug)]
pub struct RawId(pub [u8; SessionId::LENGTH]);

impl RawId {
    pub fn hash(self) -> IdHash {
        SessionId::generate(&self).hash()
    }

    /// The key of a store that does not hash ids.
    pub fn unhashed(self) -> IdHash {
        IdHash::from_stored(BASE64_URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl Entropy for RawId {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.copy_from_slice(&self.0);
    }
}

/// A store that tests run on.
#[async_trait]
pub trait StoreUnderTest: Send + Sync + 'static {
    /// A new, empty store.
    async fn empty() -> Self
    where
        Self: Sized;

    fn store(&self) -> Arc<dyn Store>;

    /// The audit log so far, oldest first.
    async fn events(&self) -> Vec<SecurityEvent>;

    /// Every byte that the store holds.
    async fn stored_bytes(&self) -> Vec<u8>;

    /// A text with the values of all sessions, also of ended ones; it may contain more.
    async fn stored_values(&self) -> String;

    /// The key under which the store knows this id.
    fn key_for(&self, id: RawId) -> IdHash {
        id.hash()
    }
}

/// [`MemoryStore`].
pub struct InMemory {
    store: Arc<MemoryStore>,
    audit: Arc<MemoryAuditLog>,
}

#[async_trait]
impl StoreUnderTest for InMemory {
    async fn empty() -> Self {
        let audit = Arc::<MemoryAuditLog>::default();
        Self { store: Arc::new(MemoryStore::new(audit.clone(), None)), audit }
    }

    fn store(&self) -> Arc<dyn Store> {
        self.store.clone()
    }

    async fn events(&self) -> Vec<SecurityEvent> {
        self.audit.events()
    }

    async fn stored_bytes(&self) -> Vec<u8> {
        format!("{:?}", self.store).into_bytes()
    }

    async fn stored_values(&self) -> String {
        format!("{:?}", self.store)
    }
}

/// [`SqlStore`] on an SQLite file.
pub struct InSqlite {
    db: Database,
    folder: TempDir,
}

impl InSqlite {
    async fn rows(&self, query: &'static str) -> Vec<SqliteRow> {
        sqlx::query(query).fetch_all(self.db.reader()).await.expect("rows")
    }
}

#[async_trait]
impl StoreUnderTest for InSqlite {
    async fn empty() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let db = Database::open_and_migrate(&folder.path().join("test.db")).await.expect("a database");
        Self { db, folder }
    }

    fn store(&self) -> Arc<dyn Store> {
        Arc::new(SqlStore::new(self.db.clone()))
    }

    async fn events(&self) -> Vec<SecurityEvent> {
        let rows = self.rows("SELECT * FROM events ORDER BY number").await;
        rows.iter().map(event).collect()
    }

    /// The database, its write-ahead log, and any other file in the folder.
    async fn stored_bytes(&self) -> Vec<u8> {
        let files = fs::read_dir(self.folder.path()).expect("the folder of the database");
        files.flat_map(|file| fs::read(file.expect("a file").path()).expect("its bytes")).collect()
    }

    async fn stored_values(&self) -> String {
        let rows = self.rows("SELECT data FROM sessions").await;
        rows.iter().map(|row| row.get::<String, _>("data")).collect()
    }
}

/// Not through the query of the program, which returns the events of one account only.
fn event(row: &SqliteRow) -> SecurityEvent {
    let mut kind: Value = serde_json::from_str(row.get("details")).expect("a JSON object");
    kind["kind"] = json!(row.get::<String, _>("kind"));
    SecurityEvent {
        at: Timestamp::from_millis(row.get("at")),
        account: row.get::<Option<String>, _>("account_id").map(AccountId::new),
        session: row.get::<Option<String>, _>("session").map(SessionHandle::new),
        address: row.get("address"),
        user_agent: row.get("user_agent"),
        kind: serde_json::from_value(kind).expect("a kind of event"),
    }
}
