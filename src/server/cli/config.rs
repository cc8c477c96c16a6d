use std::{
    error::Error,
    io::{self, Write},
};

use crate::server::config::{Config, REFERENCE};

pub fn print_reference() -> Result<(), Box<dyn Error>> {
    Ok(io::stdout().write_all(REFERENCE.as_bytes())?)
}

pub fn print_effective(config: &Config) -> Result<(), Box<dyn Error>> {
    Ok(io::stdout().write_all(toml::to_string(config)?.as_bytes())?)
}
