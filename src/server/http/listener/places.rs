//! How many connections there may be, in all and from one address.
//!
//! When there is no place left, a connection that loses the least makes room: one that is idle, the longest first,
//! or else one whose client takes its time in the middle of a request. So strangers who hold connections do not shut
//! out people who use theirs.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use ipnet::IpNet;
use tokio::{sync::Notify, time::Instant};

use super::activity::{Activity, Timeouts};
use crate::server::{config::HttpConfig, domain::network_of};

#[derive(Debug)]
pub struct Places {
    config: HttpConfig,
    timeouts: Timeouts,
    open: Mutex<Open>,
    /// Told when a place gets free.
    pub freed: Notify,
}

#[derive(Debug, Default)]
struct Open {
    connections: HashMap<u64, Connection>,
    by_network: HashMap<IpNet, usize>,
    last_number: u64,
}

#[derive(Debug)]
struct Connection {
    activity: Arc<Activity>,
    /// Whose limit it counts for; none if its address is trusted.
    network: Option<IpNet>,
}

/// Why there is no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Full {
    /// No more for this address.
    Address,
    /// None at all.
    Everything,
}

impl Places {
    pub fn new(config: &HttpConfig) -> Self {
        Self {
            config: config.clone(),
            timeouts: Timeouts::new(config),
            open: Mutex::default(),
            freed: Notify::new(),
        }
    }

    /// A place for a connection from this address.
    pub fn enter(self: &Arc<Self>, peer: IpAddr) -> Result<Place, Full> {
        // The connections of all visitors come from a trusted proxy.
        let network = (!self.config.trusts(peer)).then(|| network_of(peer));
        let mut open = self.lock();
        if let Some(network) = network
            && open
                .by_network
                .get(&network)
                .is_some_and(|count| *count >= self.config.max_connections_per_address)
            && !open.make_room(|connection| connection.network == Some(network))
        {
            return Err(Full::Address);
        }
        if open.connections.len() >= self.config.max_connections && !open.make_room(|_| true) {
            return Err(Full::Everything);
        }
        open.last_number += 1;
        let (number, activity) = (open.last_number, Arc::new(Activity::new(self.timeouts)));
        open.connections.insert(number, Connection { activity: activity.clone(), network });
        if let Some(network) = network {
            *open.by_network.entry(network).or_default() += 1;
        }
        drop(open);
        Ok(Place { places: Arc::clone(self), number, activity })
    }

    /// Closes all connections but those with a request under way, which may finish.
    pub fn stop(&self) {
        self.lock().connections.values().for_each(|connection| connection.activity.stop());
    }

    /// Closes all connections.
    pub fn close(&self) {
        self.lock().connections.values().for_each(|connection| connection.activity.close());
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    /// Closes the one of these connections that loses the least; false if none can be closed.
    fn make_room(&mut self, is_asked: impl Fn(&Connection) -> bool) -> bool {
        let now = Instant::now();
        let asked = self.connections.iter().filter(|(_, connection)| is_asked(connection));
        let losses = asked.filter_map(|(number, connection)| Some((connection.activity.loss(now)?, *number)));
        let Some((_, number)) = losses.min() else { return false };
        if let Some(connection) = self.remove(number) {
            connection.activity.close();
        }
        true
    }

    fn remove(&mut self, number: u64) -> Option<Connection> {
        let connection = self.connections.remove(&number)?;
        if let Some(network) = connection.network
            && let Some(count) = self.by_network.get_mut(&network)
        {
            *count -= 1;
            if *count == 0 {
                self.by_network.remove(&network);
            }
        }
        Some(connection)
    }
}

/// Held for as long as a connection is open.
#[derive(Debug)]
pub struct Place {
    places: Arc<Places>,
    number: u64,
    pub activity: Arc<Activity>,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.lock().remove(self.number);
        self.places.freed.notify_one();
    }
}
