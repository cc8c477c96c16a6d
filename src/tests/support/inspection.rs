//! What tests see of the data behind a running application.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use tokio::task::spawn_blocking;
use vestibule::server::{
    audit,
    db::{Database, OwnedRow, Row, Statement},
    domain::{AccountId, Clock},
};

use super::{
    Actor, TestApp, installation,
    stored_sessions::{StoredRecord, StoredSessions, bytes_outside_of_files, stored_sessions},
};

impl Actor {
    /// The id in the cookie.
    pub fn raw_id(&self) -> Vec<u8> {
        BASE64_URL_SAFE_NO_PAD.decode(&self.cookie_value()[..22]).expect("base64url")
    }

    /// The id as the store has it.
    pub fn id_hash(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(self.raw_id()))
    }
}

impl TestApp {
    pub fn db(&self) -> &Database {
        &self.state.app.db
    }

    /// The rows that a query returns.
    pub async fn rows(&self, query: &'static str) -> Vec<OwnedRow> {
        Statement::new(query).query().fetch_all(self.db().reader()).await.expect("rows")
    }

    /// The number that a query returns.
    pub async fn number(&self, query: &'static str) -> i64 {
        let rows = self.rows(query).await;
        assert_eq!(rows.len(), 1, "one row for {query}");
        rows[0].integer(0).expect("a number")
    }

    /// Changes something behind the back of the application.
    pub async fn execute(&self, statement: &'static str) {
        Statement::new(statement).query().execute(self.db().writer()).await.expect(statement);
    }

    /// Removes all expired sessions.
    pub async fn purge(&self) {
        while self.state.app.sessions.purge_batch().await.expect("purged") {}
    }

    /// Removes all entries of the audit log that were kept for long enough.
    pub async fn purge_events(&self) {
        let (db, audit) = (self.db(), &self.config.audit);
        while audit::purge_batch(db, audit, self.clock.now()).await.expect("purged") {}
    }

    /// The id of the only account.
    pub async fn account_id(&self) -> AccountId {
        AccountId::new(self.rows("SELECT id FROM accounts").await[0].text(0).expect("an id"))
    }

    /// All sessions that are stored, in any order.
    pub async fn sessions(&self) -> Vec<StoredRecord> {
        self.session_inspector().all().await
    }

    /// How many sessions are stored, also of those that cannot be read.
    pub async fn count_stored_sessions(&self) -> usize {
        self.session_inspector().count().await
    }

    /// Removes all sessions from the store.
    pub async fn forget_sessions(&self) {
        self.session_inspector().remove_all().await;
    }

    /// The sessions that have not ended.
    pub async fn live_sessions(&self) -> Vec<StoredRecord> {
        let sessions = self.sessions().await;
        sessions.into_iter().filter(|session| session.end_reason.is_none()).collect()
    }

    /// The only session that has not ended.
    pub async fn live_session(&self) -> StoredRecord {
        let mut sessions = self.live_sessions().await;
        assert_eq!(sessions.len(), 1, "one live session: {sessions:?}");
        sessions.remove(0)
    }

    /// The session of a browser.
    pub async fn session_of(&self, actor: &Actor) -> StoredRecord {
        let sessions = self.sessions().await;
        let found = sessions.into_iter().find(|session| session.id_hash == actor.id_hash());
        found.expect("the session is stored under the hash of its id")
    }

    /// Replaces columns of all sessions by these texts; `data` is that of their values. `false` if the store
    /// cannot hold such a text there.
    pub async fn damage_sessions(&self, damage: &[(&str, &str)]) -> bool {
        let inspector = self.session_inspector();
        for (column, text) in damage {
            if !inspector.damage(column, text).await {
                return false;
            }
        }
        true
    }

    /// Whether the application has stored these bytes, in a file of the data folder or anywhere else.
    pub async fn is_stored(&self, needle: &[u8]) -> bool {
        let stored = installation::stored_bytes(&self.config, self.db()).await;
        let digits: String = needle.iter().map(|byte| format!("{byte:02x}")).collect();
        let contains = |needle: &[u8]| stored.windows(needle.len()).any(|window| window == needle);
        contains(needle) || contains(digits.as_bytes())
    }

    /// The same for what is kept elsewhere: rows of PostgreSQL, and all of Valkey.
    pub async fn is_stored_outside_of_files(&self, needle: &[u8]) -> bool {
        let stored = bytes_outside_of_files(&self.config, self.db()).await;
        stored.windows(needle.len()).any(|window| window == needle)
    }

    /// Runs a command of the program on the data of the running application, which goes on meanwhile: it may be just
    /// writing to the database. Returns what the command prints.
    pub async fn run(&self, arguments: &[&str]) -> String {
        let mut command = installation::command(&self.config, arguments);
        let output = spawn_blocking(move || command.output()).await.expect("no panic");
        installation::printed(output.expect("it runs"))
    }

    fn session_inspector(&self) -> Box<dyn StoredSessions> {
        stored_sessions(&self.config, self.db(), self.clock.now())
    }
}
