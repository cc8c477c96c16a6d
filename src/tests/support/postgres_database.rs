//! Databases of the PostgreSQL server that all tests share.

use std::{
    path::Path,
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    thread,
};

use tokio::runtime::Runtime;
use vestibule::server::{
    config::{DatabaseConfig, SecretUrl},
    db::Database,
};

use super::{installation::default_config, servers};

const TEMPLATE: &str = "template_of_tests";

/// A database of one test, removed at its end.
#[derive(Debug)]
pub struct PostgresDatabase {
    name: String,
}

impl PostgresDatabase {
    /// Without a schema.
    pub fn empty() -> Self {
        Self::create(None)
    }

    /// With the schema of this version.
    pub fn migrated() -> Self {
        static IS_READY: OnceLock<()> = OnceLock::new();
        IS_READY.get_or_init(create_template);
        Self::create(Some(TEMPLATE))
    }

    pub fn url(&self) -> SecretUrl {
        SecretUrl::new(servers::postgres().url(&self.name))
    }

    fn create(template: Option<&str>) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
        servers::postgres().create_database(&name, template);
        Self { name }
    }
}

impl Drop for PostgresDatabase {
    fn drop(&mut self) {
        servers::postgres().sql("postgres", &format!("DROP DATABASE {} WITH (FORCE)", self.name));
    }
}

fn create_template() {
    servers::postgres().create_database(TEMPLATE, None);
    let url = SecretUrl::new(servers::postgres().url(TEMPLATE));
    let config = DatabaseConfig { url, ..default_config().database };
    let migrate = move || {
        Runtime::new().expect("a runtime").block_on(async {
            let db = Database::open_and_migrate(&config, Path::new("")).await.expect("migrated");
            db.close().await;
        });
    };
    // The runtime of the test cannot wait for another on its own thread.
    thread::spawn(migrate).join().expect("a template");
}
