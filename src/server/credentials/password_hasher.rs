//! Password hashing: Argon2id, bounded, and the same work for accounts that do not exist.

use std::{num::NonZero, sync::Arc, thread};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD};
use secrecy::{ExposeSecret, SecretString};
use tokio::{sync::Semaphore, task};
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::server::domain::{Entropy, random};

/// Memory in KiB, passes and lanes: the first choice of the OWASP Password Storage Cheat Sheet.
const MEMORY: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const SALT_LENGTH: usize = 16;
const HASH_LENGTH: usize = 32;
/// How many hashes may wait per core; more would only make everyone wait.
const QUEUE_PER_CORE: usize = 16;

/// Why a password could not be hashed or verified.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    #[error("too many passwords are waiting to be hashed")]
    Busy,
    #[error("Argon2 failed")]
    Argon2(#[from] argon2::password_hash::Error),
    #[error("the parameters of Argon2 are out of range")]
    Parameters(#[from] argon2::Error),
    #[error("the hashing task ended early")]
    Task(#[from] task::JoinError),
}

/// The outcome of comparing a password with a hash.
#[derive(Debug, PartialEq, Eq)]
pub enum Verification {
    Wrong,
    Correct {
        /// The same password hashed with today's parameters, if the stored hash has others.
        upgraded: Option<String>,
    },
}

/// Hashes and verifies on blocking threads, as many at a time as there are cores: each run takes
/// 19 MiB, so their number bounds the memory that strangers can make the server use.
#[derive(Debug)]
pub struct PasswordHasher {
    running: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    entropy: Arc<dyn Entropy>,
    /// Compared with when there is no account, so that the answer takes as long.
    dummy_hash: String,
}

impl PasswordHasher {
    pub fn new(entropy: Arc<dyn Entropy>) -> Self {
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        Self {
            running: Arc::new(Semaphore::new(cores)),
            waiting: Arc::new(Semaphore::new(cores * QUEUE_PER_CORE)),
            dummy_hash: dummy_hash(&*entropy),
            entropy,
        }
    }

    /// A PHC string of the password in NFC.
    ///
    /// # Errors
    /// [`PasswordError::Busy`] when too many are waiting.
    pub async fn hash(&self, password: &SecretString) -> Result<String, PasswordError> {
        let password = normalized(password);
        let salt = random(&*self.entropy);
        self.run(move || hash(password.as_bytes(), &salt)).await
    }

    /// Compares; with `None` for an account that does not exist, at the same cost.
    ///
    /// # Errors
    /// [`PasswordError::Busy`] when too many are waiting; another if the stored hash is no PHC string.
    pub async fn verify(
        &self,
        password: &SecretString,
        stored: Option<String>,
    ) -> Result<Verification, PasswordError> {
        let password = normalized(password);
        let salt = random(&*self.entropy);
        let exists = stored.is_some();
        let stored = stored.unwrap_or_else(|| self.dummy_hash.clone());
        self.run(move || {
            let verification = verify(password.as_bytes(), &stored, &salt)?;
            Ok(if exists { verification } else { Verification::Wrong })
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let place = Arc::clone(&self.waiting).try_acquire_owned().map_err(|_| PasswordError::Busy)?;
        let core = Arc::clone(&self.running).acquire_owned().await.map_err(|_| PasswordError::Busy)?;
        // The task owns the permits: a request that is cancelled must not free them early.
        task::spawn_blocking(move || {
            let _permits = (place, core);
            work()
        })
        .await?
    }
}

fn argon2() -> Result<Argon2<'static>, PasswordError> {
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(MEMORY, PASSES, LANES, None)?))
}

fn hash(password: &[u8], salt: &[u8; SALT_LENGTH]) -> Result<String, PasswordError> {
    Ok(argon2()?.hash_password_with_salt(password, salt)?.to_string())
}

/// A hash that no password has: of random bytes, so that none has to be computed.
fn dummy_hash(entropy: &dyn Entropy) -> String {
    let salt = BASE64_STANDARD_NO_PAD.encode(random::<SALT_LENGTH>(entropy));
    let hash = BASE64_STANDARD_NO_PAD.encode(random::<HASH_LENGTH>(entropy));
    format!("$argon2id$v=19$m={MEMORY},t={PASSES},p={LANES}${salt}${hash}")
}

fn verify(password: &[u8], stored: &str, salt: &[u8; SALT_LENGTH]) -> Result<Verification, PasswordError> {
    let parsed = PasswordHash::new(stored).map_err(argon2::password_hash::Error::from)?;
    match argon2()?.verify_password(password, &parsed) {
        Ok(()) if is_current(&parsed) => Ok(Verification::Correct { upgraded: None }),
        Ok(()) => Ok(Verification::Correct { upgraded: Some(hash(password, salt)?) }),
        Err(argon2::password_hash::Error::PasswordInvalid) => Ok(Verification::Wrong),
        Err(error) => Err(error.into()),
    }
}

fn is_current(hash: &PasswordHash) -> bool {
    let number = |name| hash.params.get_decimal(name);
    hash.algorithm.as_str() == "argon2id"
        && number("m") == Some(MEMORY)
        && number("t") == Some(PASSES)
        && number("p") == Some(LANES)
}

/// NFC, so that the same password typed on another keyboard is the same bytes (RFC 8265).
fn normalized(password: &SecretString) -> Zeroizing<String> {
    Zeroizing::new(password.expose_secret().nfc().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::system::SystemEntropy;

    fn hasher() -> PasswordHasher {
        PasswordHasher::new(Arc::new(SystemEntropy))
    }

    #[tokio::test]
    async fn a_password_is_recognised_however_it_was_typed() {
        let hasher = hasher();
        let stored = hasher.hash(&"cafe\u{301} olé".to_owned().into()).await.expect("hashed");
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        let right = hasher.verify(&"café ole\u{301}".to_owned().into(), Some(stored.clone())).await;
        assert_eq!(right.expect("verified"), Verification::Correct { upgraded: None });
        let wrong = hasher.verify(&"cafe ole".to_owned().into(), Some(stored)).await;
        assert_eq!(wrong.expect("verified"), Verification::Wrong);
        let unknown = hasher.verify(&"café olé".to_owned().into(), None).await;
        assert_eq!(unknown.expect("verified"), Verification::Wrong);
    }

    #[tokio::test]
    async fn a_hash_with_old_parameters_is_upgraded() {
        let old = Argon2::new(
            Algorithm::Argon2id,
            Version::V0x13,
            Params::new(8 * 1024, 1, 1, None).expect("fine"),
        );
        let stored = old.hash_password_with_salt(b"correct horse", &[1; 16]).expect("hashed").to_string();
        let hasher = hasher();
        let verified =
            hasher.verify(&"correct horse".to_owned().into(), Some(stored)).await.expect("verified");
        let Verification::Correct { upgraded: Some(upgraded) } = verified else { panic!("{verified:?}") };
        let again = hasher.verify(&"correct horse".to_owned().into(), Some(upgraded)).await;
        assert_eq!(again.expect("verified"), Verification::Correct { upgraded: None });
    }

    #[tokio::test]
    async fn too_many_at_once_are_told_to_come_back() {
        let hasher = hasher();
        let all = u32::try_from(hasher.waiting.available_permits()).expect("a small number");
        let _taken = Arc::clone(&hasher.waiting).acquire_many_owned(all).await.expect("free");
        let refused = hasher.verify(&"anything".to_owned().into(), None).await;
        assert!(matches!(refused, Err(PasswordError::Busy)));
    }
}
