//! What is counted: an address, an account, a browser.

use std::{net::IpAddr, sync::Arc};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};

use super::{devices::DeviceId, rule::Rule};
use crate::server::{domain::AccountId, signing_keys::SigningKey};

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
    pub kind: Kind,
    pub key: Key,
    pub rule: Rule,
}

/// The kinds of counters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    SignInFrom,
    RegisterFrom,
    ConfirmFrom,
    SignIn,
    Confirm,
    Device,
    Devices,
    Known,
}

impl Kind {
    /// Whether too many attempts are refused, and one that was none is given back. Otherwise each counts for good,
    /// and those beyond the limit are made without being counted.
    pub fn is_refused(self) -> bool {
        self != Self::Known
    }

    /// Whether a right password makes earlier wrong ones forgotten, too.
    pub fn is_forgotten(self) -> bool {
        self == Self::Device
    }
}

/// What is counted, of each kind.
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
    /// All such browsers together: whoever knew the password once may have made any number of them.
    Devices {
        email_key: &'a str,
    },
    /// Passwords for this account that are hashed before those of strangers, right ones as well.
    Known {
        email_key: &'a str,
    },
}

impl Counted<'_> {
    fn kind(self) -> Kind {
        match self {
            Self::SignInFrom(_) => Kind::SignInFrom,
            Self::RegisterFrom(_) => Kind::RegisterFrom,
            Self::ConfirmFrom(_) => Kind::ConfirmFrom,
            Self::SignIn { .. } => Kind::SignIn,
            Self::Confirm(_) => Kind::Confirm,
            Self::Device { .. } => Kind::Device,
            Self::Devices { .. } => Kind::Devices,
            Self::Known { .. } => Kind::Known,
        }
    }
}

/// Makes keys. They change with the key that signs cookies: then counting starts anew.
#[derive(Debug)]
pub struct Keys(pub Arc<[SigningKey]>);

impl Keys {
    pub fn subject(&self, counted: Counted<'_>, rule: Rule) -> Subject {
        Subject { kind: counted.kind(), key: self.of(counted), rule }
    }

    fn of(&self, counted: Counted<'_>) -> Key {
        let mut hash = Sha256::new();
        // Of a result that is cut off nothing can be computed but itself, so the key may simply come first.
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
            Counted::Devices { email_key } => {
                hash.update(b"devices\0");
                hash.update(email_key);
            }
            Counted::Known { email_key } => {
                hash.update(b"known\0");
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
    hash.update(network(address).to_be_bytes());
}

/// What counts as one address: an IPv4 address, however it is written, or a network of IPv6 (/64), in which one
/// customer has all addresses (RFC 6177).
pub fn network(address: IpAddr) -> u128 {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits() >> 64 << 64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_an_ipv4_address_or_a_network_of_ipv6() {
        let is_same = |one: &str, other: &str| {
            let [one, other] = [one, other].map(|text| network(text.parse().expect("an address")));
            one == other
        };
        assert!(is_same("203.0.113.9", "::ffff:203.0.113.9"));
        assert!(is_same("2001:db8:0:1::1", "2001:db8:0:1:ffff::"));
        assert!(!is_same("203.0.113.9", "203.0.113.8"));
        assert!(!is_same("2001:db8:0:1::1", "2001:db8:0:2::1"));
        assert!(!is_same("::203.0.113.9", "203.0.113.9"));
    }
}
