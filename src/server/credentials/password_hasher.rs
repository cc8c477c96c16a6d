//! Password hashing: bounded, and the same work for accounts that do not exist.

use std::{num::NonZero, sync::Arc, thread};

use secrecy::{ExposeSecret, SecretString};
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use super::{
    hashing_queue::{HashingQueue, Priority},
    hashing_threads::HashingThreads,
    password_hash::{Argon2id, PasswordError, Verification},
};
use crate::server::{
    config::PasswordsConfig,
    domain::{Entropy, random},
    memory_limit::memory_limit,
};

/// Hashes and verifies, as many at a time as the settings say: each run fills its own memory, so their number bounds
/// what strangers can make the server use.
#[derive(Debug)]
pub struct PasswordHasher {
    queue: HashingQueue,
    threads: HashingThreads,
    argon2id: Arc<Argon2id>,
    entropy: Arc<dyn Entropy>,
}

impl PasswordHasher {
    /// # Errors
    /// If Argon2 does not know such parameters, or the system refuses threads.
    pub fn new(config: &PasswordsConfig, entropy: Arc<dyn Entropy>) -> Result<Self, PasswordError> {
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        let at_a_time = config.at_a_time(cores, memory_limit());
        let argon2id = Arc::new(Argon2id::new(config, &*entropy)?);
        let queue = HashingQueue::new(at_a_time, config.waiting);
        Ok(Self { queue, threads: HashingThreads::new(at_a_time)?, argon2id, entropy })
    }

    /// A PHC string of the password in NFC.
    ///
    /// # Errors
    /// [`PasswordError::Busy`] when too many are waiting.
    pub async fn hash(&self, password: &SecretString, priority: Priority) -> Result<String, PasswordError> {
        let password = normalized(password);
        let salt = random(&*self.entropy);
        self.run(priority, move |argon2id| argon2id.hash(password.as_bytes(), &salt)).await
    }

    /// Compares; with `None` for an account that does not exist, at the same cost.
    ///
    /// # Errors
    /// [`PasswordError::Busy`] when too many are waiting; another if the stored hash is no PHC string.
    pub async fn verify(
        &self,
        password: &SecretString,
        stored: Option<String>,
        priority: Priority,
    ) -> Result<Verification, PasswordError> {
        let password = normalized(password);
        let salt = random(&*self.entropy);
        self.run(priority, move |argon2id| argon2id.verify(password.as_bytes(), stored.as_deref(), &salt))
            .await
    }

    /// KiB of memory filled so far, counted once for each pass: what hashing has cost, whatever the clock says.
    pub fn work_done(&self) -> u64 {
        self.argon2id.work_done()
    }

    /// Other work on a password, when it is its turn.
    pub(super) async fn in_turn<T: Send + 'static>(
        &self,
        priority: Priority,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, PasswordError> {
        let turn = self.queue.turn(priority).await?;
        // The work owns its turn: a request that is cancelled must not free it early.
        let in_turn = move || {
            let _turn = turn;
            work()
        };
        Ok(self.threads.run(in_turn).await?)
    }

    async fn run<T: Send + 'static>(
        &self,
        priority: Priority,
        work: impl FnOnce(&Argon2id) -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let argon2id = Arc::clone(&self.argon2id);
        self.in_turn(priority, move || work(&argon2id)).await?
    }
}

/// NFC, so that the same password typed on another keyboard is the same bytes (RFC 8265).
fn normalized(password: &SecretString) -> Zeroizing<String> {
    let password = password.expose_secret();
    // With room for all of it: a text that grows leaves copies of its beginning behind. (NFC at most triples UTF-8.)
    let mut normalized = Zeroizing::new(String::with_capacity(password.len() * 3));
    normalized.extend(password.nfc());
    normalized
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::server::{config::Config, system::SystemEntropy};

    #[tokio::test]
    async fn a_password_is_recognised_however_it_was_typed() {
        let config = Config::load(None, HashMap::new()).expect("the defaults").passwords;
        let hasher = PasswordHasher::new(&config, Arc::new(SystemEntropy)).expect("valid parameters");
        let secret = |text: &str| SecretString::from(text);
        let stored = hasher.hash(&secret("cafe\u{301} olé"), Priority::Known).await.expect("hashed");
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        let verify = async |text, stored| {
            hasher.verify(&secret(text), stored, Priority::Stranger).await.expect("verified")
        };
        assert_eq!(
            verify("café ole\u{301}", Some(stored.clone())).await,
            Verification::Correct { upgraded: None }
        );
        assert_eq!(verify("cafe ole", Some(stored)).await, Verification::Wrong);
        assert_eq!(verify("café olé", None).await, Verification::Wrong);
    }
}
