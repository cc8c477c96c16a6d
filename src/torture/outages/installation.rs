//! Everything that runs: PostgreSQL, Valkey, two servers, and nginx in front of them.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

use super::proxy;
use crate::{
    scenario::{Run, public_url},
    server::Server,
    servers::{Nginx, PostgresServer, ValkeyServer, free_port},
};

pub const DATABASE: &str = "vestibule";

#[derive(Debug)]
pub struct Installation {
    // Dropped in this order.
    _proxy: Nginx,
    pub servers: [Server; 2],
    pub postgres: PostgresServer,
    pub valkey: ValkeyServer,
    /// Of nginx.
    pub port: u16,
    proxy_log: PathBuf,
}

impl Installation {
    pub fn start(run: &Run) -> io::Result<Self> {
        let (postgres, valkey, port) = (PostgresServer::start(), ValkeyServer::start(), free_port());
        postgres.create_database(DATABASE, None);
        let environment = environment(&postgres, &valkey, port);
        let servers = [run.server("server A", &environment)?, run.server("server B", &environment)?];
        for server in &servers {
            server.start()?;
        }
        let proxy = Nginx::start(&proxy::configuration(port, servers.each_ref().map(|server| server.port)));
        let proxy_log = proxy.folder().join("log");
        Ok(Self { _proxy: proxy, servers, postgres, valkey, port, proxy_log })
    }

    /// The address that people type.
    pub fn public_url(&self) -> String {
        public_url(self.port)
    }

    /// Copies the logs that are elsewhere, as far as they can be found, to those of the servers.
    pub fn copy_logs(&self, folder: &Path) {
        let postgres =
            PathBuf::from(self.postgres.sql(DATABASE, "SHOW data_directory")).with_file_name("log");
        let valkey = self.valkey.ask("CONFIG GET dir").unwrap_or_default();
        let valkey =
            valkey.lines().find(|line| line.starts_with('/')).map(|folder| Path::new(folder).join("log"));
        let logs = [
            ("nginx.log", Some(self.proxy_log.clone())),
            ("postgres.log", Some(postgres)),
            ("valkey.log", valkey),
        ];
        for (name, log) in logs {
            if let Some(Err(error)) = log.map(|log| fs::copy(log, folder.join(name))) {
                println!("{name} cannot be copied: {error}");
            }
        }
    }
}

/// What all servers are told.
fn environment(postgres: &PostgresServer, valkey: &ValkeyServer, port: u16) -> Vec<(&'static str, String)> {
    vec![
        ("VESTIBULE_PUBLIC_URL", public_url(port)),
        ("VESTIBULE_DATABASE__URL", postgres.url(DATABASE)),
        ("VESTIBULE_SESSIONS__URL", valkey.url()),
        ("VESTIBULE_SESSIONS__KEY_PREFIX", "torture".to_owned()),
        ("VESTIBULE_SESSIONS__KEYS", BASE64_URL_SAFE_NO_PAD.encode([7; 32])),
        // All people come from one address, and do not mistype so often by themselves.
        ("VESTIBULE_LIMITS__REQUESTS_BURST", "0".to_owned()),
        ("VESTIBULE_LIMITS__SIGN_IN_BURST", "0".to_owned()),
        ("VESTIBULE_LIMITS__REGISTER_BURST", "0".to_owned()),
        ("VESTIBULE_LIMITS__ACCOUNT_ATTEMPTS", "0".to_owned()),
        // So that sessions are extended all the time.
        ("VESTIBULE_SESSIONS__TOUCH_INTERVAL", "2s".to_owned()),
    ]
}
