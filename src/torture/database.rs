//! The database of one server, looked at from outside.

use std::path::PathBuf;

use rusqlite::{Connection, Row, types::ValueRef};

use super::{Failure, servers::PostgresServer};

const NAME: &str = "vestibule";
/// Compares every index of every table with its rows, and finds rows that cannot be.
const CHECK_INDEXES: &str = "SELECT bt_index_check(oid, true) FROM pg_class \
    WHERE relkind = 'i' AND relam = (SELECT oid FROM pg_am WHERE amname = 'btree') \
    AND relnamespace = 'public'::regnamespace";
const FIND_DAMAGE: &str = "SELECT relname, damage.msg FROM pg_class, LATERAL verify_heapam(oid) damage \
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace";
const HAS_AMCHECK: &str = "SELECT count(*) FROM pg_available_extensions WHERE name = 'amcheck'";

#[derive(Debug)]
pub enum Database {
    /// The file, which the server creates.
    Sqlite(PathBuf),
    Postgres(Box<PostgresServer>),
}

impl Database {
    /// One in a PostgreSQL of its own.
    pub fn postgres() -> Self {
        let server = PostgresServer::start();
        server.create_database(NAME, None);
        Self::Postgres(Box::new(server))
    }

    /// `database.url`
    pub fn url(&self) -> String {
        match self {
            Self::Sqlite(file) => format!("sqlite://{}", file.display()),
            Self::Postgres(server) => server.url(NAME),
        }
    }

    /// What a query finds: a line for a row, with | between its columns.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn rows(&self, sql: &str) -> Result<String, Failure> {
        match self {
            Self::Sqlite(file) => {
                let connection = Connection::open(file)?;
                let mut statement = connection.prepare(sql)?;
                let columns = statement.column_count();
                let rows = statement.query_map([], |row| line(row, columns))?;
                Ok(rows.collect::<Result<Vec<_>, _>>()?.join("\n"))
            }
            Self::Postgres(server) => Ok(server.sql(NAME, sql)),
        }
    }

    /// Looks at everything that is stored. Returns what was looked at; or what is damaged.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn check_integrity(&self) -> Result<Result<&'static str, String>, Failure> {
        match self {
            Self::Sqlite(_) => {
                let damage = self.rows("PRAGMA integrity_check")?;
                let orphans = self.rows("PRAGMA foreign_key_check")?;
                let is_clean = damage == "ok" && orphans.is_empty();
                Ok(if is_clean {
                    Ok("integrity_check and foreign_key_check")
                } else {
                    Err(format!("{damage}\n{orphans}"))
                })
            }
            Self::Postgres(_) if self.rows(HAS_AMCHECK)? == "0" => {
                self.rows("ANALYZE")?;
                Ok(Ok("nothing but that all tables can be read: PostgreSQL came without amcheck"))
            }
            Self::Postgres(_) => {
                self.rows("CREATE EXTENSION IF NOT EXISTS amcheck")?;
                self.rows(CHECK_INDEXES)?; // fails on the first damage
                let damage = self.rows(FIND_DAMAGE)?;
                Ok(if damage.is_empty() { Ok("all tables and indexes by amcheck") } else { Err(damage) })
            }
        }
    }
}

fn line(row: &Row<'_>, columns: usize) -> rusqlite::Result<String> {
    let texts = (0..columns).map(|column| {
        Ok(match row.get_ref(column)? {
            ValueRef::Null => String::new(),
            ValueRef::Integer(number) => number.to_string(),
            ValueRef::Real(number) => number.to_string(),
            ValueRef::Text(text) | ValueRef::Blob(text) => String::from_utf8_lossy(text).into_owned(),
        })
    });
    Ok(texts.collect::<rusqlite::Result<Vec<_>>>()?.join("|"))
}
