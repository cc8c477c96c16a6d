//! What an application under test works with: a configuration, a folder and a database of its own.

use std::{
    collections::HashMap,
    env, fs,
    process::{Command, Output},
};

use sqlx::{AssertSqlSafe, ConnectOptions, Connection, raw_sql, sqlite::SqliteConnectOptions};
use tempfile::TempDir;
use tokio_postgres::NoTls;
use vestibule::server::{
    config::{Config, DatabaseLocation, LimitsConfig, SecretUrl},
    db::{Database, Dialect},
    domain::SessionHandle,
    startup,
    system::SystemEntropy,
};

use super::{postgres_database::PostgresDatabase, servers, site, stored_sessions, stores::Stores};

/// Runs an asynchronous test function on an empty database of each kind.
macro_rules! for_every_database {
    ($test:ident) => {
        mod $test {
            use vestibule::server::db::Dialect;

            use crate::support::Installation;

            #[tokio::test]
            async fn sqlite() {
                super::$test(Installation::on_empty(Dialect::Sqlite)).await;
            }

            #[tokio::test]
            async fn postgres() {
                super::$test(Installation::on_empty(Dialect::Postgres)).await;
            }
        }
    };
}
pub(crate) use for_every_database;

/// A configuration for one test; its data is removed at the end.
#[derive(Debug)]
pub struct Installation {
    pub config: Config,
    _folder: TempDir,
    database: Option<PostgresDatabase>,
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
        config.limits = generous_limits(&config.limits);
        site::build(&config.http.site_root).expect("a site");
        let database = (stores.database == Dialect::Postgres).then(create_database);
        if let Some(database) = &database {
            config.database.url = database.url();
        }
        if stores.sessions_in_valkey {
            config.sessions.url = SecretUrl::new(servers::valkey().url());
            config.sessions.key_prefix = SessionHandle::generate(&SystemEntropy).to_string();
        }
        Self { config, _folder: folder, database }
    }

    pub fn dialect(&self) -> Dialect {
        if self.database.is_some() { Dialect::Postgres } else { Dialect::Sqlite }
    }

    /// Runs statements on the database, without the program.
    pub async fn execute_script(&self, sql: &str) {
        match self.config.database.location(&self.config.data_dir).expect("a location") {
            DatabaseLocation::Sqlite(file) => {
                fs::create_dir_all(&self.config.data_dir).expect("a folder");
                let options = SqliteConnectOptions::new().filename(file).create_if_missing(true);
                let mut connection = options.connect().await.expect("a database");
                raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.expect("executed");
                connection.close().await.expect("closed");
            }
            DatabaseLocation::Postgres(url) => {
                let (client, connection) = url.settings.connect(NoTls).await.expect("a connection");
                let connection = tokio::spawn(connection);
                client.batch_execute(sql).await.expect("executed");
                drop(client);
                connection.await.expect("no panic").expect("closed");
            }
        }
    }

    /// Opens the database, as `serve` does.
    pub async fn open_database(&self) -> Database {
        startup::open_database(&self.config).await.expect("a database")
    }

    /// Runs a command of the program; returns what it prints.
    pub fn run(&self, arguments: &[&str]) -> String {
        run(&self.config, arguments)
    }

    /// Everything that is stored.
    pub async fn stored_bytes(&self, db: &Database) -> Vec<u8> {
        stored_bytes(&self.config, db).await
    }
}

/// Runs a command of the program with this configuration; returns what it prints.
pub fn run(config: &Config, arguments: &[&str]) -> String {
    printed(command(config, arguments).output().expect("it runs"))
}

/// What a command has printed.
pub fn printed(output: Output) -> String {
    String::from_utf8([output.stdout, output.stderr].concat()).expect("UTF-8")
}

/// A command of the program with this configuration, and with nothing from the environment of the tests.
pub fn command(config: &Config, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vestibule"));
    // The program refuses variables that it does not know, such as that of `Stores`.
    for (name, _) in env::vars().filter(|(name, _)| name.starts_with("VESTIBULE_")) {
        command.env_remove(name);
    }
    command
        .args(arguments)
        .env("VESTIBULE_HTTP__LISTEN", config.http.listen.to_string())
        .env("VESTIBULE_HTTP__SITE_ROOT", &config.http.site_root)
        .env("VESTIBULE_DATA_DIR", &config.data_dir)
        .env("VESTIBULE_PUBLIC_URL", String::from(config.public_url.clone()))
        .env("VESTIBULE_MAIL__URL", config.mail.url.expose())
        .env("VESTIBULE_MAIL__TIMEOUT", format!("{}ms", config.mail.timeout.as_millis()))
        .env("VESTIBULE_DATABASE__URL", config.database.url.expose())
        .env("VESTIBULE_SESSIONS__URL", config.sessions.url.expose())
        .env("VESTIBULE_SESSIONS__KEY_PREFIX", &config.sessions.key_prefix);
    command
}

/// Everything that an application has stored: its files, and what it keeps elsewhere; but for the mails in the outbox,
/// which are for people.
pub async fn stored_bytes(config: &Config, db: &Database) -> Vec<u8> {
    let files = fs::read_dir(&config.data_dir).expect("a data folder");
    let files = files.map(|file| file.expect("an entry").path()).filter(|path| path.is_file());
    let contents = files.map(|file| fs::read(file).expect("a file"));
    let mut bytes = contents.collect::<Vec<_>>().concat();
    bytes.extend(stored_sessions::bytes_outside_of_files(config, db).await);
    bytes
}

/// All requests of a test come from one address, and some tests try many passwords.
fn generous_limits(defaults: &LimitsConfig) -> LimitsConfig {
    const GENEROUS: u32 = 1_000_000;
    LimitsConfig {
        requests_burst: GENEROUS,
        sign_in_burst: GENEROUS,
        register_burst: GENEROUS,
        account_attempts: GENEROUS,
        devices_burst: GENEROUS,
        known_burst: GENEROUS,
        mails_from_burst: GENEROUS,
        mails_to_burst: GENEROUS,
        notices_burst: GENEROUS,
        ..defaults.clone()
    }
}

/// The limits of an application in use, behind a proxy, but for what is changed.
pub fn limits(change: impl FnOnce(&mut LimitsConfig)) -> impl FnOnce(&mut Config) {
    |config| {
        config.limits = default_config().limits;
        change(&mut config.limits);
        config.http.trusted_proxies = vec!["127.0.0.1/32".parse().expect("a network")];
    }
}

pub fn default_config() -> Config {
    Config::load(None, HashMap::new()).expect("the defaults are valid")
}
