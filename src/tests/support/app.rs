//! The application under test.

use std::{net::SocketAddr, path::Path, sync::Arc, time::Duration};

use tokio::{
    task::JoinHandle,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use vestibule::server::{
    config::{Config, PublicUrl},
    db::{Database, Usage, mails},
    domain::{Client, Clock},
    http::state::HttpState,
    sessions::{CookieChange, Key, RequestSession, Store},
    startup::{self, Application},
    system::SystemEntropy,
};

use super::{
    ALICE, Actor, ControlledStore, Installation, ManualClock, RawConnection, Stores,
    memory_store::MemoryStore,
};

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
    pub config: Config,
    running: JoinHandle<()>,
    installation: Arc<Installation>,
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
        Self::start_in(Installation::on(Stores::chosen()), change).await
    }

    /// With sessions that are not in the database.
    pub async fn start_with_sessions_in_memory() -> Self {
        let installation = Installation::on(Stores::chosen());
        let config = installation.config.clone();
        let in_memory = |db: &Database, _| -> Arc<dyn Store> {
            Arc::new(MemoryStore::new(Arc::new(db.clone()), Some(db.clone())))
        };
        Self::boot_on(config, Arc::new(ManualClock::new()), Arc::new(installation), in_memory).await
    }

    /// On the data that is there already.
    pub async fn start_in(installation: Installation, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = installation.config.clone();
        change(&mut config);
        Self::boot(config, Arc::new(ManualClock::new()), Arc::new(installation)).await
    }

    /// Stops and restarts with the same data.
    pub async fn restart(self) -> Self {
        self.restart_with(|_| {}).await
    }

    /// Stops and restarts with the same data and another configuration.
    pub async fn restart_with(self, change: impl FnOnce(&mut Config)) -> Self {
        let (mut config, clock) = (self.config.clone(), self.clock.clone());
        let installation = self.installation.clone();
        change(&mut config);
        self.stop.cancel();
        self.wait_until_stopped().await;
        Self::boot(config, clock, installation).await
    }

    /// A second process that serves the same data.
    pub async fn another(&self, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = self.config.clone();
        change(&mut config);
        Self::boot(config, self.clock.clone(), self.installation.clone()).await
    }

    async fn boot(config: Config, clock: Arc<ManualClock>, installation: Arc<Installation>) -> Self {
        Self::boot_on(config, clock, installation, |_, store| store).await
    }

    async fn boot_on(
        config: Config,
        clock: Arc<ManualClock>,
        installation: Arc<Installation>,
        replace: impl FnOnce(&Database, Arc<dyn Store>) -> Arc<dyn Store>,
    ) -> Self {
        let mut store = None;
        let control = |db: &Database, configured| -> Arc<dyn Store> {
            let controlled = Arc::new(ControlledStore::new(replace(db, configured)));
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
        Self { address, state, clock, store, stop, config, running, installation }
    }

    /// How often the database was asked, once all mails are sent, as those of a registration are in the background.
    pub async fn settled_usage(&self) -> Usage {
        let (db, now) = (self.state.app.db.for_background(), self.clock.now());
        while mails::next(&db, now).await.expect("a database").is_some() {
            sleep(Duration::from_millis(5)).await;
        }
        self.state.app.db.usage()
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

    /// The same from another address of this machine.
    pub async fn connect_from(&self, source: [u8; 4]) -> RawConnection {
        RawConnection::connect_from(source.into(), self.address).await.expect("connected")
    }

    /// Waits until the server has stopped.
    pub async fn wait_until_stopped(self) {
        timeout(TIMEOUT, self.running).await.expect("it stops in time").expect("it does not panic");
    }

    /// The session store, as another process opens it.
    pub async fn open_again(&self) -> Arc<dyn Store> {
        let db = Database::open(&self.config.database, self.data_dir()).await.expect("a database");
        startup::session_store(&self.config, &db).await.expect("a store")
    }

    pub fn site_root(&self) -> &Path {
        &self.config.http.site_root
    }

    pub fn data_dir(&self) -> &Path {
        &self.config.data_dir
    }
}
