//! The stores that the tests run on, with access to their raw contents.

use std::{marker::PhantomData, sync::Arc};

use super::{
    Installation, Stores,
    memory_store::{MemoryAuditLog, MemoryStore},
};
use async_trait::async_trait;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use vestibule::server::{
    db::{Database, DatabaseError, Dialect, OwnedRow, Row, Statement},
    domain::{AccountId, Entropy, SecurityEvent, SessionHandle, Timestamp},
    sessions::{IdHash, SessionId, SqlStore, Store},
};

const EVENTS: &str =
    "SELECT at, account_id, session, address, user_agent, details, kind FROM events ORDER BY number";

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

            #[test]
            fn postgres() {
                super::$test::<$crate::support::InPostgres>();
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
pub type InSqlite = InDatabase<Sqlite>;
/// [`SqlStore`] on a database of a PostgreSQL server.
pub type InPostgres = InDatabase<Postgres>;

pub struct Sqlite;
pub struct Postgres;

/// Which database it is.
pub trait DatabaseKind: Send + Sync + 'static {
    const DIALECT: Dialect;
}

impl DatabaseKind for Sqlite {
    const DIALECT: Dialect = Dialect::Sqlite;
}

impl DatabaseKind for Postgres {
    const DIALECT: Dialect = Dialect::Postgres;
}

pub struct InDatabase<K> {
    db: Database,
    installation: Installation,
    kind: PhantomData<K>,
}

impl<K: DatabaseKind> InDatabase<K> {
    async fn rows(&self, query: &'static str) -> Vec<OwnedRow> {
        Statement::new(query).query().fetch_all(self.db.reader()).await.expect("rows")
    }
}

#[async_trait]
impl<K: DatabaseKind> StoreUnderTest for InDatabase<K> {
    async fn empty() -> Self {
        let installation = Installation::on(Stores::in_database(K::DIALECT));
        Self { db: installation.open_database().await, installation, kind: PhantomData }
    }

    fn store(&self) -> Arc<dyn Store> {
        Arc::new(SqlStore::new(self.db.clone()))
    }

    async fn events(&self) -> Vec<SecurityEvent> {
        let rows = self.rows(EVENTS).await;
        rows.iter().map(|row| event(row).expect("an event")).collect()
    }

    async fn stored_bytes(&self) -> Vec<u8> {
        self.installation.stored_bytes(&self.db).await
    }

    async fn stored_values(&self) -> String {
        let rows = self.rows("SELECT data FROM sessions").await;
        rows.iter().map(|row| row.text(0).expect("text")).collect()
    }
}

/// Not through the query of the program, which returns the events of one account only.
fn event(row: &impl Row) -> Result<SecurityEvent, DatabaseError> {
    let mut kind: Value = serde_json::from_str(&row.text(5)?)?;
    kind["kind"] = json!(row.text(6)?);
    Ok(SecurityEvent {
        at: Timestamp::from_millis(row.integer(0)?),
        account: row.text_or_null(1)?.map(AccountId::new),
        session: row.text_or_null(2)?.map(SessionHandle::new),
        address: row.text(3)?,
        user_agent: row.text(4)?,
        kind: serde_json::from_value(kind)?,
    })
}
