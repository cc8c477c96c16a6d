//! The stores about which things are proved: each empty, by itself, and seen from the inside.

use std::{fs, sync::Arc};

use super::memory_store::MemoryStore;
use async_trait::async_trait;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sqlx::{Row, sqlite::SqliteRow};
use tempfile::TempDir;
use vestibule::server::{
    db::Database,
    domain::{AccountId, Entropy, SecurityEvent, SessionHandle, Timestamp},
    sessions::{IdHash, SessionId, SqliteStore, Store},
};

/// One test of a generic function for each store: whoever adds a store adds a line.
macro_rules! for_every_store {
    ($prove:ident) => {
        mod for_every_store {
            #[test]
            fn memory() {
                super::$prove::<$crate::support::InMemory>();
            }

            #[test]
            fn sqlite() {
                super::$prove::<$crate::support::InSqlite>();
            }
        }
    };
}
pub(crate) use for_every_store;

/// The bytes of a session id, which `SessionId` itself shows nobody.
#[derive(Clone, Copy, Debug)]
pub struct RawId(pub [u8; SessionId::LENGTH]);

impl RawId {
    pub fn hash(self) -> IdHash {
        SessionId::generate(&self).hash()
    }

    /// What a careless store would know a session by.
    pub fn unhashed(self) -> IdHash {
        IdHash::from_stored(BASE64_URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl Entropy for RawId {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.copy_from_slice(&self.0);
    }
}

/// A store under proof.
#[async_trait]
pub trait StoreUnderTest: Send + Sync + 'static {
    /// One that nothing was ever kept in.
    async fn empty() -> Self
    where
        Self: Sized;

    fn store(&self) -> Arc<dyn Store>;

    /// The audit log so far, oldest first.
    async fn events(&self) -> Vec<SecurityEvent>;

    /// Every byte that the store holds, wherever it holds it.
    async fn stored_bytes(&self) -> Vec<u8>;

    /// The values of all sessions, the dead ones' too, in one text; there may be more in it.
    async fn stored_values(&self) -> String;

    /// What the store is to know a session by.
    fn key_of(&self, id: RawId) -> IdHash {
        id.hash()
    }
}

/// [`MemoryStore`].
pub struct InMemory(Arc<MemoryStore>);

#[async_trait]
impl StoreUnderTest for InMemory {
    async fn empty() -> Self {
        Self(Arc::default())
    }

    fn store(&self) -> Arc<dyn Store> {
        self.0.clone()
    }

    async fn events(&self) -> Vec<SecurityEvent> {
        self.0.events()
    }

    async fn stored_bytes(&self) -> Vec<u8> {
        format!("{:?}", self.0).into_bytes()
    }

    async fn stored_values(&self) -> String {
        format!("{:?}", self.0)
    }
}

/// [`SqliteStore`] on an SQLite file.
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
        Arc::new(SqliteStore::new(self.db.clone()))
    }

    async fn events(&self) -> Vec<SecurityEvent> {
        let rows = self.rows("SELECT * FROM events ORDER BY number").await;
        rows.iter().map(event).collect()
    }

    /// The database, its write-ahead log, and whatever else lies beside them.
    async fn stored_bytes(&self) -> Vec<u8> {
        let files = fs::read_dir(self.folder.path()).expect("the folder of the database");
        files.flat_map(|file| fs::read(file.expect("a file").path()).expect("its bytes")).collect()
    }

    async fn stored_values(&self) -> String {
        let rows = self.rows("SELECT data FROM sessions").await;
        rows.iter().map(|row| row.get::<String, _>("data")).collect()
    }
}

/// Not by the program's own query: that one shows the events of one account only.
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
