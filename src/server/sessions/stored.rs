//! What is kept of a session.

use std::{collections::BTreeMap, time::Duration};

use serde_json::Value;

use super::{Handle, IdHash, Method};
use crate::server::{
    clock::Timestamp,
    db::accounts::{Account, AccountId},
};

/// How long after its expiry the tombstone of an account's session is kept, so that whoever comes
/// back can be told why it ended. Sessions of nobody are forgotten at once: strangers can begin as
/// many as they like.
const TOMBSTONE_RETENTION: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// What the application keeps in a session, by key.
pub type Values = BTreeMap<String, Value>;

/// Keys to set (`Some`) or remove (`None`); the others stay as they are.
pub type Changes = BTreeMap<String, Option<Value>>;

/// All that is kept of a session.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredSession {
    pub id_hash: IdHash,
    /// Stays the same when the session moves to a new id.
    pub handle: Handle,
    /// `None` before sign-in.
    pub account: Option<AccountId>,
    /// How the account was proved.
    pub methods: Vec<Method>,
    /// The version of the account's credentials that it was proved against: the session is over when
    /// the account has another.
    pub credentials: i64,
    /// The last proof: at sign-in, or at a step-up since.
    pub authenticated_at: Option<Timestamp>,
    /// "Keep me signed in" was chosen.
    pub remembered: bool,
    pub user_agent: String,
    pub address: String,
    pub values: Values,
    pub created_at: Timestamp,
    pub seen_at: Timestamp,
    /// The earlier of idle and absolute expiry.
    pub expires_at: Timestamp,
    pub absolute_expires_at: Timestamp,
}

impl StoredSession {
    pub fn is_live(&self, now: Timestamp) -> bool {
        now < self.expires_at
    }

    /// Whether it was proved against the credentials that the account has now. If not, the password has
    /// been changed since, and the session is over, whether its end is noted yet or not.
    pub fn is_proved_by(&self, account: &Account) -> bool {
        self.credentials == account.credentials
    }

    /// Activity makes it last longer.
    pub fn is_extendable(&self) -> bool {
        self.expires_at < self.absolute_expires_at
    }

    /// From this moment on nothing is kept of it, not even its tombstone.
    pub fn forgotten_at(&self) -> Timestamp {
        if self.account.is_some() { self.expires_at + TOMBSTONE_RETENTION } else { self.expires_at }
    }
}

/// Applies changes key by key.
pub fn apply(changes: &Changes, values: &mut Values) {
    for (key, change) in changes {
        match change {
            Some(value) => values.insert(key.clone(), value.clone()),
            None => values.remove(key),
        };
    }
}
