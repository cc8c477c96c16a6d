//! Opening the database, with the schema of this version.

use std::path::Path;

use super::{
    database::Database,
    error::ConnectError,
    migrate::{self, SchemaError},
    sqlite::IfMissing,
};
use crate::server::config::DatabaseConfig;

/// Why a database cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(transparent)]
    Connect(#[from] ConnectError),
    #[error(transparent)]
    Schema(#[from] SchemaError),
}

impl OpenError {
    /// True if the file is damaged, or is no database.
    pub fn is_corrupt(&self) -> bool {
        match self {
            Self::Connect(ConnectError::Database(error))
            | Self::Schema(SchemaError::Unreadable(error) | SchemaError::Migration(error)) => {
                error.is_corrupt()
            }
            _ => false,
        }
    }
}

impl Database {
    /// Opens the database, creating a file of SQLite if need be, and brings its schema up to date.
    ///
    /// # Errors
    /// If it cannot be reached, a migration fails (nothing is half-applied then), or the schema is that of a
    /// newer version of this program.
    pub async fn open_and_migrate(config: &DatabaseConfig, data_dir: &Path) -> Result<Self, OpenError> {
        let db = Self::connect(config, data_dir, IfMissing::Create).await?;
        migrate::run(&db).await?;
        Ok(db)
    }

    /// Opens the database whatever its schema is, as for a backup before a migration.
    ///
    /// # Errors
    /// If it cannot be reached.
    pub async fn open_with_any_schema(config: &DatabaseConfig, data_dir: &Path) -> Result<Self, OpenError> {
        Ok(Self::connect(config, data_dir, IfMissing::Fail).await?)
    }

    /// Opens the database without changing its schema: for commands that run while a server does, perhaps of
    /// another version.
    ///
    /// # Errors
    /// If it cannot be reached, or its schema is not that of this version.
    pub async fn open(config: &DatabaseConfig, data_dir: &Path) -> Result<Self, OpenError> {
        let db = Self::connect(config, data_dir, IfMissing::Fail).await?;
        migrate::check(&db).await?;
        Ok(db)
    }
}
