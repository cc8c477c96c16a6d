//! What tests see of the data behind a running application.

use vestibule::server::{
    db::{Database, OwnedRow, Row, Statement},
    domain::AccountId,
};

use super::{
    Actor, TestApp, installation,
    stored_sessions::{StoredRecord, StoredSessions, stored_sessions},
};

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

    /// The id of the only account.
    pub async fn account_id(&self) -> AccountId {
        AccountId::new(self.rows("SELECT id FROM accounts").await[0].text(0).expect("an id"))
    }

    /// All sessions that are stored, in any order.
    pub async fn sessions(&self) -> Vec<StoredRecord> {
        self.session_inspector().all().await
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

    /// Replaces a column of all sessions, which is `data` for their values; `false` if it cannot hold such a text.
    pub async fn damage_sessions(&self, column: &'static str, text: &'static str) -> bool {
        self.session_inspector().damage(column, text).await
    }

    /// Whether these bytes are in a file of the data folder, or anywhere else where the application stores data.
    pub async fn is_stored(&self, needle: &[u8]) -> bool {
        let mut stored = installation::file_bytes(&self.config);
        stored.extend(self.session_inspector().bytes().await);
        stored.windows(needle.len()).any(|window| window == needle)
    }

    /// Runs a command of the program on the data of the running application; returns what it prints.
    pub fn run(&self, arguments: &[&str]) -> String {
        installation::run(&self.config, arguments)
    }

    fn session_inspector(&self) -> Box<dyn StoredSessions> {
        stored_sessions(&self.config, self.db())
    }
}
