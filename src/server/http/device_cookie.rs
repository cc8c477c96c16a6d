//! The cookie by which a browser is known that has signed in before. Signing out leaves it: it gives no access.

use std::{sync::Arc, time::Duration};

use http::{HeaderMap, HeaderValue};

use crate::server::{
    domain::Clock,
    limits::KnownDevices,
    sessions::{CookieNames, SignedCookie},
    signing_keys::SigningKey,
};

const KIND: &str = "device";
const PURPOSE: &[u8] = b"vestibule device cookie 1\0";

/// Reads and writes the cookie.
#[derive(Debug)]
pub struct DeviceCookie {
    cookie: SignedCookie,
    lifetime: Duration,
    clock: Arc<dyn Clock>,
}

impl DeviceCookie {
    /// A browser is known for `lifetime` after a sign-in.
    pub fn new(
        names: &CookieNames,
        keys: Arc<[SigningKey]>,
        lifetime: Duration,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            cookie: SignedCookie::new(names.name(KIND), names.is_secure(), PURPOSE, keys),
            lifetime,
            clock,
        }
    }

    /// What the browser of a request is known for.
    pub(super) fn read(&self, headers: &HeaderMap) -> KnownDevices {
        let verified = self.cookie.read(headers);
        let read = |payload: &[u8]| KnownDevices::read(payload, self.clock.now(), self.lifetime);
        verified.map_or_else(KnownDevices::default, |verified| read(&verified.payload))
    }

    /// The header that sets the cookie, if someone has signed in.
    pub(super) fn set(&self, devices: &KnownDevices) -> Option<HeaderValue> {
        self.cookie.set(&devices.changed()?, Some(self.lifetime))
    }
}
