//! Free TCP ports.

use std::{
    hash::{BuildHasher, RandomState},
    net::{Ipv4Addr, TcpListener},
    sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering},
    },
};

/// Below the ports that the system gives to outgoing connections, even with the 10,000 that a cluster adds
/// for its bus: a server that restarts finds its port free.
const FIRST: u16 = 12_000;
const COUNT: u16 = 10_000;

/// A port of the loopback interface that is free, and that this process has not been given before.
pub fn free_port() -> u16 {
    static NEXT: LazyLock<AtomicU64> = LazyLock::new(|| RandomState::new().hash_one("port").into());
    let mut candidates = (0..COUNT).map(|_| {
        let offset = NEXT.fetch_add(1, Ordering::Relaxed) % u64::from(COUNT);
        FIRST + u16::try_from(offset).expect("less than COUNT")
    });
    candidates.find(|port| is_free(*port) && is_free(*port + 10_000)).expect("a free port")
}

fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}
