//! Building the application, apart from running it: tests boot this same builder.

use std::{fs, io, net::SocketAddr, os::unix::fs::DirBuilderExt, path::PathBuf, sync::Arc, time::Duration};

use axum::Router;
use tokio::{net::TcpListener, time::Instant};
use tokio_util::sync::CancellationToken;

use super::{
    assets::{Assets, AssetsError},
    clock::{Clock, Entropy},
    config::Config,
    credentials::{PasswordError, PasswordHasher},
    db::Database,
    error::chain,
    listener,
    live::Streams,
    live_reload::LiveReload,
    router,
    secrets::{self, MalformedKey, SecretsError},
    sessions::{Engine, Lifetimes, SessionCookies, SqlStore, Store},
    state::AppState,
};

/// Time between two rounds of removing expired sessions.
const PURGE_INTERVAL: Duration = Duration::from_secs(60);

/// The application, listening and ready to run.
#[derive(Debug)]
pub struct Application {
    listener: TcpListener,
    router: Router,
    state: AppState,
}

/// Why the application cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartupError {
    #[error("{path} cannot be made")]
    DataDir { path: PathBuf, source: io::Error },
    #[error("the database {path} cannot be opened")]
    Database { path: PathBuf, source: sqlx::Error },
    #[error("{address} cannot be listened on")]
    Listen { address: SocketAddr, source: io::Error },
    #[error(transparent)]
    Assets(#[from] AssetsError),
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    #[error(transparent)]
    Key(#[from] MalformedKey),
    #[error(transparent)]
    Password(#[from] PasswordError),
}

impl Application {
    /// Opens everything that is needed to serve.
    ///
    /// # Errors
    /// What is missing, in a sentence.
    pub async fn build(
        config: Config,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, StartupError> {
        Self::build_with_store(config, clock, entropy, |db| Arc::new(SqlStore::new(db.clone()))).await
    }

    /// The same, with sessions in a store of one's own.
    ///
    /// # Errors
    /// What is missing, in a sentence.
    pub async fn build_with_store(
        config: Config,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        store: impl FnOnce(&Database) -> Arc<dyn Store>,
    ) -> Result<Self, StartupError> {
        // Rendering spawns nothing, yet asks for an executor; setting it again changes nothing.
        let _ = any_spawner::Executor::init_tokio();
        let assets = Assets::find(&config.http.site_root)?;
        let data_dir = &config.data_dir;
        // For this user alone: it holds password hashes, and the keys that sign cookies.
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(data_dir)
            .map_err(|source| StartupError::DataDir { path: data_dir.clone(), source })?;
        let keys = signing_keys(&config, &*entropy)?;
        let path = config.database.sqlite_file(data_dir);
        let db = Database::open(&path).await.map_err(|source| StartupError::Database { path, source })?;

        let engine = Engine::new(
            SessionCookies::new(config.public_url.is_https(), keys),
            store(&db),
            Lifetimes::new(config.sessions.clone()),
            (clock.clone(), entropy.clone()),
            config.sessions.store_timeout,
        );
        let address = config.http.listen;
        let listener =
            TcpListener::bind(address).await.map_err(|source| StartupError::Listen { address, source })?;
        let state = AppState {
            live: Arc::new(Streams::new(config.sessions.event_streams, CancellationToken::new())),
            hasher: Arc::new(PasswordHasher::new(entropy.clone())?),
            rater: Arc::default(),
            config: Arc::new(config),
            clock,
            entropy,
            db,
            sessions: Arc::new(engine),
            assets: Arc::new(assets),
            live_reload: LiveReload::from_environment().map(Arc::new),
        };
        Ok(Self { listener, router: router::router(&state), state })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// If the socket is gone.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    pub fn state(&self) -> &AppState {
        &self.state
    }

    /// Serves until `stop`, then finishes what is under way and closes the database.
    pub async fn run(self, stop: CancellationToken) {
        let purging = tokio::spawn(purge_sessions(self.state.sessions.clone(), stop.clone()));
        let serving = listener::serve(self.listener, self.router, &self.state.config.http, stop.clone());
        let ending_streams = async {
            stop.cancelled().await;
            self.state.live.stop();
        };
        tokio::join!(serving, ending_streams);
        if let Err(error) = purging.await {
            tracing::error!(%error, "the task that removes expired sessions failed");
        }
        self.state.db.close().await;
    }
}

/// Those of the configuration, or else those of `secret.key`.
fn signing_keys(config: &Config, entropy: &dyn Entropy) -> Result<Vec<secrets::Key>, StartupError> {
    let configured = config.sessions.keys.parse()?;
    if configured.is_empty() {
        Ok(secrets::load_or_create(&config.data_dir.join("secret.key"), entropy)?)
    } else {
        Ok(configured)
    }
}

/// Removes expired sessions now and then, until `stop`.
async fn purge_sessions(sessions: Arc<Engine>, stop: CancellationToken) {
    let mut rounds = tokio::time::interval_at(Instant::now() + PURGE_INTERVAL, PURGE_INTERVAL);
    while stop.run_until_cancelled(rounds.tick()).await.is_some() {
        if let Some(Err(error)) = stop.run_until_cancelled(sessions.purge()).await {
            tracing::warn!(cause = %chain(&error), "expired sessions could not be removed");
        }
    }
}
