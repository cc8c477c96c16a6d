use std::{
    fmt,
    path::{Path, PathBuf},
    time::Duration,
};

use serde::{Deserialize, Serialize};

use super::{
    PostgresUrl, SecretUrl,
    bounds::{HOUR, check_duration, check_number, duration},
    error::ConfigError,
};

const SQLITE: &str = "sqlite://";
const MAX_CONNECTIONS: usize = 10_000;
/// A database needs some time to answer.
const MIN_TIMEOUT: Duration = Duration::from_millis(100);

/// Where accounts, the audit log and (unless `sessions.url` is set) sessions are stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseConfig {
    pub url: SecretUrl,
    /// Connections to PostgreSQL that one process opens.
    pub max_connections: usize,
    /// How long connecting may take, and waiting for a free connection.
    #[serde(with = "duration")]
    pub connect_timeout: Duration,
    /// How long a statement may take.
    #[serde(with = "duration")]
    pub statement_timeout: Duration,
}

/// What `database.url` names.
#[derive(Clone, Debug)]
pub enum DatabaseLocation {
    /// A file.
    Sqlite(PathBuf),
    Postgres(Box<PostgresUrl>),
}

impl fmt::Display for DatabaseLocation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(file) => write!(formatter, "{}", file.display()),
            Self::Postgres(url) => formatter.write_str(&url.describe()),
        }
    }
}

impl DatabaseConfig {
    /// What the URL names; the relative path of an SQLite database starts in `data_dir`.
    ///
    /// # Errors
    /// If the URL makes no sense.
    pub fn location(&self, data_dir: &Path) -> Result<DatabaseLocation, ConfigError> {
        let url = self.url.expose();
        if let Some(path) = url.strip_prefix(SQLITE).filter(|path| !path.is_empty()) {
            return Ok(DatabaseLocation::Sqlite(data_dir.join(path)));
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            let parsed =
                PostgresUrl::parse(url).map_err(|problem| ConfigError::invalid("database.url", problem))?;
            return Ok(DatabaseLocation::Postgres(Box::new(parsed)));
        }
        let problem = "expected sqlite:// and a path, such as sqlite://vestibule.db, or postgres://user:password@host/database";
        Err(ConfigError::invalid("database.url", problem))
    }

    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        self.location(Path::new(""))?;
        check_number("database.max_connections", self.max_connections, 1..=MAX_CONNECTIONS)?;
        check_duration("database.connect_timeout", self.connect_timeout, MIN_TIMEOUT..=HOUR)?;
        check_duration("database.statement_timeout", self.statement_timeout, MIN_TIMEOUT..=HOUR)
    }
}
