//! The application under test.

use std::{collections::HashMap, net::SocketAddr, path::Path, sync::Arc, time::Duration};

use sqlx::{Row, sqlite::SqliteRow};
use tempfile::TempDir;
use tokio::{task::JoinHandle, time::timeout};
use tokio_util::sync::CancellationToken;
use vestibule::server::{
    config::{Config, PublicUrl},
    db::Database,
    domain::{AccountId, Client},
    http::state::HttpState,
    sessions::{CookieChange, Key, RequestSession, SqliteStore, Store},
    startup::Application,
    system::SystemEntropy,
};

use super::{ALICE, Actor, ControlledStore, ManualClock, RawConnection, memory_store::MemoryStore, site};

/// How long the application may take to stop.
const TIMEOUT: Duration = Duration::from_secs(20);

/// The production application, listening on a port of its own; it ends with the test.
#[derive(Debug)]
pub struct TestApp {
    pub address: SocketAddr,
    pub state: HttpState,
    pub clock: Arc<ManualClock>,
    /// The sessions of the application.
    pub store: Arc<ControlledStore>,
    pub stop: CancellationToken,
    running: JoinHandle<()>,
    config: Config,
    folder: Arc<TempDir>,
}

impl TestApp {
    /// With the default configuration.
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// As behind a proxy that terminates TLS.
    pub async fn start_https() -> Self {
        let url = PublicUrl::try_from("https://app.example".to_owned()).expect("a URL");
        Self::start_with(|config| config.public_url = url).await
    }

    pub async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        Self::start_on(async |_| {}, change).await
    }

    /// With sessions that are not in the database.
    pub async fn start_with_sessions_in_memory() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let config = Self::config(&folder);
        site::build(&config.http.site_root).expect("a site");
        Self::boot_on(config, Arc::new(ManualClock::new()), Arc::new(folder), |db| {
            Arc::new(MemoryStore::new(Arc::new(db.clone()), Some(db.clone())))
        })
        .await
    }

    /// On the data that `prepare` has put into the data folder, which it creates.
    pub async fn start_on(prepare: impl AsyncFnOnce(&Path), change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut config = Self::config(&folder);
        change(&mut config);
        site::build(&config.http.site_root).expect("a site");
        prepare(&config.data_dir).await;
        Self::boot(config, Arc::new(ManualClock::new()), Arc::new(folder)).await
    }

    /// Stops and restarts with the same data.
    pub async fn restart(self) -> Self {
        self.restart_with(|_| {}).await
    }

    /// Stops and restarts with the same data and another configuration.
    pub async fn restart_with(self, change: impl FnOnce(&mut Config)) -> Self {
        let (mut config, clock, folder) = (self.config.clone(), self.clock.clone(), self.folder.clone());
        change(&mut config);
        self.stop.cancel();
        self.wait_until_stopped().await;
        Self::boot(config, clock, folder).await
    }

    /// The defaults, on a free port and in this folder.
    fn config(folder: &TempDir) -> Config {
        let mut config = Config::load(None, HashMap::new()).expect("the defaults are valid");
        config.http.listen = ([127, 0, 0, 1], 0).into();
        config.http.site_root = folder.path().join("site");
        config.data_dir = folder.path().join("data");
        config
    }

    async fn boot(config: Config, clock: Arc<ManualClock>, folder: Arc<TempDir>) -> Self {
        Self::boot_on(config, clock, folder, |db| Arc::new(SqliteStore::new(db.clone()))).await
    }

    async fn boot_on(
        config: Config,
        clock: Arc<ManualClock>,
        folder: Arc<TempDir>,
        sessions: impl FnOnce(&Database) -> Arc<dyn Store>,
    ) -> Self {
        let mut store = None;
        let control = |db: &Database| -> Arc<dyn Store> {
            let controlled = Arc::new(ControlledStore::new(sessions(db)));
            store = Some(controlled.clone());
            controlled
        };
        let entropy = Arc::new(SystemEntropy);
        let application = Application::build_with_store(config.clone(), clock.clone(), entropy, control)
            .await
            .expect("the application starts");
        let store = store.expect("it has a store");
        let address = application.address().expect("an address");
        let state = application.state().clone();
        let stop = CancellationToken::new();
        let running = tokio::spawn(application.run(stop.clone()));
        Self { address, state, clock, store, stop, running, config, folder }
    }

    /// A browser without cookies.
    pub fn anon(&self) -> Actor {
        Actor::new(self)
    }

    /// A browser in which Alice has just registered, and is signed in.
    pub async fn alice(&self) -> Actor {
        let alice = self.anon();
        alice.register(ALICE).await;
        alice
    }

    /// A browser with an anonymous session that has this value.
    pub async fn with_anonymous_session(&self, key: &Key<String>, value: &str) -> Actor {
        let (engine, client) = (self.state.app.sessions.clone(), Client::command_line());
        let session = RequestSession::open(engine, None, client, true).await;
        session.insert(key, &value.to_owned()).await.expect("inserted");
        let CookieChange::Set { id, max_age } = session.close().await.cookie else { panic!("no session") };
        let line = self.state.session_cookie.set(&id, max_age).expect("a cookie");
        let pair = line.to_str().expect("ASCII").split(';').next().map(str::to_owned);
        self.anon().with_cookie(pair)
    }

    /// A connection of which the test sees every byte.
    pub async fn connect(&self) -> RawConnection {
        RawConnection::connect(self.address).await.expect("connected")
    }

    /// Waits until the server has stopped.
    pub async fn wait_until_stopped(self) {
        timeout(TIMEOUT, self.running).await.expect("it stops in time").expect("it does not panic");
    }

    /// The rows that a query returns.
    pub async fn rows(&self, query: &'static str) -> Vec<SqliteRow> {
        sqlx::query(query).fetch_all(self.state.app.db.reader()).await.expect("rows")
    }

    /// The number that a query returns.
    pub async fn number(&self, query: &'static str) -> i64 {
        let rows = self.rows(query).await;
        assert_eq!(rows.len(), 1, "one row for {query}");
        rows[0].get(0)
    }

    /// The id of the only account.
    pub async fn account_id(&self) -> AccountId {
        AccountId::new(self.rows("SELECT id FROM accounts").await[0].get(0))
    }

    pub fn site_root(&self) -> &Path {
        &self.config.http.site_root
    }

    pub fn data_dir(&self) -> &Path {
        &self.config.data_dir
    }
}
