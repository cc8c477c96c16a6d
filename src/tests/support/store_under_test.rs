//! The stores that the tests run on, with access to their raw contents.

use std::{marker::PhantomData, sync::Arc};

use super::{
    Installation, Stores,
    memory_store::{MemoryAuditLog, MemoryStore},
    servers,
    stored_sessions::stored_sessions,
};
use async_trait::async_trait;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use vestibule::server::{
    config::SecretUrl,
    db::{Database, DatabaseError, Dialect, Row, Statement},
    domain::{AccountId, Entropy, SecurityEvent, SessionHandle, Timestamp},
    sessions::{IdHash, SessionId, Store},
    startup,
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

            #[test]
            fn valkey() {
                super::$test::<$crate::support::InValkey>();
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

/// Sessions in an SQLite file.
pub type InSqlite = Installed<Sqlite>;
/// Sessions in a database of a PostgreSQL server.
pub type InPostgres = Installed<Postgres>;
/// Sessions in a Valkey server, beside an SQLite file.
pub type InValkey = Installed<Valkey>;
/// Sessions in a cluster of Valkey servers, beside a PostgreSQL server.
pub type InCluster = Installed<Cluster>;

pub struct Sqlite;
pub struct Postgres;
pub struct Valkey;
pub struct Cluster;

/// What the store is installed on.
pub trait Kind: Send + Sync + 'static {
    fn install() -> Installation;
}

impl Kind for Sqlite {
    fn install() -> Installation {
        Installation::on(Stores::in_database(Dialect::Sqlite))
    }
}

impl Kind for Postgres {
    fn install() -> Installation {
        Installation::on(Stores::in_database(Dialect::Postgres))
    }
}

impl Kind for Valkey {
    fn install() -> Installation {
        Installation::on(Stores { database: Dialect::Sqlite, sessions_in_valkey: true })
    }
}

impl Kind for Cluster {
    fn install() -> Installation {
        let stores = Stores { database: Dialect::Postgres, sessions_in_valkey: true };
        let mut installation = Installation::on(stores);
        installation.config.sessions.url = SecretUrl::new(servers::cluster().url());
        installation
    }
}

/// The session store that is configured.
pub struct Installed<K> {
    db: Database,
    store: Arc<dyn Store>,
    installation: Installation,
    kind: PhantomData<K>,
}

#[async_trait]
impl<K: Kind> StoreUnderTest for Installed<K> {
    async fn empty() -> Self {
        let installation = K::install();
        let db = installation.open_database().await;
        let store = startup::session_store(&installation.config, &db).await.expect("a store");
        Self { db, store, installation, kind: PhantomData }
    }

    fn store(&self) -> Arc<dyn Store> {
        self.store.clone()
    }

    async fn events(&self) -> Vec<SecurityEvent> {
        let rows = Statement::new(EVENTS).query().fetch_all(self.db.reader()).await.expect("rows");
        rows.iter().map(|row| event(row).expect("an event")).collect()
    }

    async fn stored_bytes(&self) -> Vec<u8> {
        self.installation.stored_bytes(&self.db).await
    }

    async fn stored_values(&self) -> String {
        let beginning = Timestamp::from_millis(0);
        let records = stored_sessions(&self.installation.config, &self.db, beginning).all().await;
        records.iter().map(|record| json!(record.values).to_string()).collect()
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
