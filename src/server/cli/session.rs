use std::{error::Error, io, io::Write, sync::Arc};

use clap::Subcommand;

use crate::{
    model::EndReason,
    server::{
        accounts::Email,
        config::Config,
        db::{Database, accounts},
        domain::{Account, Client, SessionHandle, device_name},
        sessions::{Engine, Selection},
        startup,
        system::{SystemClock, SystemEntropy},
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
        #[arg(long, value_name = "HANDLE", allow_hyphen_values = true)]
        session: Option<String>,
    },
}

#[tokio::main]
pub async fn session(config: &Config, command: SessionCommand) -> Result<(), Box<dyn Error>> {
    let db = startup::open_existing_database(config).await?;
    let store = startup::session_store(config, &db).await?;
    let sessions = startup::session_engine(config, store, Arc::new(SystemClock), Arc::new(SystemEntropy));
    match command {
        SessionCommand::List { email } => list(&sessions, &account(&db, &email).await?).await,
        SessionCommand::End { email, session } => end(&sessions, account(&db, &email).await?, session).await,
    }
}

async fn account(db: &Database, email: &str) -> Result<Account, Box<dyn Error>> {
    let parsed = Email::parse_existing(email)
        .map_err(|problem| format!("{email:?}: {}", words::problem("email", problem)))?;
    let found = accounts::by_emails(db, parsed.keys()).await?;
    Ok(found.ok_or_else(|| format!("there is no account with the email address {email:?}"))?.0)
}

async fn list(sessions: &Engine, account: &Account) -> Result<(), Box<dyn Error>> {
    let (now, sessions) = (sessions.now().millis(), sessions.list(account).await?);
    let mut out = io::stdout().lock();
    for session in &sessions {
        let device = device_name(&session.user_agent);
        let seen = words::relative(session.seen_at.millis(), now);
        writeln!(out, "{}  {device}, {}, last active {seen}", session.handle, session.address)?;
    }
    if sessions.is_empty() {
        writeln!(out, "No sessions.")?;
    }
    Ok(())
}

async fn end(sessions: &Engine, account: Account, handle: Option<String>) -> Result<(), Box<dyn Error>> {
    let selection = match handle {
        Some(handle) => Selection::ByHandle(account.id, SessionHandle::new(handle)),
        None => Selection::All(account.id),
    };
    let ended =
        sessions.revoke(selection, EndReason::EndedByAdministrator, &Client::command_line()).await?.len();
    writeln!(io::stdout(), "Ended {ended} session{}.", if ended == 1 { "" } else { "s" })?;
    Ok(())
}
