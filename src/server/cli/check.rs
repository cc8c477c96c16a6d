//! `vestibule check`: whether a server would start.

use std::{
    error::Error,
    io::{self, Write},
};

use crate::server::{config::Config, startup, telemetry};

#[tokio::main]
pub async fn check(config: &Config) -> Result<(), Box<dyn Error>> {
    telemetry::filter(config)?;
    let warnings = startup::check(config).await?;
    let mut out = io::stdout().lock();
    for warning in warnings {
        writeln!(out, "Note: {warning}.")?;
    }
    Ok(writeln!(out, "A server can start with these settings.")?)
}
