//! The store's operations on a large table.

use std::{error::Error, time::Duration};

use serde_json::json;
use vestibule::{
    model::EndReason,
    server::{
        db::{Database, Row, Statement},
        domain::{Client, Clock},
        sessions::{Changes, IdHash, Lookup, Revocation, Selection, SqlStore, Store, StoredSession},
        system::SystemClock,
    },
};

use crate::samples::Samples;

/// Sessions that each operation is tried on.
const TRIES: i64 = 5_000;

/// Live sessions of as many accounts, in random order of their keys.
const FILL: Statement = Statement::new(
    "WITH RECURSIVE numbers (number) AS \
    (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < $1) \
    INSERT INTO sessions (id_hash, handle, account_id, methods, credentials, authenticated_at, remembered, user_agent, \
    address, data, created_at, seen_at, expires_at, absolute_expires_at, forgotten_at) \
    SELECT lower(hex(randomblob(22))), lower(hex(randomblob(8))), 'account-' || number, 'pwd', 0, $2, 0, \
    'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0', '203.0.113.9', \
    '{\"theme\":\"dark\",\"cart\":[1,2,3]}', $2, $2, $3 + number, $3 + number, $3 + number FROM numbers",
);
const FILL_ACCOUNTS: Statement = Statement::new(
    "WITH RECURSIVE numbers (number) AS \
    (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < $1) \
    INSERT INTO accounts (id, name, email, email_key, password_hash, created_at) \
    SELECT 'account-' || number, 'Ada', number || '@example.net', number || '@example.net', '-', 0 FROM numbers",
);
const SOME: Statement = Statement::new("SELECT id_hash FROM sessions ORDER BY random() LIMIT $1");

pub async fn measure(db: &Database, sessions: i64) -> Result<(), Box<dyn Error>> {
    let now = SystemClock.now();
    let later = now + Duration::from_hours(24);
    FILL.bind(sessions).bind(now.millis()).bind(later.millis()).execute(db.writer()).await?;
    FILL_ACCOUNTS.bind(sessions).execute(db.writer()).await?;
    let rows = SOME.bind(TRIES).fetch_all(db.reader()).await?;
    let ids: Vec<_> =
        rows.iter().map(|row| row.text(0).map(IdHash::from_stored)).collect::<Result<_, _>>()?;

    let store = SqlStore::new(db.clone());
    let mut samples = Samples::default();
    for id in &ids {
        samples.time(store.load(id, now)).await?;
    }
    samples.print("load");

    let mut samples = Samples::default();
    for id in &ids {
        let Lookup::Live(live) = store.load(id, now).await? else {
            return Err("a session is missing".into());
        };
        let touched =
            StoredSession { seen_at: now, expires_at: later, ..StoredSession::clone(&live.session) };
        samples.time(store.touch(&touched, now)).await?;
    }
    samples.print("touch");

    let changes = Changes::from([("theme".to_owned(), Some(json!("light")))]);
    let mut samples = Samples::default();
    for id in &ids {
        samples.time(store.merge(id, &changes, now)).await?;
    }
    samples.print("merge a key");

    let reason = EndReason::EndedByAdministrator;
    let mut samples = Samples::default();
    for id in &ids {
        let sessions = Selection::ById(id.clone());
        let revocation = Revocation { sessions, reason, at: now, client: Client::command_line() };
        samples.time(store.end(&revocation)).await?;
    }
    samples.print("end, with its entry in the log");
    Ok(())
}
