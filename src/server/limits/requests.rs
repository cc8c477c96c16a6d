//! Requests of any kind, counted in this process.

use std::{
    fmt,
    hash::{BuildHasher, RandomState},
    net::IpAddr,
    num::NonZeroU32,
};

use governor::{
    Quota, RateLimiter,
    clock::{Clock, MonotonicClock},
    nanos::Nanos,
    state::{InMemoryState, NotKeyed, StateStore},
};

use super::too_many::TooMany;
use crate::server::{config::LimitsConfig, domain::network_of};

/// Each takes 8 bytes, so this is all the memory that strangers can fill.
const CELLS: usize = 1 << 16;

/// Limits the requests of each address.
pub struct RequestLimiter {
    limiter: RateLimiter<usize, Cells, MonotonicClock>,
    /// Seeded, so that no one can choose addresses that share the cell of another.
    hasher: RandomState,
}

/// Addresses that share a cell by chance are limited together.
struct Cells(Vec<InMemoryState>);

impl StateStore for Cells {
    type Key = usize;

    fn measure_and_replace<T, F, E>(&self, key: &usize, decide: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        self.0[key % CELLS].measure_and_replace(&NotKeyed::NonKey, decide)
    }
}

impl RequestLimiter {
    /// `None` if requests are not limited.
    pub fn new(config: &LimitsConfig) -> Option<Self> {
        let burst = NonZeroU32::new(config.requests_burst)?;
        let quota = Quota::with_period(config.requests_interval)?.allow_burst(burst);
        let cells = (0..CELLS).map(|_| InMemoryState::default()).collect();
        let limiter = RateLimiter::new(quota, Cells(cells), MonotonicClock);
        Some(Self { limiter, hasher: RandomState::new() })
    }

    pub fn check(&self, address: IpAddr) -> Result<(), TooMany> {
        #[expect(clippy::cast_possible_truncation, reason = "it is reduced to a cell anyway")]
        let cell = self.hasher.hash_one(network_of(address)) as usize % CELLS;
        self.limiter
            .check_key(&cell)
            .map_err(|not_until| TooMany { retry_after: not_until.wait_time_from(MonotonicClock.now()) })
    }
}

impl fmt::Debug for RequestLimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RequestLimiter")
    }
}
