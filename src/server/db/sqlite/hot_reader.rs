//! Reading on the calling thread.
//!
//! sqlx hands every statement for SQLite to a thread of its own, which costs two context switches: 19 µs
//! and more, where the statement itself takes 3 to 4. That matters for the one statement that every page
//! runs. It finds a row by its primary key, so it blocks the calling thread for no longer than a page of
//! the file takes to be read.

use std::{
    num::NonZero,
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use rusqlite::{Connection, OpenFlags, Row, params_from_iter};

use super::super::error::DatabaseError;

/// In write-ahead mode a reader waits only while the database is being recovered.
const BUSY_TIMEOUT: Duration = Duration::from_millis(100);
/// Size of the page cache of a connection, in KiB (SQLite takes a negative number as KiB, a positive one as pages).
const CACHE_SIZE: i32 = -512;

/// Read-only connections, as many as the runtime has threads.
#[derive(Debug)]
pub struct HotReader {
    /// `None` once the database is closed.
    connections: Vec<Mutex<Option<Connection>>>,
}

impl HotReader {
    pub(super) fn open(file: &Path) -> Result<Self, rusqlite::Error> {
        let count = thread::available_parallelism().map_or(1, NonZero::get);
        let connections = (0..count).map(|_| Ok(Mutex::new(Some(connect(file)?))));
        Ok(Self { connections: connections.collect::<Result<_, rusqlite::Error>>()? })
    }

    /// Finds a row by parameters that are text, with the statement prepared once per connection.
    ///
    /// # Errors
    /// If the database fails or is closed.
    pub fn find<T>(
        &self,
        sql: &str,
        parameters: &[&str],
        read: impl FnOnce(&Row<'_>) -> T,
    ) -> Result<Option<T>, DatabaseError> {
        let connection = self.free();
        let mut statement = connection.as_ref().ok_or(DatabaseError::Closed)?.prepare_cached(sql)?;
        let mut rows = statement.query(params_from_iter(parameters))?;
        Ok(rows.next()?.map(read))
    }

    pub(super) fn close(&self) {
        for connection in &self.connections {
            connection.lock().unwrap_or_else(PoisonError::into_inner).take();
        }
    }

    /// A connection that no other thread is using. If there is none, as when more threads read than there
    /// are cores, it waits some microseconds for the first.
    fn free(&self) -> MutexGuard<'_, Option<Connection>> {
        let free = self.connections.iter().find_map(|connection| connection.try_lock().ok());
        free.unwrap_or_else(|| self.connections[0].lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn connect(file: &Path) -> Result<Connection, rusqlite::Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "cache_size", CACHE_SIZE)?;
    Ok(connection)
}
