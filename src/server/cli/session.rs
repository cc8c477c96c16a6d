use std::{error::Error, io, io::Write, sync::Arc};

use clap::Subcommand;

use crate::{
    model::EndReason,
    server::{
        accounts::Email,
        config::{Config, MAX_SESSIONS},
        db::{Database, accounts},
        domain::{Account, AccountId, Client, SessionHandle, device_name, plain_text},
        sessions::{Engine, Selection, SessionError},
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
    /// End the sessions of an account, or of all accounts, at once, also while the server runs
    End {
        /// The account's email address
        #[arg(required_unless_present = "all", conflicts_with = "all")]
        email: Option<String>,
        /// Only the session with this handle, as `list` shows it
        #[arg(long, value_name = "HANDLE", allow_hyphen_values = true, conflicts_with = "all")]
        session: Option<String>,
        /// The sessions of all accounts: everyone has to sign in again, as after a backup was restored, in which
        /// ended sessions live again
        #[arg(long)]
        all: bool,
        /// Do not ask before all are ended
        #[arg(long, requires = "all")]
        yes: bool,
    },
}

#[tokio::main]
pub async fn session(config: &Config, command: SessionCommand) -> Result<(), Box<dyn Error>> {
    let db = startup::open_existing_database(config).await?;
    let store = startup::session_store(config, &db).await?;
    let sessions = startup::session_engine(config, store, Arc::new(SystemClock), Arc::new(SystemEntropy));
    match command {
        SessionCommand::List { email } => list(&sessions, &account(&db, &email).await?).await,
        SessionCommand::End { email: Some(email), session, .. } => {
            let account = account(&db, &email).await?.id;
            match session {
                Some(handle) => end_one(&sessions, account, &handle).await,
                None => end(&sessions, Selection::All(account)).await,
            }
        }
        SessionCommand::End { email: None, yes, .. } if yes || confirm()? => {
            end(&sessions, Selection::AllAccounts).await
        }
        SessionCommand::End { .. } => Err("nothing was ended".into()),
    }
}

async fn account(db: &Database, email: &str) -> Result<Account, Box<dyn Error>> {
    let parsed = Email::parse_existing(email)
        .map_err(|problem| format!("{email:?}: {}", words::problem("email", problem)))?;
    let found = accounts::by_emails(db, parsed.keys()).await?;
    Ok(found.ok_or_else(|| format!("there is no account with the email address {email:?}"))?.account)
}

async fn list(sessions: &Engine, account: &Account) -> Result<(), Box<dyn Error>> {
    let (now, sessions) = (sessions.now().millis(), sessions.list(account).await?);
    let mut out = io::stdout().lock();
    for session in &sessions {
        let device = device_name(&session.user_agent);
        let seen = words::relative(session.seen_at.millis(), now);
        let address = plain_text(&session.address);
        writeln!(out, "{}  {device}, {address}, last active {seen}", session.handle)?;
    }
    if sessions.is_empty() {
        writeln!(out, "No sessions.")?;
    } else if sessions.len() >= usize::try_from(MAX_SESSIONS)? {
        writeln!(out, "There may be more: {MAX_SESSIONS} are listed at the most.")?;
    }
    Ok(())
}

/// Asks before everyone is signed out. What is not a terminal, and says nothing, has not confirmed.
fn confirm() -> io::Result<bool> {
    let mut out = io::stdout().lock();
    write!(out, "End the sessions of all accounts? Everyone has to sign in again. [y/N] ")?;
    out.flush()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(["y", "yes"].contains(&answer.trim().to_lowercase().as_str()))
}

async fn end_one(sessions: &Engine, account: AccountId, handle: &str) -> Result<(), Box<dyn Error>> {
    let selection = Selection::ByHandle(account, SessionHandle::new(handle.to_owned()));
    match revoke(sessions, selection).await? {
        0 => {
            Err(format!("the account has no session {handle:?}: `vestibule session list` shows those it has")
                .into())
        }
        _ => Ok(writeln!(io::stdout(), "Ended 1 session.")?),
    }
}

async fn end(sessions: &Engine, selection: Selection) -> Result<(), Box<dyn Error>> {
    let ended = revoke(sessions, selection).await?;
    writeln!(io::stdout(), "Ended {ended} session{}.", if ended == 1 { "" } else { "s" })?;
    Ok(())
}

async fn revoke(sessions: &Engine, selection: Selection) -> Result<usize, SessionError> {
    sessions.revoke(selection, EndReason::EndedByAdministrator, &Client::command_line()).await
}
