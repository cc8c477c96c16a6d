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
    MailFrom,
    MailTo,
    RegistrationMailTo,
    MailBy,
    Notice,
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
    /// All such browsers together: a person who knew the password once can have made any number of them.
    Devices {
        email_key: &'a str,
    },
    /// Passwords for this account that are hashed before those of strangers, right ones as well.
    Known {
        email_key: &'a str,
    },
    MailFrom(IpAddr),
    /// Mails that are asked for to this address, whether it has an account or not.
    MailTo {
        email_key: &'a str,
    },
    /// Mails because someone registers with this address.
    RegistrationMailTo {
        email_key: &'a str,
    },
    /// Mails that an account asks for which is signed in.
    MailBy(&'a AccountId),
    /// Mails to the owner of an account, about one kind of event.
    Notice {
        account: &'a AccountId,
        about: &'static str,
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
            Self::MailFrom(_) => Kind::MailFrom,
            Self::MailTo { .. } => Kind::MailTo,
            Self::MailBy(_) => Kind::MailBy,
            Self::RegistrationMailTo { .. } => Kind::RegistrationMailTo,
            Self::Notice { .. } => Kind::Notice,
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
            Counted::Devices { email_key } => {
                hash.update(b"devices\0");
                hash.update(email_key);
            }
            Counted::Known { email_key } => {
                hash.update(b"known\0");
                hash.update(email_key);
            }
            Counted::MailFrom(address) => update_with_network(&mut hash, b"mail from", address),
            Counted::MailTo { email_key } => {
                hash.update(b"mail to\0");
                hash.update(email_key);
            }
            Counted::MailBy(account) => {
                hash.update(b"mail by\0");
                hash.update(account.as_str());
            }
            Counted::RegistrationMailTo { email_key } => {
                hash.update(b"registration mail to\0");
                hash.update(email_key);
            }
            Counted::Notice { account, about } => {
                hash.update(b"notice\0");
                hash.update(about);
                hash.update(b"\0");
                hash.update(account.as_str());
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
