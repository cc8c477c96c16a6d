//! Building the application, apart from running it: tests boot this same builder.

mod background;

use std::{
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use axum::Router;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use self::background::Process;
use super::{
    config::{Config, ConfigError, DatabaseLocation},
    credentials::{PasswordHasher, PasswordRater},
    db::{Database, DatabaseError, Dialect, OpenError, copy},
    domain::{Clock, Entropy},
    http::{
        assets::{Assets, AssetsError},
        document::Documents,
        listener,
        live_reload::LiveReload,
        rejected_forms::RejectedForms,
        router,
        session_events::Streams,
        state::{HttpHandles, HttpState},
    },
    private_files,
    sessions::{Engine, Lifetimes, SessionCookie, SqlStore, Store, ValkeyError, ValkeyStore},
    signing_keys::{self, MalformedKey, SigningKey, SigningKeysError},
    state::{AppState, Handles},
};
use crate::{access::Policy, api, pages};

/// The application, listening and ready to run.
#[derive(Debug)]
pub struct Application {
    listener: TcpListener,
    router: Router,
    state: HttpState,
    process: Arc<Process>,
}

/// Why the application cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartupError {
    #[error("{path} cannot be created")]
    DataDir { path: PathBuf, source: io::Error },
    #[error("{path} is inside http.site_root, which is served to everyone: set data_dir or database.url")]
    Public { path: PathBuf },
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error("the database {location} cannot be opened")]
    Database { location: String, source: OpenError },
    #[error("not everything of {copy_of} was copied to {location}: run `vestibule copy` again")]
    IncompleteCopy { copy_of: String, location: String },
    #[error("the database failed")]
    Registration(#[from] DatabaseError),
    #[error("there is no connection to Valkey at {server}")]
    Valkey { server: String, source: ValkeyError },
    #[error("the server cannot listen on {address}")]
    Listen { address: SocketAddr, source: io::Error },
    #[error(transparent)]
    Assets(#[from] AssetsError),
    #[error(transparent)]
    SigningKeys(#[from] SigningKeysError),
    #[error(transparent)]
    Key(#[from] MalformedKey),
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
        Self::build_with_store(config, clock, entropy, |_, store| store).await
    }

    /// The same, with another session store in place of the configured one.
    ///
    /// # Errors
    /// What is missing, in a sentence.
    pub async fn build_with_store(
        config: Config,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        replace: impl FnOnce(&Database, Arc<dyn Store>) -> Arc<dyn Store>,
    ) -> Result<Self, StartupError> {
        // Leptos asks for an executor even though rendering spawns nothing; one set before stays.
        let _ = any_spawner::Executor::init_tokio();
        let assets = Assets::find(&config.http.site_root)?;
        let db = open_database(&config).await?;
        let keys: Arc<[SigningKey]> = signing_keys(&config, &db, &*entropy)?.into();
        let address = config.http.listen;
        let listener =
            TcpListener::bind(address).await.map_err(|source| StartupError::Listen { address, source })?;
        let secure = config.public_url.is_https();
        let max_streams = config.sessions.event_streams;
        let store = replace(&db, session_store(&config, &db).await?);
        let process = Process::register(db.clone(), clock.clone(), &*entropy, &keys).await?;
        let process = Arc::new(process);
        refuse_incomplete_copy(&db, &config).await?; // now that a copy that begins would notice this process
        let engine = session_engine(&config, store, clock.clone(), entropy.clone());
        let app = AppState::new(Handles {
            policy: Policy::new(
                pages::all().iter().map(|page| (page.path, page.access)).collect(),
                api::FUNCTIONS,
            ),
            sessions: Arc::new(engine),
            hasher: PasswordHasher::new(entropy.clone()),
            rater: PasswordRater::default(),
            config,
            clock: clock.clone(),
            entropy,
            db,
        });
        let live_reload = LiveReload::from_environment();
        let state = HttpState::new(HttpHandles {
            app,
            documents: Documents::new(&assets, live_reload.as_ref()),
            assets,
            live_reload,
            session_cookie: Arc::new(SessionCookie::new(secure, keys.clone())),
            rejected_forms: RejectedForms::new(secure, keys, clock),
            streams: Arc::new(Streams::new(max_streams, CancellationToken::new())),
        });
        Ok(Self { listener, router: router::router(&state), state, process })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// If the socket is gone.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    pub fn state(&self) -> &HttpState {
        &self.state
    }

    /// Serves until `stop`, then finishes the requests under way and closes the database.
    pub async fn run(self, stop: CancellationToken) {
        let (app, streams) = (self.state.app.clone(), self.state.streams.clone());
        let mut tasks = background::start(&self.process, &app.sessions, &streams, &stop);
        let serving = listener::serve(self.listener, self.router, &app.config.http, stop.clone());
        let ending_streams = async {
            stop.cancelled().await;
            streams.stop();
        };
        let watching = async {
            while let Some(ended) = tasks.join_next().await {
                if let Err(error) = ended {
                    tracing::error!(%error, "a background task failed");
                }
            }
        };
        tokio::join!(serving, ending_streams, watching);
        self.process.unregister().await;
        app.db.close().await;
    }
}

/// Creates the data folder, opens the database, creating it if it is a file, and brings its schema up to date.
///
/// # Errors
/// What is wrong, in a sentence.
pub async fn open_database(config: &Config) -> Result<Database, StartupError> {
    let (data_dir, location) = (&config.data_dir, config.database.location(&config.data_dir)?);
    refuse_public(data_dir, config)?;
    private_files::create_folder(data_dir)
        .map_err(|source| StartupError::DataDir { path: data_dir.clone(), source })?;
    if let DatabaseLocation::Sqlite(file) = &location {
        refuse_public(file, config)?;
    }
    let opened = Database::open_and_migrate(&config.database, data_dir).await;
    opened.map_err(|source| StartupError::Database { location: location.to_string(), source })
}

/// Opens the database of a server, which may be running, without changing its schema.
///
/// # Errors
/// What is wrong, in a sentence.
pub async fn open_existing_database(config: &Config) -> Result<Database, StartupError> {
    let location = config.database.location(&config.data_dir)?;
    let opened = Database::open(&config.database, &config.data_dir).await;
    let db = opened.map_err(|source| StartupError::Database { location: location.to_string(), source })?;
    refuse_incomplete_copy(&db, config).await?;
    Ok(db)
}

/// Refuses a database that is being copied to, or where the copy was stopped.
async fn refuse_incomplete_copy(db: &Database, config: &Config) -> Result<(), StartupError> {
    let Some(copy_of) = copy::incomplete_copy_of(db).await? else { return Ok(()) };
    let location = config.database.location(&config.data_dir)?.to_string();
    Err(StartupError::IncompleteCopy { copy_of, location })
}

/// Refuses to keep data where it would be served as a file.
fn refuse_public(path: &Path, config: &Config) -> Result<(), StartupError> {
    if private_files::is_inside(path, &config.http.site_root) {
        return Err(StartupError::Public { path: path.to_owned() });
    }
    Ok(())
}

/// The session store that is configured.
///
/// # Errors
/// What is wrong, in a sentence.
pub async fn session_store(config: &Config, db: &Database) -> Result<Arc<dyn Store>, StartupError> {
    let Some(url) = config.sessions.valkey()? else { return Ok(Arc::new(SqlStore::new(db.clone()))) };
    let server = url.describe();
    let connected = ValkeyStore::connect(url, &config.sessions, db.clone()).await;
    connected
        .map(|store| -> Arc<dyn Store> { Arc::new(store) })
        .map_err(|source| StartupError::Valkey { server, source })
}

/// The session engine on a store.
pub fn session_engine(
    config: &Config,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
) -> Engine {
    let sessions = &config.sessions;
    Engine::new(store, Lifetimes::new(sessions.clone()), clock, entropy, sessions.store_timeout)
}

/// The keys in the configuration, in the file that it names, or else in `secret.key`.
fn signing_keys(
    config: &Config,
    db: &Database,
    entropy: &dyn Entropy,
) -> Result<Vec<SigningKey>, StartupError> {
    let configured = config.sessions.keys.parse()?;
    if !configured.is_empty() {
        return Ok(configured);
    }
    let file = &config.sessions.keys_file;
    if !file.as_os_str().is_empty() {
        return Ok(signing_keys::load(&config.data_dir.join(file))?);
    }
    let file = config.data_dir.join("secret.key");
    if db.dialect() == Dialect::Postgres && !file.exists() {
        tracing::warn!(
            file = %file.display(),
            "a new key to sign cookies was made for this machine alone: if several processes serve, give all of them \
             the same sessions.keys or sessions.keys_file"
        );
    }
    Ok(signing_keys::load_or_create(&file, entropy)?)
}
