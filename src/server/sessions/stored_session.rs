//! A session as it is stored.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{IdHash, Method};
use crate::server::domain::{Account, AccountId, SessionHandle, Timestamp};

/// What the application keeps in a session, by key.
pub type Values = BTreeMap<String, Value>;

/// Keys to set (`Some`) or remove (`None`); the others stay as they are.
pub type Changes = BTreeMap<String, Option<Value>>;

/// A session as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredSession {
    pub id_hash: IdHash,
    /// Stays the same when the session gets a new id.
    pub handle: SessionHandle,
    /// `None` before sign-in.
    pub account: Option<AccountId>,
    /// How the account was authenticated.
    pub methods: Vec<Method>,
    /// The version of the account's credentials that it was authenticated with: the session is over once
    /// the account has another.
    pub credential_version: i64,
    /// When the account was last authenticated: at sign-in, or by a later step-up.
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

    /// True if the account still has the credentials that the session was authenticated with. If not,
    /// the password was changed, and the session is over whether or not its end has been stored yet.
    pub fn matches_credentials_of(&self, account: &Account) -> bool {
        self.credential_version == account.credential_version
    }

    /// True if activity makes it last longer.
    pub fn is_extendable(&self) -> bool {
        self.expires_at < self.absolute_expires_at
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
