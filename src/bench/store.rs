//! The operations of each store on a large table.

use std::{error::Error, sync::Arc};

use serde_json::json;
use vestibule::{
    model::EndReason,
    server::{
        config::{Config, SecretUrl},
        db::Database,
        domain::{Client, Clock, Timestamp},
        sessions::{Changes, IdHash, Lookup, Revocation, Selection, Store, StoredSession},
        startup,
        system::SystemClock,
    },
};

use crate::{
    fill,
    memory_store::{MemoryAuditLog, MemoryStore},
    samples::Samples,
    servers,
};

/// Sessions that each operation is tried on.
const TRIES: usize = 5_000;
const OPERATIONS: [&str; 4] = ["load", "touch", "merge a key", "end, with its entry in the log"];

/// Median and 99th percentile of each operation.
type Figures = [String; OPERATIONS.len()];

/// Prints the table. `db` is the SQLite database of the application, which stays filled.
pub async fn measure(config: &Config, db: &Database, sessions: i64) -> Result<(), Box<dyn Error>> {
    let now = SystemClock.now();
    eprintln!("Filling four stores with {sessions} sessions each; with a million this takes some minutes.");
    let columns = [
        ("memory", in_memory(sessions, now).await?),
        ("SQLite", in_database(config, db, sessions, now).await?),
        ("PostgreSQL", in_postgres(config, sessions, now).await?),
        ("Valkey", in_valkey(config, db, sessions, now).await?),
    ];
    print(&columns);
    Ok(())
}

async fn in_memory(sessions: i64, now: Timestamp) -> Result<Figures, Box<dyn Error>> {
    let store = MemoryStore::new(Arc::<MemoryAuditLog>::default(), None);
    let ids = fill::store(&store, sessions, now, TRIES).await?;
    operations(&store, &ids, now).await
}

async fn in_database(
    config: &Config,
    db: &Database,
    sessions: i64,
    now: Timestamp,
) -> Result<Figures, Box<dyn Error>> {
    let store = startup::session_store(config, db).await?;
    let ids = fill::database(db, sessions, now, TRIES).await?;
    operations(&*store, &ids, now).await
}

async fn in_postgres(config: &Config, sessions: i64, now: Timestamp) -> Result<Figures, Box<dyn Error>> {
    let server = servers::PostgresServer::start();
    server.create_database("bench", None);
    let mut config = config.clone();
    config.database.url = SecretUrl::new(server.url("bench"));
    let db = startup::open_database(&config).await?;
    let measured = in_database(&config, &db, sessions, now).await;
    db.close().await;
    measured
}

/// The accounts are in the SQLite database.
async fn in_valkey(
    config: &Config,
    db: &Database,
    sessions: i64,
    now: Timestamp,
) -> Result<Figures, Box<dyn Error>> {
    let server = servers::ValkeyServer::start();
    let mut config = config.clone();
    config.sessions.url = SecretUrl::new(server.url());
    let store = startup::session_store(&config, db).await?;
    let ids = fill::store(&*store, sessions, now, TRIES).await?;
    operations(&*store, &ids, now).await
}

async fn operations(store: &dyn Store, ids: &[IdHash], now: Timestamp) -> Result<Figures, Box<dyn Error>> {
    let [mut load, mut touch, mut merge, mut end] = [(); 4].map(|()| Samples::default());
    for id in ids {
        load.time(store.load(id, now)).await?;
    }
    for id in ids {
        let Lookup::Live(live) = store.load(id, now).await? else {
            return Err("a session is missing".into());
        };
        let expires_at = now + fill::LIFETIME;
        let touched = StoredSession { seen_at: now, expires_at, ..StoredSession::clone(&live.session) };
        touch.time(store.touch(&touched, now)).await?;
    }
    let changes = Changes::from([("theme".to_owned(), Some(json!("light")))]);
    for id in ids {
        merge.time(store.merge(id, &changes, now)).await?;
    }
    for id in ids {
        let sessions = Selection::ById(id.clone());
        let reason = EndReason::EndedByAdministrator;
        let revocation = Revocation { sessions, reason, at: now, client: Client::command_line() };
        end.time(store.end(&revocation, 1)).await?;
    }
    Ok([load, touch, merge, end].map(Samples::median_and_p99))
}

fn print(columns: &[(&str, Figures)]) {
    print!("{:<32}", "");
    columns.iter().for_each(|(name, _)| print!("{name:>20}"));
    println!();
    for (row, operation) in OPERATIONS.into_iter().enumerate() {
        print!("{operation:<32}");
        columns.iter().for_each(|(_, cells)| print!("{:>20}", cells[row]));
        println!();
    }
}
