//! Real database servers and proxies, in throwaway folders and on free ports of this machine. They end with
//! this process, however it ends. Tests, benchmarks and tools include this folder, so it imports nothing of
//! the crate.

#![allow(clippy::expect_used, clippy::panic, reason = "only tests and benchmarks start servers")]
#![allow(dead_code, unused_imports, reason = "most of those who include this folder use a part of it")]

mod certificate;
mod cluster;
mod folder;
mod nginx;
mod port;
mod postgres;
mod process;
mod process_table;
mod program;
mod service;
mod valkey;

use std::sync::OnceLock;

pub use cluster::ValkeyCluster;
pub use nginx::Nginx;
pub use port::free_port;
pub use postgres::PostgresServer;
pub use valkey::ValkeyServer;

/// The PostgreSQL that all tests of this process share. Each creates a database of its own in it.
pub fn postgres() -> &'static PostgresServer {
    static SERVER: OnceLock<PostgresServer> = OnceLock::new();
    SERVER.get_or_init(PostgresServer::start)
}

/// The Valkey that all tests of this process share.
pub fn valkey() -> &'static ValkeyServer {
    static SERVER: OnceLock<ValkeyServer> = OnceLock::new();
    SERVER.get_or_init(ValkeyServer::start)
}

/// The Valkey cluster that all tests of this process share.
pub fn cluster() -> &'static ValkeyCluster {
    static CLUSTER: OnceLock<ValkeyCluster> = OnceLock::new();
    CLUSTER.get_or_init(ValkeyCluster::start)
}
