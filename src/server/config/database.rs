use std::{
    fmt,
    path::{Path, PathBuf},
    time::Duration,
};

use serde::{Deserialize, Serialize};

use super::{PostgresUrl, SecretUrl, error::ConfigError};

const SQLITE: &str = "sqlite://";

/// Where accounts, the audit log and (unless `sessions.url` is set) sessions are stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseConfig {
    pub url: SecretUrl,
    /// Connections to PostgreSQL that one process opens.
    pub max_connections: usize,
    /// How long connecting may take, and waiting for a free connection.
    #[serde(with = "humantime_serde")]
    pub connect_timeout: Duration,
    /// How long a statement may take.
    #[serde(with = "humantime_serde")]
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
        if self.max_connections == 0 {
            return Err(ConfigError::invalid("database.max_connections", "at least one is needed"));
        }
        for (key, timeout) in [
            ("database.connect_timeout", self.connect_timeout),
            ("database.statement_timeout", self.statement_timeout),
        ] {
            if timeout.is_zero() {
                return Err(ConfigError::invalid(key, "a database needs some time to answer"));
            }
        }
        Ok(())
    }
}
