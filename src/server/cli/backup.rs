use std::{
    error::Error,
    io::{self, Write},
    path::PathBuf,
};

use clap::Args;

use crate::server::{config::Config, startup};

/// Write the database (SQLite) and the keys that sign cookies to a new folder, also while servers run
///
/// A copy of the file of the database is not a backup: while a server runs it may be corrupt. This is one. To restore
/// it, stop the servers, and put the folder in the place of the data folder.
#[derive(Debug, Args)]
pub struct BackupArguments {
    /// A folder that does not exist yet, or is empty
    folder: PathBuf,
}

#[tokio::main]
pub async fn backup(config: &Config, arguments: &BackupArguments) -> Result<(), Box<dyn Error>> {
    let backup = startup::back_up(config, &arguments.folder).await?;
    let mut out = io::stdout().lock();
    for file in &backup.files {
        writeln!(out, "Wrote {}.", file.display())?;
    }
    if backup.lacks_keys {
        writeln!(out, "The keys that sign cookies are not in the data folder: back them up as well.")?;
    }
    if config.sessions.valkey()?.is_some() {
        writeln!(out, "Sessions are in Valkey: people sign in again unless it still has them.")?;
    }
    let folder = arguments.folder.display();
    Ok(writeln!(out, "{folder} is as secret as the data folder: with it anyone can sign in as anyone.")?)
}
