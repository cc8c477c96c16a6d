//! Browsers that have signed in to an account before (OWASP, "Slow Down Online Guessing Attacks with Device
//! Cookies"). What others try does not delay them, so strangers cannot lock anyone out.
//!
//! That is all that it gives, so a change of the password leaves it as it is: if someone changes the password
//! because others try to guess it, the browser must not become a stranger's.

use std::{
    fmt,
    sync::{Arc, OnceLock},
    time::Duration,
};

use sha2::{Digest, Sha256};

use crate::server::domain::{Entropy, Timestamp, random};

/// A browser that is used for more accounts forgets the one that signed in the longest time ago.
const MAX_ACCOUNTS: usize = 8;
const ID_LENGTH: usize = 16;
const ACCOUNT_LENGTH: usize = 16;
const TIME_LENGTH: usize = size_of::<i64>();
const ENTRY_LENGTH: usize = TIME_LENGTH + ID_LENGTH + ACCOUNT_LENGTH;

/// The random name of a browser, of its own for each account, and another after each sign-in: from then on, a
/// thief of the cookie does not share its budget. A cookie that was replaced stays valid until it expires, as nothing
/// is stored about it; that is why all browsers of an account have a budget together, too.
pub type DeviceId = [u8; ID_LENGTH];

/// The accounts that the browser of a request has signed in to, as its cookie says.
#[derive(Clone, Default)]
pub struct KnownDevices(Arc<Devices>);

#[derive(Default)]
struct Devices {
    known: Vec<Entry>,
    /// What is known from now on, if someone has signed in by this request.
    next: OnceLock<Vec<Entry>>,
}

#[derive(Clone)]
struct Entry {
    expires_at: Timestamp,
    id: DeviceId,
    /// A hash of the email address, so that the cookie does not show it.
    account: [u8; ACCOUNT_LENGTH],
}

impl KnownDevices {
    /// Reads what [`changed`](Self::changed) has written, but for what has expired. An entry that lasts longer than
    /// `lifetime` from now was made by a clock that was ahead of time, or under another setting.
    pub fn read(payload: &[u8], now: Timestamp, lifetime: Duration) -> Self {
        let entries = payload.chunks_exact(ENTRY_LENGTH).filter_map(Entry::read).take(MAX_ACCOUNTS);
        let is_valid = |entry: &Entry| now < entry.expires_at && entry.expires_at <= now + lifetime;
        Self(Arc::new(Devices { known: entries.filter(is_valid).collect(), next: OnceLock::new() }))
    }

    /// The name of the browser if it has signed in with this email address.
    pub fn find(&self, email_key: &str) -> Option<&DeviceId> {
        self.0.known.iter().find(|entry| entry.is_of(email_key)).map(|entry| &entry.id)
    }

    /// The browser has signed in with this email address, and is known for it until then.
    pub fn remember(&self, email_key: &str, expires_at: Timestamp, entropy: &dyn Entropy) {
        let id = random(entropy);
        let entry = Entry { expires_at, id, account: hash(&id, email_key) };
        let others = self.0.known.iter().filter(|other| !other.is_of(email_key)).cloned();
        // A request signs in once.
        let _ = self.0.next.set([entry].into_iter().chain(others).take(MAX_ACCOUNTS).collect());
    }

    /// What the cookie has to carry from now on; `None` if nothing has changed.
    pub fn changed(&self) -> Option<Vec<u8>> {
        Some(self.0.next.get()?.iter().flat_map(Entry::bytes).collect())
    }
}

impl fmt::Debug for KnownDevices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KnownDevices({})", self.0.known.len())
    }
}

impl Entry {
    fn read(bytes: &[u8]) -> Option<Self> {
        let (time, rest) = bytes.split_first_chunk::<TIME_LENGTH>()?;
        let (id, rest) = rest.split_first_chunk::<ID_LENGTH>()?;
        let account = rest.first_chunk::<ACCOUNT_LENGTH>()?;
        let expires_at = Timestamp::from_millis(i64::from_be_bytes(*time));
        Some(Self { expires_at, id: *id, account: *account })
    }

    fn bytes(&self) -> Vec<u8> {
        [&self.expires_at.millis().to_be_bytes()[..], &self.id, &self.account].concat()
    }

    fn is_of(&self, email_key: &str) -> bool {
        self.account == hash(&self.id, email_key)
    }
}

fn hash(id: &DeviceId, email_key: &str) -> [u8; ACCOUNT_LENGTH] {
    let hash = Sha256::new().chain_update(b"vestibule device 1\0").chain_update(id).chain_update(email_key);
    let mut account = [0; ACCOUNT_LENGTH];
    account.copy_from_slice(&hash.finalize()[..ACCOUNT_LENGTH]);
    account
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::system::SystemEntropy;

    const NOW: Timestamp = Timestamp::from_millis(1_764_000_000_000);
    const DAY: Duration = Duration::from_hours(24);

    /// The same browser after a sign-in.
    fn signed_in(devices: &KnownDevices, email_key: &str) -> KnownDevices {
        devices.remember(email_key, NOW + DAY, &SystemEntropy);
        KnownDevices::read(&devices.changed().expect("it has changed"), NOW, DAY)
    }

    #[test]
    fn a_browser_knows_its_accounts_and_forgets_the_oldest() {
        let mut devices = KnownDevices::default();
        assert_eq!((devices.find("0"), devices.changed()), (None, None));
        for account in 0..=MAX_ACCOUNTS {
            devices = signed_in(&devices, &account.to_string());
        }
        assert_eq!(devices.find("0"), None);
        assert!((1..=MAX_ACCOUNTS).all(|account| devices.find(&account.to_string()).is_some()));
    }

    #[test]
    fn each_sign_in_gives_another_name() {
        let first = signed_in(&KnownDevices::default(), "a");
        let second = signed_in(&first, "a");
        assert!(first.find("a").is_some() && second.find("a").is_some());
        assert_ne!(first.find("a"), second.find("a"));
        assert_eq!(second.0.known.len(), 1);
    }

    #[test]
    fn a_name_lasts_for_its_lifetime_by_any_clock() {
        let devices = KnownDevices::default();
        devices.remember("a", NOW + DAY, &SystemEntropy);
        let payload = devices.changed().expect("it has changed");
        let is_known = |now| KnownDevices::read(&payload, now, DAY).find("a").is_some();
        assert!(is_known(NOW));
        assert!(!is_known(NOW + DAY));
        assert!(!is_known(NOW - DAY));
    }

    #[test]
    fn anything_else_is_no_browser() {
        for payload in [&b""[..], b"x", &[0; ENTRY_LENGTH - 1], &[255; 10 * ENTRY_LENGTH]] {
            assert_eq!(KnownDevices::read(payload, NOW, DAY).find("a"), None);
        }
    }
}
