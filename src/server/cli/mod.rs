//! The command line.

mod account;
mod backup;
mod check;
mod config;
mod copy;
mod mail;
mod migrate;
mod serve;
mod session;

use std::{env, error::Error, ffi::OsString, io, path::PathBuf};

use clap::{Parser, Subcommand};

use self::{
    account::AccountCommand, backup::BackupArguments, copy::CopyArguments, mail::MailCommand,
    session::SessionCommand,
};
use super::config::Config;

/// The front door of a web app: sign-in, sessions and the pages around them.
#[derive(Debug, Parser)]
#[command(version)]
pub struct Cli {
    /// A TOML file with the settings to change
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the app until Ctrl-C or SIGTERM (what happens without a command)
    Serve,
    /// Check settings, files, database and session store without serving; fails where a start would fail, but for a
    /// port that is in use or a data folder that cannot be written to
    Check,
    /// Bring the schema of the database up to date (`serve` does so when it starts)
    Migrate,
    Backup(BackupArguments),
    Copy(CopyArguments),
    /// Create, list, change, disable or enable accounts; print links to register or to choose a password
    Account {
        #[command(subcommand)]
        command: AccountCommand,
    },
    /// List mails that wait or were given up, and send them again
    Mail {
        #[command(subcommand)]
        command: MailCommand,
    },
    /// List or end sessions
    Session {
        #[command(subcommand)]
        command: SessionCommand,
    },
    /// Print every setting with its default and what it is for
    Config {
        /// Print the settings in force instead
        #[arg(long)]
        effective: bool,
    },
}

impl Cli {
    /// Runs the command.
    ///
    /// # Errors
    /// Why it could not be done, for the person at the terminal.
    pub fn run(self) -> Result<(), Box<dyn Error>> {
        // Ours have ASCII names; what else is in the environment need not be text.
        let text = |(name, value): (OsString, OsString)| {
            Some((name.into_string().ok()?, value.to_string_lossy().into_owned()))
        };
        let load = || Config::load(self.config.as_deref(), env::vars_os().filter_map(text).collect());
        let done = match self.command.unwrap_or(Command::Serve) {
            Command::Serve => serve::serve(load()?),
            Command::Check => check::check(&load()?),
            Command::Migrate => migrate::migrate(&load()?),
            Command::Backup(arguments) => backup::backup(&load()?, &arguments),
            Command::Copy(arguments) => copy::copy(&load()?, arguments),
            Command::Account { command } => account::account(&load()?, command),
            Command::Mail { command } => mail::mail(&load()?, command),
            Command::Session { command } => session::session(&load()?, command),
            Command::Config { effective: false } => config::print_reference(),
            Command::Config { effective: true } => config::print_effective(&load()?),
        };
        done.or_else(|error| if has_reader_gone(&*error) { Ok(()) } else { Err(error) })
    }
}

/// As when the output is piped to `head`, which ends when it has read enough.
fn has_reader_gone(error: &(dyn Error + 'static)) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
