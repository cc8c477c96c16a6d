//! The names of keys. Those of a session and of the indexes that change with it have the same hash tag, so that
//! one script can change them also in a cluster.

use crate::server::{
    domain::{AccountId, SessionHandle},
    sessions::IdHash,
};

/// Every shard is a part of the sessions, by the first letter of the hash of their id: base64url has 64 of them.
const SHARDS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

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

    /// The sorted set of the live sessions of accounts in the shard of this one, by their expiry.
    pub fn expiry_beside(&self, id: &IdHash, remembered: bool) -> String {
        self.expiry(shard(id), remembered)
    }

    /// The same for a shard.
    pub fn expiry(&self, shard: char, remembered: bool) -> String {
        format!("{}:{{{shard}}}:expiry:{}", self.prefix, u8::from(remembered))
    }

    /// The sorted set of the sessions of an account, by their absolute expiry.
    pub fn account(&self, account: &AccountId) -> String {
        format!("{}:account:{{{}}}", self.prefix, account.as_str())
    }
}

pub fn shards() -> impl Iterator<Item = char> {
    SHARDS.chars()
}

fn shard(id: &IdHash) -> char {
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
