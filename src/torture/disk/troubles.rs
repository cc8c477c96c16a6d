//! What keeps a server from writing.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::Connection;

use super::places::{Place, ReadOnly};
use crate::Failure;

#[derive(Clone, Copy, Debug)]
pub enum Trouble {
    Full,
    Locked,
    ReadOnly,
}

/// A trouble, until it is dropped.
#[derive(Debug)]
pub enum Held {
    Full(PathBuf),
    Locked(Connection),
    ReadOnly(#[expect(dead_code, reason = "it is over when it is dropped")] ReadOnly),
}

impl Trouble {
    pub fn name(self) -> &'static str {
        match self {
            Self::Full => "the disk is full",
            Self::Locked => "another process locks the database",
            Self::ReadOnly => "the database is read-only",
        }
    }

    pub fn time(self) -> Duration {
        match self {
            Self::Full | Self::ReadOnly => Duration::from_secs(8),
            Self::Locked => Duration::from_secs(10),
        }
    }

    /// # Errors
    /// If it cannot be brought about.
    pub fn begin(self, place: &Place) -> Result<Held, Failure> {
        match self {
            Self::Full => {
                let file = place.folder().join("filler");
                fill(&file)?;
                Ok(Held::Full(file))
            }
            Self::Locked => {
                let connection = Connection::open(place.file())?;
                connection.busy_timeout(Duration::from_secs(5))?;
                connection.execute_batch("BEGIN EXCLUSIVE")?;
                Ok(Held::Locked(connection))
            }
            Self::ReadOnly => {
                let log = place.folder().join("vestibule.db-wal");
                Ok(Held::ReadOnly(ReadOnly::make(vec![place.file(), log, place.folder().to_owned()])?))
            }
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        match self {
            Self::Full(file) => {
                let _ = fs::remove_file(file);
            }
            Self::Locked(connection) => {
                let _ = connection.execute_batch("ROLLBACK");
            }
            Self::ReadOnly(_) => {}
        }
    }
}

/// Writes until nothing fits any more.
fn fill(path: &Path) -> io::Result<()> {
    let mut file = File::create(path)?;
    for size in [1 << 20, 4096, 1] {
        loop {
            match file.write_all(&vec![0; size]) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::StorageFull => break,
                Err(error) => return Err(error),
            }
        }
    }
    Ok(())
}
