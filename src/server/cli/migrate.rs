use std::{
    error::Error,
    io::{self, Write},
};

use crate::server::{config::Config, startup};

#[tokio::main]
pub async fn migrate(config: &Config) -> Result<(), Box<dyn Error>> {
    startup::open_database(config).await?.close().await;
    let location = config.database.location(&config.data_dir)?;
    Ok(writeln!(io::stdout(), "The schema of {location} is up to date.")?)
}
