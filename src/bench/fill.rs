//! A large table: live sessions of as many accounts.

use std::{error::Error, time::Duration};

use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::json;
use vestibule::server::{
    db::{Database, Row, Statement},
    domain::{AccountId, SessionHandle, Timestamp},
    sessions::{IdHash, Method, SessionId, Store, StoredSession, Values},
    system::SystemEntropy,
};

/// How long the sessions live.
pub const LIFETIME: Duration = Duration::from_hours(24);
const USER_AGENT: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
/// Sessions that are inserted at the same time.
const CONCURRENT: usize = 64;

/// The numbers from 1 to `$1`.
macro_rules! numbers {
    (sqlite) => {
        "WITH RECURSIVE numbers (number) AS \
         (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < $1) "
    };
    (postgres) => {
        "WITH numbers (number) AS (SELECT generate_series(1, $1::bigint)) "
    };
}
/// In random order of their keys. `$2` is the current time, `$3` the expiry.
macro_rules! sessions {
    ($numbers:expr, $random:literal) => {
        concat!(
            $numbers,
            "INSERT INTO sessions (id_hash, handle, account_id, methods, credentials, authenticated_at, remembered, \
             user_agent, address, data, created_at, seen_at, expires_at, absolute_expires_at, forgotten_at) SELECT ",
            $random,
            ", 'handle-' || number, 'account-' || number, 'pwd', 0, $2, 0, \
             'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0', '203.0.113.9', \
             '{\"theme\":\"dark\",\"cart\":[1,2,3]}', $2, $2, $3 + number, $3 + number, $3 + number FROM numbers"
        )
    };
}
const SESSIONS: Statement = Statement::per_dialect(
    sessions!(numbers!(sqlite), "lower(hex(randomblob(22)))"),
    sessions!(numbers!(postgres), "md5(random()::text) || substr(md5(random()::text), 1, 12)"),
);
macro_rules! accounts {
    ($numbers:expr) => {
        concat!(
            $numbers,
            "INSERT INTO accounts (id, name, email, email_key, password_hash, created_at) SELECT 'account-' || number, \
             'Ada', number || '@example.net', number || '@example.net', '-', 0 FROM numbers"
        )
    };
}
const ACCOUNTS: Statement =
    Statement::per_dialect(accounts!(numbers!(sqlite)), accounts!(numbers!(postgres)));
const SOME: Statement = Statement::new("SELECT id_hash FROM sessions ORDER BY random() LIMIT $1");

/// Fills a database with accounts and their sessions; returns `some` ids.
pub async fn database(
    db: &Database,
    sessions: i64,
    now: Timestamp,
    some: usize,
) -> Result<Vec<IdHash>, Box<dyn Error>> {
    SESSIONS.bind(sessions).bind(now.millis()).bind((now + LIFETIME).millis()).execute(db.writer()).await?;
    ACCOUNTS.bind(sessions).execute(db.writer()).await?;
    let rows = SOME.bind(i64::try_from(some)?).fetch_all(db.reader()).await?;
    Ok(rows.iter().map(|row| row.text(0).map(IdHash::from_stored)).collect::<Result<_, _>>()?)
}

/// Fills any store with sessions of accounts that a database has; returns `some` ids.
pub async fn store(
    store: &dyn Store,
    sessions: i64,
    now: Timestamp,
    some: usize,
) -> Result<Vec<IdHash>, Box<dyn Error>> {
    let every = usize::try_from(sessions)? / some.max(1);
    let inserted = stream::iter(1..=sessions).map(async |number| {
        let session = session(number, now);
        store.create(&session, &[]).await.map(|()| session.id_hash)
    });
    let ids: Vec<IdHash> = inserted.buffer_unordered(CONCURRENT).try_collect().await?;
    Ok(ids.into_iter().step_by(every.max(1)).take(some).collect())
}

fn session(number: i64, now: Timestamp) -> StoredSession {
    let expires_at = now + LIFETIME;
    StoredSession {
        id_hash: SessionId::generate(&SystemEntropy).hash(),
        handle: SessionHandle::generate(&SystemEntropy),
        account: Some(AccountId::new(format!("account-{number}"))),
        methods: vec![Method::Password],
        credential_version: 0,
        authenticated_at: Some(now),
        remembered: false,
        user_agent: USER_AGENT.to_owned(),
        address: "203.0.113.9".to_owned(),
        values: Values::from([("theme".to_owned(), json!("dark")), ("cart".to_owned(), json!([1, 2, 3]))]),
        created_at: now,
        seen_at: now,
        expires_at,
        absolute_expires_at: expires_at,
    }
}
