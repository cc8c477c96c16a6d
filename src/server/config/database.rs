use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::error::ConfigError;

const SQLITE: &str = "sqlite://";

/// Where accounts and sessions are stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseConfig {
    pub url: String,
}

impl DatabaseConfig {
    /// The file of an SQLite database; a relative path starts in `data_dir`.
    pub fn sqlite_file(&self, data_dir: &Path) -> PathBuf {
        data_dir.join(self.url.strip_prefix(SQLITE).unwrap_or_default())
    }

    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        match self.url.strip_prefix(SQLITE) {
            Some(path) if !path.is_empty() => Ok(()),
            _ => Err(ConfigError::Invalid {
                key: "database.url",
                problem: "expected sqlite:// and a path, such as sqlite://vestibule.db".to_owned(),
            }),
        }
    }
}
