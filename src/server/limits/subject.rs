//! What is counted: an address, an account, a browser.

use std::{net::IpAddr, sync::Arc};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};

use super::{devices::DeviceId, rule::Rule};
use crate::server::{
    domain::{AccountId, network_of},
    signing_keys::SigningKey,
};

const PURPOSE: &[u8] = b"vestibule limits 1\0";
const KEY_LENGTH: usize = 16;

/// The key of a counter: a hash that only the processes of this application can compute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key([u8; KEY_LENGTH]);

impl Key {
    pub fn text(self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.0)
    }

    /// One of `count` places for it.
    pub fn place(self, count: usize) -> usize {
        let [first, second, third, fourth, ..] = self.0;
        usize::try_from(u32::from_be_bytes([first, second, third, fourth])).unwrap_or_default() % count
    }
}

/// What is counted, and how often it may be.
#[derive(Clone, Copy, Debug)]
pub struct Subject {
    pub key: Key,
    pub rule: Rule,
}

/// The kinds of counters.
#[derive(Clone, Copy, Debug)]
pub enum Counted<'a> {
    SignInFrom(IpAddr),
    RegisterFrom(IpAddr),
    ConfirmFrom(IpAddr),
    /// Strangers who sign in with this email address, whether it has an account or not.
    SignIn {
        email_key: &'a str,
    },
    /// Browsers that are signed in to an account, but not known.
    Confirm(&'a AccountId),
    /// A browser that has signed in with this email address before.
    Device {
        id: &'a DeviceId,
        email_key: &'a str,
    },
}

/// Makes keys. They change with the key that signs cookies: then counting starts anew.
#[derive(Debug)]
pub struct Keys(pub Arc<[SigningKey]>);

impl Keys {
    pub fn of(&self, counted: Counted<'_>) -> Key {
        let mut hash = Sha256::new();
        // Usually one needs HMAC: from SHA-256 of a key and a text, anyone can compute that of the key and a longer
        // text. Here only half of each hash is ever seen, from which that cannot be done.
        if let Some(key) = self.0.first() {
            hash.update(key.expose_secret());
        }
        hash.update(PURPOSE);
        match counted {
            Counted::SignInFrom(address) => update_with_network(&mut hash, b"sign in from", address),
            Counted::RegisterFrom(address) => update_with_network(&mut hash, b"register from", address),
            Counted::ConfirmFrom(address) => update_with_network(&mut hash, b"confirm from", address),
            Counted::SignIn { email_key } => {
                hash.update(b"sign in\0");
                hash.update(email_key);
            }
            Counted::Confirm(account) => {
                hash.update(b"confirm\0");
                hash.update(account.as_str());
            }
            Counted::Device { id, email_key } => {
                hash.update(b"device\0");
                hash.update(id);
                hash.update(email_key);
            }
        }
        let mut key = [0; KEY_LENGTH];
        key.copy_from_slice(&hash.finalize()[..KEY_LENGTH]);
        Key(key)
    }
}

fn update_with_network(hash: &mut Sha256, kind: &[u8], address: IpAddr) {
    hash.update(kind);
    hash.update(network_of(address).to_string());
}
