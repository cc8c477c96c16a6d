//! What a server or a command works on: the database, the session store, the keys.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use super::error::StartupError;
use crate::server::{
    config::{Config, DatabaseLocation, Keys},
    db::{Database, Dialect, copy},
    domain::{Clock, Entropy},
    private_files,
    sessions::{Engine, Lifetimes, SqlStore, Store, ValkeyStore},
    signing_keys::{self, SigningKey},
};

const SECRET_KEY: &str = "secret.key";

/// Creates the data folder, opens the database, creating it if it is a file, and brings its schema up to date.
///
/// # Errors
/// What is wrong, in a sentence.
pub async fn open_database(config: &Config) -> Result<Database, StartupError> {
    let (data_dir, location) = (&config.data_dir, config.database.location(&config.data_dir)?);
    refuse_public(data_dir, config)?;
    private_files::create_folder(data_dir)
        .and_then(|()| private_files::check_writable(data_dir))
        .map_err(|source| StartupError::DataDir { path: data_dir.clone(), source })?;
    // The path of the database may lead through the folder, and out of it again.
    refuse_public_data(config)?;
    let opened = Database::open_and_migrate(&config.database, data_dir).await;
    opened.map_err(|source| StartupError::of_database(location.to_string(), source))
}

/// Opens the database of a server, which may be running, without changing its schema.
///
/// # Errors
/// What is wrong, in a sentence.
pub async fn open_existing_database(config: &Config) -> Result<Database, StartupError> {
    let location = config.database.location(&config.data_dir)?;
    let opened = Database::open(&config.database, &config.data_dir).await;
    let db = opened.map_err(|source| StartupError::of_database(location.to_string(), source))?;
    refuse_incomplete_copy(&db, config).await?;
    Ok(db)
}

/// Refuses a database that is being copied to, or where the copy was stopped.
///
/// # Errors
/// If it is one, or the database fails.
pub async fn refuse_incomplete_copy(db: &Database, config: &Config) -> Result<(), StartupError> {
    let Some(copy_of) = copy::incomplete_copy_of(db).await? else { return Ok(()) };
    let location = config.database.location(&config.data_dir)?.to_string();
    Err(StartupError::IncompleteCopy { copy_of, location })
}

/// Refuses to keep data where it would be served as a file.
///
/// # Errors
/// If it would be.
pub fn refuse_public_data(config: &Config) -> Result<(), StartupError> {
    refuse_public(&config.data_dir, config)?;
    match config.database.location(&config.data_dir)? {
        DatabaseLocation::Sqlite(file) => refuse_public(&file, config),
        DatabaseLocation::Postgres(_) => Ok(()),
    }
}

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
    let lifetimes = Lifetimes::new(sessions.clone());
    Engine::new(store, lifetimes, clock, entropy, sessions.max_per_account, sessions.store_timeout)
}

/// The keys in the configuration, in the file that it names, or else in `secret.key`.
///
/// # Errors
/// If they cannot be read, or are no keys.
pub fn signing_keys(
    config: &Config,
    db: &Database,
    entropy: &dyn Entropy,
) -> Result<Vec<SigningKey>, StartupError> {
    if let Some(configured) = configured_keys(config)? {
        return Ok(configured);
    }
    let file = secret_key(config);
    if db.dialect() == Dialect::Postgres && !file.exists() {
        tracing::warn!(
            file = %file.display(),
            "a new key to sign cookies was made for this machine alone: if several processes serve, give all of them \
             the same sessions.keys or sessions.keys_file"
        );
    }
    Ok(signing_keys::load_or_create(&file, entropy)?)
}

/// Reads the keys that there are; before the first start there are none.
///
/// # Errors
/// If they cannot be read, or are no keys.
pub fn check_signing_keys(config: &Config) -> Result<(), StartupError> {
    let file = secret_key(config);
    if configured_keys(config)?.is_none() && file.exists() {
        signing_keys::load(&file)?;
    }
    Ok(())
}

fn configured_keys(config: &Config) -> Result<Option<Vec<SigningKey>>, StartupError> {
    let (keys, file) = (config.sessions.keys.parse()?, &config.sessions.keys_file);
    if !keys.is_empty() {
        return Ok(Some(keys));
    }
    let is_named = !file.as_os_str().is_empty();
    Ok(is_named.then(|| signing_keys::load(&config.data_dir.join(file))).transpose()?)
}

/// The file with the keys, from the data folder; `None` if they are in the configuration itself.
pub fn keys_file(config: &Config) -> Option<&Path> {
    let named = config.sessions.keys_file.as_path();
    let file = if named.as_os_str().is_empty() { Path::new(SECRET_KEY) } else { named };
    (config.sessions.keys == Keys::default()).then_some(file)
}

fn secret_key(config: &Config) -> PathBuf {
    config.data_dir.join(SECRET_KEY)
}
