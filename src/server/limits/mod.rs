//! How often strangers may try: one verb for each thing that is limited. What is too much is answered with how
//! long to wait, before anything is read or hashed.
//!
//! - [`check_request`](Limits::check_request): everything, per address, in this process.
//! - [`check_sign_in`](Limits::check_sign_in): passwords, per address and per account. The delay for an account grows
//!   with each wrong password. It applies to strangers: a browser that has signed in to the account before has a
//!   budget of its own, so no one can lock another out.
//! - [`check_register`](Limits::check_register): new accounts, per address.
//! - [`check_confirm`](Limits::check_confirm): passwords of an account that is signed in, as a thief of the session
//!   would guess.
//!
//! An attempt is charged before the password is compared, so that guesses that arrive together do not all slip
//! through, and given back if the password is right.

mod counters;
mod devices;
mod requests;
mod rule;
mod subject;
mod too_many;

use std::{net::IpAddr, sync::Arc, time::Duration};

use self::{
    counters::{Charge, Counters},
    requests::RequestLimiter,
    rule::Rule,
    subject::{Counted, Keys, Subject},
};
pub use self::{devices::KnownDevices, too_many::TooMany};
use super::{
    config::LimitsConfig,
    db::{Database, DatabaseError},
    domain::{AccountId, Clock, Entropy},
    signing_keys::SigningKey,
};

/// An attempt that may be made. It stays counted unless it is given to [`Limits::succeeded`] or
/// [`Limits::give_back`].
#[derive(Debug)]
#[must_use]
pub struct Attempt {
    charge: Charge,
    is_known_device: bool,
    /// It was charged to what is known of the browser, and to nothing else.
    has_own_budget: bool,
}

impl Attempt {
    /// Whether the browser has signed in to the account before.
    pub fn is_known_device(&self) -> bool {
        self.is_known_device
    }
}

/// Decides who has to wait.
#[derive(Debug)]
pub struct Limits {
    requests: Option<RequestLimiter>,
    counters: Counters,
    keys: Keys,
    /// Wrong passwords, per address and per account, and registrations; `None` if not limited.
    passwords: Option<Rule>,
    account: Option<Rule>,
    registrations: Option<Rule>,
    device_lifetime: Duration,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl Limits {
    pub fn new(
        config: &LimitsConfig,
        db: Database,
        keys: Arc<[SigningKey]>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        Self {
            requests: RequestLimiter::new(config),
            counters: Counters::new(db, clock.clone()),
            keys: Keys(keys),
            passwords: Rule::of_passwords(config),
            account: Rule::of_account(config),
            registrations: Rule::of_registrations(config),
            device_lifetime: config.device_lifetime,
            clock,
            entropy,
        }
    }

    /// Before anything is done for a request.
    ///
    /// # Errors
    /// If there were too many.
    pub fn check_request(&self, address: IpAddr) -> Result<(), TooMany> {
        self.requests.as_ref().map_or(Ok(()), |requests| requests.check(address))
    }

    /// Before the password of an account is compared to sign in; also for an account that does not exist.
    ///
    /// # Errors
    /// If there were too many attempts, from this address or on this account.
    pub async fn check_sign_in(
        &self,
        address: IpAddr,
        email_key: &str,
        devices: &KnownDevices,
    ) -> Result<Attempt, TooMany> {
        let stranger = (Counted::SignInFrom(address), Counted::SignIn { email_key });
        self.check_password(stranger, email_key, devices).await
    }

    /// Before the password of an account that is signed in is compared.
    ///
    /// # Errors
    /// If there were too many attempts, from this address or on this account.
    pub async fn check_confirm(
        &self,
        address: IpAddr,
        account: &AccountId,
        email_key: &str,
        devices: &KnownDevices,
    ) -> Result<Attempt, TooMany> {
        let stranger = (Counted::ConfirmFrom(address), Counted::Confirm(account));
        self.check_password(stranger, email_key, devices).await
    }

    /// Before an account is created.
    ///
    /// # Errors
    /// If there were too many, from this address.
    pub async fn check_register(&self, address: IpAddr) -> Result<Attempt, TooMany> {
        let subject = self.subject(Counted::RegisterFrom(address), self.registrations);
        let charge = self.counters.charge(subject.into_iter().collect()).await?;
        Ok(Attempt { charge, is_known_device: false, has_own_budget: false })
    }

    async fn check_password(
        &self,
        (address, account): (Counted<'_>, Counted<'_>),
        email_key: &str,
        devices: &KnownDevices,
    ) -> Result<Attempt, TooMany> {
        let device = devices.find(email_key);
        let budget = device.and_then(|id| self.subject(Counted::Device { id, email_key }, self.account));
        let subjects = match budget {
            Some(budget) => vec![budget],
            None => {
                let both = [self.subject(address, self.passwords), self.subject(account, self.account)];
                both.into_iter().flatten().collect()
            }
        };
        let charge = self.counters.charge(subjects).await?;
        Ok(Attempt { charge, is_known_device: device.is_some(), has_own_budget: budget.is_some() })
    }

    fn subject(&self, counted: Counted<'_>, rule: Option<Rule>) -> Option<Subject> {
        rule.map(|rule| Subject { key: self.keys.of(counted), rule })
    }

    /// The password was right: the attempt was none, and the browser is known from now on.
    ///
    /// The wrong passwords of strangers stay counted: if a sign-in of the owner reset the counter, an attacker would
    /// get new attempts with each. The wrong passwords of a known browser are forgotten: they were typing mistakes of
    /// a person who knows the password.
    pub async fn succeeded(&self, attempt: Attempt, email_key: &str, devices: &KnownDevices) {
        self.remember_device(email_key, devices);
        if attempt.has_own_budget {
            self.counters.forget(attempt.charge).await;
        } else {
            self.counters.give_back(attempt.charge).await;
        }
    }

    /// From now on, the browser is known for the account with this email address.
    pub fn remember_device(&self, email_key: &str, devices: &KnownDevices) {
        devices.remember(email_key, self.clock.now() + self.device_lifetime, &*self.entropy);
    }

    /// No password was compared.
    pub async fn give_back(&self, attempt: Attempt) {
        self.counters.give_back(attempt.charge).await;
    }

    /// Removes a batch of counters that say nothing any more; `false` if there are no more of them.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn purge_batch(&self) -> Result<bool, DatabaseError> {
        self.counters.purge_batch().await
    }
}
