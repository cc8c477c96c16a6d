//! Building the application, apart from running it: tests boot this same builder.

use std::{env, fs, io, net::SocketAddr, path::PathBuf, sync::Arc};

use axum::Router;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{
    assets::{Assets, AssetsError},
    clock::{Clock, Entropy},
    config::Config,
    credentials::{PasswordError, PasswordHasher},
    db::Database,
    listener, router,
    secrets::{self, SecretsError},
    sessions::{Engine, Lifetimes, SessionCookies, SqlStore},
    state::AppState,
};

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
        let assets = Assets::find(&config.http.site_root)?;
        let data_dir = &config.data_dir;
        fs::create_dir_all(data_dir)
            .map_err(|source| StartupError::DataDir { path: data_dir.clone(), source })?;
        let keys = secrets::load_or_create(&data_dir.join("secret.key"), &*entropy)?;
        let path = config.database.sqlite_file(data_dir);
        let db = Database::open(&path).await.map_err(|source| StartupError::Database { path, source })?;

        let engine = Engine::new(
            SessionCookies::new(config.public_url.is_https(), keys),
            Arc::new(SqlStore::new(db.clone())),
            Lifetimes::new(config.sessions.clone()),
            (clock.clone(), entropy.clone()),
            config.sessions.store_timeout,
        );
        let address = config.http.listen;
        let listener =
            TcpListener::bind(address).await.map_err(|source| StartupError::Listen { address, source })?;
        let state = AppState {
            hasher: Arc::new(PasswordHasher::new(entropy.clone())?),
            config: Arc::new(config),
            clock,
            entropy,
            db,
            sessions: Arc::new(engine),
            assets,
            live_reload: live_reload(),
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
        listener::serve(self.listener, self.router, &self.state.config.http, stop).await;
        self.state.db.close().await;
    }
}

/// The port that `cargo leptos watch` announces changes on.
fn live_reload() -> Option<u32> {
    env::var_os("LEPTOS_WATCH")?;
    env::var("LEPTOS_RELOAD_PORT").ok()?.parse().ok()
}
