//! The secret in the link of a mail: 256 random bits, stored as a hash, for one purpose, used once
//! (ASVS 6.4.3, 6.6.3; OWASP Forgot Password Cheat Sheet).

use std::{fmt, time::Duration};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::server::domain::{Entropy, random};

const MINUTE: u64 = 60;
const DAY: u64 = 24 * 60 * MINUTE;
/// Bytes of a token.
const LENGTH: usize = 32;
/// Characters of a token in base64url.
const TEXT_LENGTH: usize = 43;

/// What a token is good for. It is part of what is hashed, so a token is good for nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Makes an account of a registration.
    Registration,
    /// Shows that the address is the owner's.
    VerifyEmail,
    /// Makes the address that of the account.
    EmailChange,
    /// Undoes a change of the address, from the one before.
    EmailChangeUndo,
    ResetPassword,
    /// Ends a session that the owner has not begun, and starts a reset.
    SignInReport,
    /// Lets a person register.
    Invitation,
}

impl Purpose {
    /// As it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Registration => "registration",
            Self::VerifyEmail => "verify_email",
            Self::EmailChange => "email_change",
            Self::EmailChangeUndo => "email_change_undo",
            Self::ResetPassword => "reset_password",
            Self::SignInReport => "sign_in_report",
            Self::Invitation => "invitation",
        }
    }

    /// How long a token is valid, from when its mail is sent.
    pub fn lifetime(self) -> Duration {
        Duration::from_secs(match self {
            Self::ResetPassword => 10 * MINUTE,
            Self::Registration | Self::VerifyEmail | Self::EmailChange => DAY,
            Self::EmailChangeUndo | Self::SignInReport | Self::Invitation => 7 * DAY,
        })
    }
}

/// A token as the link has it. It is wiped after its last use, and shown nowhere.
#[derive(Clone)]
pub struct MailedToken(Zeroizing<String>);

impl MailedToken {
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let bytes = Zeroizing::new(random::<LENGTH>(entropy));
        Self(Zeroizing::new(BASE64_URL_SAFE_NO_PAD.encode(*bytes)))
    }

    /// `None` if it cannot be a token.
    pub fn parse(text: &str) -> Option<Self> {
        let is_base64url = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        let fits = text.len() == TEXT_LENGTH && text.bytes().all(is_base64url);
        fits.then(|| Self(Zeroizing::new(text.to_owned())))
    }

    /// For the link.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is stored. The token has 256 bits, so nothing slower is needed.
    pub fn hash(&self, purpose: Purpose) -> String {
        let hash = Sha256::new()
            .chain_update(b"vestibule mailed token 1\0")
            .chain_update(purpose.as_str())
            .chain_update(b"\0")
            .chain_update(self.0.as_bytes());
        BASE64_URL_SAFE_NO_PAD.encode(hash.finalize())
    }
}

impl fmt::Debug for MailedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MailedToken")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::system::SystemEntropy;

    #[test]
    fn a_token_is_good_for_one_purpose() {
        let token = MailedToken::generate(&SystemEntropy);
        let read = MailedToken::parse(token.expose()).expect("a token");
        assert_eq!(read.hash(Purpose::ResetPassword), token.hash(Purpose::ResetPassword));
        assert_ne!(token.hash(Purpose::VerifyEmail), token.hash(Purpose::ResetPassword));
        assert!(!format!("{token:?}").contains(token.expose()));
    }

    #[test]
    fn what_cannot_be_a_token_is_none() {
        let token = MailedToken::generate(&SystemEntropy);
        let text = token.expose();
        let (short, long, other) = (&text[1..], format!("{text}A"), text.replace(&text[..1], "="));
        for text in ["", short, long.as_str(), other.as_str(), "é".repeat(43).as_str()] {
            assert!(MailedToken::parse(text).is_none(), "{text}");
        }
    }
}
