use std::{error::Error, io, io::Write};

use clap::Subcommand;

use crate::{
    model::EndReason,
    server::{
        accounts::Email,
        clock::{Clock, SystemClock},
        config::Config,
        db::{
            Database,
            accounts::{self, Account, AccountId},
        },
        request::Client,
        sessions::{Ending, Handle, Selection, SqlStore, Store, describe},
    },
    words,
};

#[derive(Debug, Subcommand)]
pub enum SessionCommand {
    /// List the sessions of an account
    List {
        /// The account's email address
        email: String,
    },
    /// End the sessions of an account at once, also while the server runs
    End {
        /// The account's email address
        email: String,
        /// Only the session with this handle, as `list` shows it
        #[arg(long, value_name = "HANDLE")]
        session: Option<String>,
    },
}

#[tokio::main]
pub async fn session(config: &Config, command: SessionCommand) -> Result<(), Box<dyn Error>> {
    let file = config.database.sqlite_file(&config.data_dir);
    if !file.exists() {
        return Err(format!("there is no database at {}; is data_dir right?", file.display()).into());
    }
    let db = Database::open(&file).await?;
    let store = SqlStore::new(db.clone());
    match command {
        SessionCommand::List { email } => list(&store, &account(&db, &email).await?).await,
        SessionCommand::End { email, session } => end(&store, account(&db, &email).await?.id, session).await,
    }
}

async fn account(db: &Database, email: &str) -> Result<Account, Box<dyn Error>> {
    let key = Email::parse(email).map_err(|_| format!("{email:?} is no email address"))?.key;
    let found = accounts::by_email(db, &key).await?;
    Ok(found.ok_or_else(|| format!("there is no account of {email}"))?.0)
}

async fn list(store: &SqlStore, account: &Account) -> Result<(), Box<dyn Error>> {
    let now = SystemClock.now();
    let mut sessions = store.list(&account.id, now).await?;
    sessions.retain(|session| session.is_proved_by(account));
    sessions.sort_by_key(|session| session.seen_at);
    let mut out = io::stdout().lock();
    for session in sessions.iter().rev() {
        let (device, seen) =
            (describe(&session.user_agent), words::relative(session.seen_at.millis(), now.millis()));
        writeln!(out, "{}  {device}, {}, last active {seen}", session.handle, session.address)?;
    }
    if sessions.is_empty() {
        writeln!(out, "No sessions.")?;
    }
    Ok(())
}

async fn end(store: &SqlStore, account: AccountId, handle: Option<String>) -> Result<(), Box<dyn Error>> {
    let which = match handle {
        Some(handle) => Selection::One(account, Handle::new(handle)),
        None => Selection::All(account),
    };
    let reason = EndReason::EndedByAdministrator;
    let ending = Ending { reason, at: SystemClock.now(), client: Client::command_line() };
    let ended = store.end(&which, &ending).await?.len();
    writeln!(io::stdout(), "Ended {ended} session{}.", if ended == 1 { "" } else { "s" })?;
    Ok(())
}
