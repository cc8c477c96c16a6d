use std::fmt;

use super::{super::DatabaseError, tables::Counts};

/// One of the two databases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Source,
    Target,
}

impl fmt::Display for Side {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Source => "the database to copy from",
            Self::Target => "the database to copy to",
        })
    }
}

/// Why a database was not copied.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    #[error(
        "a server uses {0}: stop it first (one that was killed, and could not sign off, counts for two minutes)"
    )]
    InUse(Side),
    #[error("the database to copy to is not empty; nothing was copied. Its rows: {0}")]
    NotEmpty(Counts),
    #[error("another copy to the same database has begun, and this one was given up")]
    Replaced,
    #[error(
        "the copy is not complete; was the original changed meanwhile? Copy it again. Rows of the original: \
         {source_counts}; of the copy: {target_counts}"
    )]
    CountsDiffer { source_counts: Counts, target_counts: Counts },
    #[error("{0} failed")]
    Database(Side, #[source] DatabaseError),
}

impl CopyError {
    pub fn of_source(error: DatabaseError) -> Self {
        Self::Database(Side::Source, error)
    }

    pub fn of_target(error: DatabaseError) -> Self {
        Self::Database(Side::Target, error)
    }
}
