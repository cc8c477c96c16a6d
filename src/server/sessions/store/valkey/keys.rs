//! The names of keys. Those of a session and of the indexes that change with it have the same hash tag, so that
//! one script can change them also in a cluster.

use crate::server::{
    domain::{AccountId, SessionHandle},
    sessions::IdHash,
};

/// Every shard is a part of the sessions, by the first letter of the hash of their id: base64url has 64 of them.
const SHARDS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// A sorted set of the hashes of ids. Each session is in one of them.
#[derive(Clone, Copy, Debug)]
pub enum Index {
    /// The live sessions of accounts, by their expiry.
    Expiry { remembered: bool },
    /// Tombstones and anonymous sessions, by the time when they are forgotten.
    Forgetting,
}

impl Index {
    pub const EXPIRIES: [Self; 2] = [Self::Expiry { remembered: false }, Self::Expiry { remembered: true }];
}

/// Names keys, all with the same prefix.
#[derive(Clone, Debug)]
pub struct Keys {
    prefix: String,
}

impl Keys {
    pub fn new(prefix: String) -> Self {
        Self { prefix }
    }

    /// The hash with the fields of a session.
    pub fn session(&self, id: &IdHash) -> String {
        format!("{}:{{{}}}:session:{}", self.prefix, shard(id), id.as_str())
    }

    /// An index of the shard that a session belongs to.
    pub fn index_beside(&self, id: &IdHash, index: Index) -> String {
        self.index(shard(id), index)
    }

    /// An index of a shard.
    pub fn index(&self, shard: char, index: Index) -> String {
        let name = match index {
            Index::Expiry { remembered: false } => "expiry",
            Index::Expiry { remembered: true } => "expiry:remembered",
            Index::Forgetting => "forgetting",
        };
        format!("{}:{{{shard}}}:{name}", self.prefix)
    }

    /// The sorted set of the sessions of an account, by their absolute expiry.
    pub fn account(&self, account: &AccountId) -> String {
        format!("{}:account:{{{}}}", self.prefix, account.as_str())
    }
}

pub fn shards() -> impl Iterator<Item = char> {
    SHARDS.chars()
}

pub fn shard(id: &IdHash) -> char {
    id.as_str().chars().next().unwrap_or('A')
}

/// How a session is listed in the index of its account: it is found by its handle without being read.
pub fn index_member(handle: &SessionHandle, id: &IdHash) -> String {
    format!("{handle} {}", id.as_str())
}

pub fn parse_index_member(member: &str) -> Option<(SessionHandle, IdHash)> {
    let (handle, id) = member.split_once(' ')?;
    Some((SessionHandle::new(handle.to_owned()), IdHash::from_stored(id.to_owned())))
}
