//! Argon2id, and how much of it.
//!
//! Whether an account exists must not show in the time that a wrong password takes (ASVS 6.3.8), also after the
//! parameters were changed and hashes of both kinds are stored. So the work of a wrong password is always that of
//! the costliest parameters in use: who stored a cheaper hash, or does not exist, has some more to be done.

use std::{
    io,
    sync::atomic::{AtomicU64, Ordering},
};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD};
use tokio::task;

use crate::server::{
    config::PasswordsConfig,
    domain::{Entropy, random},
};

pub const SALT_LENGTH: usize = 16;
const HASH_LENGTH: usize = 32;

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
    #[error("no threads can be started to hash passwords")]
    Threads(#[from] io::Error),
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

/// Hashes with the parameters of today, and verifies those of any other day.
#[derive(Debug)]
pub struct Argon2id {
    current: Params,
    /// The most work of any hash that was seen, the current parameters included. That of costlier hashes, left from
    /// before the parameters were lowered, is learned from the first of them.
    costliest: AtomicU64,
    done: AtomicU64,
    /// Compared with when there is no account. No password has it: it is of random bytes.
    dummy: String,
}

impl Argon2id {
    pub fn new(config: &PasswordsConfig, entropy: &dyn Entropy) -> Result<Self, PasswordError> {
        let PasswordsConfig { memory, passes, lanes, .. } = *config;
        let current = Params::new(memory, passes, lanes, Some(HASH_LENGTH))?;
        let salt = BASE64_STANDARD_NO_PAD.encode(random::<SALT_LENGTH>(entropy));
        let hash = BASE64_STANDARD_NO_PAD.encode(random::<HASH_LENGTH>(entropy));
        let dummy = format!("$argon2id$v=19$m={memory},t={passes},p={lanes}${salt}${hash}");
        let costliest = AtomicU64::new(work(&current));
        Ok(Self { current, costliest, done: AtomicU64::new(0), dummy })
    }

    /// KiB filled so far, counted once for each pass.
    pub fn work_done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    /// A PHC string.
    pub fn hash(&self, password: &[u8], salt: &[u8; SALT_LENGTH]) -> Result<String, PasswordError> {
        let hash = argon2(self.current.clone()).hash_password_with_salt(password, salt)?;
        self.count(work(&self.current));
        Ok(hash.to_string())
    }

    /// Compares with a PHC string, or with none at the same cost.
    pub fn verify(
        &self,
        password: &[u8],
        stored: Option<&str>,
        salt: &[u8; SALT_LENGTH],
    ) -> Result<Verification, PasswordError> {
        let parsed =
            PasswordHash::new(stored.unwrap_or(&self.dummy)).map_err(argon2::password_hash::Error::from)?;
        let params = Params::try_from(&parsed)?;
        let spent = work(&params);
        let needed = self.costliest.fetch_max(spent, Ordering::Relaxed).max(spent);
        let compared = argon2(params.clone()).verify_password(password, &parsed);
        self.count(spent);
        match compared {
            Ok(()) if stored.is_none() => Ok(Verification::Wrong),
            Ok(()) if self.is_current(&parsed, &params) => Ok(Verification::Correct { upgraded: None }),
            Ok(()) => Ok(Verification::Correct { upgraded: Some(self.hash(password, salt)?) }),
            Err(argon2::password_hash::Error::PasswordInvalid) => {
                self.spend(needed - spent, password, salt)?;
                Ok(Verification::Wrong)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Works for nothing: with the memory of the current parameters at most, in as few passes as that takes.
    fn spend(&self, work: u64, password: &[u8], salt: &[u8]) -> Result<(), PasswordError> {
        let passes = work.div_ceil(u64::from(self.current.m_cost())).max(1);
        let memory = work / passes;
        if memory < u64::from(Params::MIN_M_COST) {
            return Ok(()); // No one can measure that.
        }
        let (memory, passes) =
            (u32::try_from(memory).unwrap_or(u32::MAX), u32::try_from(passes).unwrap_or(u32::MAX));
        argon2(Params::new(memory, passes, 1, None)?).hash_password_into(
            password,
            salt,
            &mut [0; HASH_LENGTH],
        )?;
        self.count(u64::from(memory) * u64::from(passes));
        Ok(())
    }

    fn is_current(&self, hash: &PasswordHash, params: &Params) -> bool {
        let costs = |params: &Params| (params.m_cost(), params.t_cost(), params.p_cost());
        hash.algorithm.as_str() == "argon2id" && costs(params) == costs(&self.current)
    }

    fn count(&self, work: u64) {
        self.done.fetch_add(work, Ordering::Relaxed);
    }
}

fn argon2(params: Params) -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// How long a hash takes is in proportion to this.
fn work(params: &Params) -> u64 {
    u64::from(params.m_cost()) * u64::from(params.t_cost())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::system::SystemEntropy;

    const SALT: &[u8; SALT_LENGTH] = &[1; SALT_LENGTH];
    /// Work that is too little to be measured.
    const NEGLIGIBLE: u64 = 16;

    /// Parameters that are quick to try.
    fn argon2id(memory: u32, passes: u32) -> Argon2id {
        let config = PasswordsConfig { memory, passes, lanes: 1, at_a_time: 1, waiting: 1 };
        Argon2id::new(&config, &SystemEntropy).expect("valid parameters")
    }

    fn work_of_a_wrong_password(argon2id: &Argon2id, stored: Option<&str>) -> u64 {
        let before = argon2id.work_done();
        let verification = argon2id.verify(b"wrong", stored, SALT).expect("verified");
        assert_eq!(verification, Verification::Wrong);
        argon2id.work_done() - before
    }

    #[test]
    fn a_wrong_password_is_the_same_work_for_every_account() {
        let current = argon2id(256, 2);
        let parameters = [(256, 2), (64, 1), (64, 3), (257, 1), (100, 5), (16, 31)];
        for (memory, passes) in parameters {
            let stored = argon2id(memory, passes).hash(b"right", SALT).expect("hashed");
            let work = work_of_a_wrong_password(&current, Some(&stored));
            assert!(work.abs_diff(512) < NEGLIGIBLE, "{memory} KiB, {passes} passes: {work}");
        }
        assert_eq!(work_of_a_wrong_password(&current, None), 512);
    }

    #[test]
    fn it_is_that_of_the_costliest_hash_that_is_left_from_costlier_days() {
        let current = argon2id(256, 2);
        let cheap = argon2id(64, 1).hash(b"right", SALT).expect("hashed");
        let costly = argon2id(512, 3).hash(b"right", SALT).expect("hashed");
        for stored in [Some(costly.as_str()), None, Some(&cheap), Some(&costly)] {
            let work = work_of_a_wrong_password(&current, stored);
            assert!(work.abs_diff(1536) < NEGLIGIBLE, "{stored:?}: {work}");
        }
    }

    #[test]
    fn a_hash_of_other_parameters_is_upgraded() {
        let current = argon2id(256, 2);
        for (memory, passes) in [(64, 1), (512, 3)] {
            let stored = argon2id(memory, passes).hash(b"right", SALT).expect("hashed");
            let verification = current.verify(b"right", Some(&stored), SALT).expect("verified");
            let Verification::Correct { upgraded: Some(upgraded) } = verification else {
                panic!("{verification:?}")
            };
            let again = current.verify(b"right", Some(&upgraded), SALT).expect("verified");
            assert_eq!(again, Verification::Correct { upgraded: None });
        }
    }
}
