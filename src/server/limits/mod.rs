//! How often strangers may try: one verb for each thing that is limited. What is too much is answered with how
//! long to wait, before anything is read or hashed.
//!
//! - [`check_request`](Limits::check_request): everything, per address, in this process.
//! - [`check_sign_in`](Limits::check_sign_in): passwords, per address and per account. The delay for an account grows
//!   with each wrong password. It applies to strangers: a browser that has signed in to the account before has a
//!   budget of its own, so no stranger can lock another out. All such browsers of an account have one together, too.
//!   A browser that has used up either is a stranger's.
//! - [`check_register`](Limits::check_register): new accounts, per address.
//! - [`check_mail`](Limits::check_mail): mails that strangers ask for, per address and per email address.
//! - [`check_confirm`](Limits::check_confirm): passwords of an account that is signed in, as a thief of the session
//!   would guess.
//!
//! An attempt is charged before the password is compared, so that guesses that arrive together do not all slip
//! through, and given back if the password is right. Right ones are only counted to decide who is hashed before
//! strangers: otherwise a single account could keep all others waiting.

mod cells;
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
    is_before_strangers: bool,
}

impl Attempt {
    /// Whether it is hashed before those of strangers: the account is signed in, or the browser has signed in to it
    /// before, and neither was used for that too often.
    pub fn is_before_strangers(&self) -> bool {
        self.is_before_strangers
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
    /// For all browsers of an account that are known.
    devices: Option<Rule>,
    /// Passwords that are hashed before those of strangers, per account.
    known: Option<Rule>,
    registrations: Option<Rule>,
    /// Mails that are asked for, per address and per email address, and about new devices.
    mails_from: Option<Rule>,
    mails_to: Option<Rule>,
    notices: Option<Rule>,
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
            devices: Rule::of_devices(config),
            known: Rule::of_known(config),
            registrations: Rule::of_registrations(config),
            mails_from: Rule::of_mails_from(config),
            mails_to: Rule::of_mails_to(config),
            notices: Rule::of_notices(config),
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
        let stranger = [
            self.subject(Counted::SignInFrom(address), self.passwords),
            self.subject(Counted::SignIn { email_key }, self.account),
        ];
        self.check_password(stranger, false, email_key, devices).await
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
        let stranger = [
            self.subject(Counted::ConfirmFrom(address), self.passwords),
            self.subject(Counted::Confirm(account), self.account),
        ];
        self.check_password(stranger, true, email_key, devices).await
    }

    /// Before an account is created.
    ///
    /// # Errors
    /// If there were too many, from this address.
    pub async fn check_register(&self, address: IpAddr) -> Result<Attempt, TooMany> {
        let charge = self.charge([self.subject(Counted::RegisterFrom(address), self.registrations)]).await?;
        Ok(Attempt { charge, is_before_strangers: false })
    }

    /// Before a mail is sent that someone asks for, also to an address without an account.
    ///
    /// # Errors
    /// If there were too many, from this address or to this email address.
    pub async fn check_mail(&self, address: IpAddr, email_key: &str) -> Result<(), TooMany> {
        let from = self.subject(Counted::MailFrom(address), self.mails_from);
        let to = self.subject(Counted::MailTo { email_key }, self.mails_to);
        self.charge([from, to]).await.map(drop)
    }

    /// Before a mail is sent because someone registers. Links to reset a password are counted apart: otherwise strangers
    /// who register with the address of an account would keep its owner from getting one.
    ///
    /// # Errors
    /// If there were too many, from this address or to this email address.
    pub async fn check_registration_mail(&self, address: IpAddr, email_key: &str) -> Result<(), TooMany> {
        let from = self.subject(Counted::MailFrom(address), self.mails_from);
        let to = self.subject(Counted::RegistrationMailTo { email_key }, self.mails_to);
        self.charge([from, to]).await.map(drop)
    }

    /// Before a mail is sent that an account asks for which is signed in. What strangers ask for does not count: they
    /// must not keep the owner from changing the address.
    ///
    /// # Errors
    /// If there were too many, from this address or by this account.
    pub async fn check_own_mail(&self, address: IpAddr, account: &AccountId) -> Result<(), TooMany> {
        let from = self.subject(Counted::MailFrom(address), self.mails_from);
        let by = self.subject(Counted::MailBy(account), self.mails_to);
        self.charge([from, by]).await.map(drop)
    }

    /// Before a mail to the owner of an account about what has just happened, counted for each kind by itself: none buries
    /// another.
    ///
    /// # Errors
    /// If there were too many about that.
    pub async fn check_notice(&self, account: &AccountId, about: &'static str) -> Result<(), TooMany> {
        self.charge([self.subject(Counted::Notice { account, about }, self.notices)]).await.map(drop)
    }

    /// Charges a known browser, or else `stranger`.
    async fn check_password(
        &self,
        stranger: [Option<Subject>; 2],
        is_signed_in: bool,
        email_key: &str,
        devices: &KnownDevices,
    ) -> Result<Attempt, TooMany> {
        let known = self.subject(Counted::Known { email_key }, self.known);
        let device = devices.find(email_key);
        let own = device.and_then(|id| self.subject(Counted::Device { id, email_key }, self.account));
        let mut used_up = None;
        if own.is_some() {
            let all = self.subject(Counted::Devices { email_key }, self.devices);
            match self.charge([own, all, known]).await {
                Ok(charge) => return Ok(Attempt { is_before_strangers: charge.is_complete, charge }),
                Err(too_many) => used_up = Some(too_many),
            }
        }
        let is_known = is_signed_in || (device.is_some() && used_up.is_none());
        let [address, account] = stranger;
        match self.charge([address, account, known.filter(|_| is_known)]).await {
            Ok(charge) => Ok(Attempt { is_before_strangers: is_known && charge.is_complete, charge }),
            Err(too_many) => Err(used_up.into_iter().fold(too_many, TooMany::sooner)),
        }
    }

    async fn charge<const N: usize>(&self, subjects: [Option<Subject>; N]) -> Result<Charge, TooMany> {
        self.counters.charge(subjects.into_iter().flatten().collect()).await
    }

    fn subject(&self, counted: Counted<'_>, rule: Option<Rule>) -> Option<Subject> {
        rule.map(|rule| self.keys.subject(counted, rule))
    }

    /// The password was right: the attempt was none, and the browser is known from now on.
    ///
    /// The wrong passwords of strangers stay counted: if a sign-in of the owner reset the counter, an attacker would
    /// get new attempts with each. The wrong passwords of a known browser are forgotten: they were typing mistakes of
    /// a person who knows the password.
    pub async fn succeeded(&self, attempt: Attempt, email_key: &str, devices: &KnownDevices) {
        self.remember_device(email_key, devices);
        self.counters.succeeded(attempt.charge).await;
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
