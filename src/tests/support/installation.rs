//! What an application under test works with: a configuration, a folder and a database of its own.

use std::{collections::HashMap, fs, process::Command};

use tempfile::TempDir;
use vestibule::server::{
    config::{Config, SecretUrl},
    db::{Database, Dialect},
    domain::SessionHandle,
    startup,
    system::SystemEntropy,
};

use super::{postgres_database::PostgresDatabase, servers, site, stores::Stores};

/// A configuration for one test; its data is removed at the end.
#[derive(Debug)]
pub struct Installation {
    pub config: Config,
    _folder: TempDir,
    _database: Option<PostgresDatabase>,
}

impl Installation {
    /// A database that has the schema of this version, or gets it quickly when it is opened.
    pub fn on(stores: Stores) -> Self {
        Self::new(stores, PostgresDatabase::migrated)
    }

    /// A database in which there is nothing.
    pub fn on_empty(database: Dialect) -> Self {
        Self::new(Stores::in_database(database), PostgresDatabase::empty)
    }

    fn new(stores: Stores, create_database: impl FnOnce() -> PostgresDatabase) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut config = default_config();
        config.http.listen = ([127, 0, 0, 1], 0).into();
        config.http.site_root = folder.path().join("site");
        config.data_dir = folder.path().join("data");
        site::build(&config.http.site_root).expect("a site");
        let database = (stores.database == Dialect::Postgres).then(create_database);
        if let Some(database) = &database {
            config.database.url = database.url();
        }
        if stores.sessions_in_valkey {
            config.sessions.url = SecretUrl::new(servers::valkey().url());
            config.sessions.key_prefix = SessionHandle::generate(&SystemEntropy).to_string();
        }
        Self { config, _folder: folder, _database: database }
    }

    /// Opens the database, as `serve` does.
    pub async fn open_database(&self) -> Database {
        startup::open_database(&self.config).await.expect("a database")
    }

    /// Runs a command of the program; returns what it prints.
    pub fn run(&self, arguments: &[&str]) -> String {
        run(&self.config, arguments)
    }
}

/// Runs a command of the program with this configuration; returns what it prints.
pub fn run(config: &Config, arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vestibule"));
    command
        .args(arguments)
        .env("VESTIBULE_HTTP__LISTEN", config.http.listen.to_string())
        .env("VESTIBULE_HTTP__SITE_ROOT", &config.http.site_root)
        .env("VESTIBULE_DATA_DIR", &config.data_dir)
        .env("VESTIBULE_DATABASE__URL", config.database.url.expose())
        .env("VESTIBULE_SESSIONS__URL", config.sessions.url.expose())
        .env("VESTIBULE_SESSIONS__KEY_PREFIX", &config.sessions.key_prefix);
    let output = command.output().expect("it runs");
    String::from_utf8([output.stdout, output.stderr].concat()).expect("UTF-8")
}

/// Every byte of the files in the data folder.
pub fn file_bytes(config: &Config) -> Vec<u8> {
    let files = fs::read_dir(&config.data_dir).expect("a data folder");
    files.flat_map(|file| fs::read(file.expect("an entry").path()).expect("a file")).collect()
}

pub fn default_config() -> Config {
    Config::load(None, HashMap::new()).expect("the defaults are valid")
}
