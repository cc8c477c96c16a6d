//! What pages and sessions cost: `make bench` prints tables. No result depends on the time taken. `cargo test`
//! runs it on a small table, so that it stays runnable.

mod fill;
mod layers;
mod mail;
mod page;
mod purge;
mod samples;
mod sign_in;
mod store;
mod visitor;

use std::{env, error::Error, sync::Arc};

use tempfile::TempDir;
use vestibule::server::{
    config::{Config, LimitsConfig},
    startup::Application,
    system::{SystemClock, SystemEntropy},
};

#[expect(dead_code, reason = "the tests also look at its audit log")]
#[path = "../tests/support/memory_store.rs"]
mod memory_store;
#[path = "../tests/support/servers/mod.rs"]
mod servers;
#[path = "../tests/support/site.rs"]
mod site;

/// Number of sessions in the table, for the benchmark and among the tests.
const MEASURED: i64 = 1_000_000;
const TRIED: i64 = 2_000;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    mail::measure().await?;
    let folder = tempfile::tempdir()?;
    let application = boot(&folder, |_| {}).await?;
    let db = application.state().app.db.clone();
    let sessions = if is_bench() { MEASURED } else { TRIED };
    println!("\nSession stores with {sessions} sessions; one at a time, in microseconds, median / p99\n");
    store::measure(&application.state().app.config, &db, sessions).await?;
    page::measure(application, &db).await
}

/// Whether this is `cargo bench`, and not `cargo test`.
fn is_bench() -> bool {
    env::args().any(|argument| argument == "--bench")
}

/// The application as it is deployed, on a free port and an empty data folder.
async fn boot(folder: &TempDir, change: impl FnOnce(&mut Config)) -> Result<Application, Box<dyn Error>> {
    let mut config = Config::load(None, std::collections::HashMap::new())?;
    config.http.listen = ([127, 0, 0, 1], 0).into();
    config.http.site_root = folder.path().join("site");
    config.data_dir = folder.path().join("data");
    // All requests come from one address. Attempts are counted as usual, and never too many.
    const NEVER: u32 = 1_000_000;
    let defaults = config.limits;
    config.limits = LimitsConfig {
        requests_burst: 0,
        sign_in_burst: NEVER,
        account_attempts: NEVER,
        register_burst: NEVER,
        mails_from_burst: NEVER,
        mails_to_burst: NEVER,
        ..defaults
    };
    config.database.statement_timeout = std::time::Duration::from_mins(10); // filling takes one statement
    site::build(&config.http.site_root)?;
    change(&mut config);
    Ok(Application::build(config, Arc::new(SystemClock), Arc::new(SystemEntropy)).await?)
}
