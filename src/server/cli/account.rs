use std::{
    error::Error,
    io::{self, IsTerminal, Write},
    sync::Arc,
};

use clap::Subcommand;
use secrecy::{ExposeSecret, SecretString};

use crate::server::{
    accounts::Operator,
    config::Config,
    credentials::PasswordHasher,
    db::accounts::{self, StoredAccount},
    domain::{display_time, plain_text},
    startup,
    system::{SystemClock, SystemEntropy},
};

/// Accounts that are read at a time.
const PAGE: u32 = 500;

#[derive(Debug, Subcommand)]
pub enum AccountCommand {
    /// Create an account: asks for its password, or prints a link by which its owner chooses one
    Create {
        /// The account's email address
        email: String,
        /// The name of its owner
        #[arg(long)]
        name: String,
        /// Print a link to choose a password, valid for 10 minutes, instead of asking for one
        #[arg(long)]
        link: bool,
    },
    /// List accounts, the newest first
    List,
    /// Let no one sign in to an account, and end its sessions at once, also while the server runs
    Disable {
        /// The account's email address
        email: String,
    },
    /// Give an account another address, such as one that was mistyped: ends its sessions and the links that were mailed,
    /// and mails a link to confirm the address
    ChangeEmail {
        /// The account's email address
        old: String,
        /// The address that it gets
        new: String,
    },
    /// Let the owner of a disabled account sign in again
    Enable {
        /// The account's email address
        email: String,
    },
    /// Print a link by which the owner of an account chooses a new password, valid once, for 10 minutes
    ResetLink {
        /// The account's email address
        email: String,
    },
    /// Print or mail a link by which a person can register, valid once, for 7 days
    Invite {
        /// The email address of the person, with which they have to register
        email: String,
        /// Mail the link instead of printing it: a running server sends it
        #[arg(long)]
        mail: bool,
    },
}

#[tokio::main]
pub async fn account(config: &Config, command: AccountCommand) -> Result<(), Box<dyn Error>> {
    let operator = operator(config).await?;
    let mut out = io::stdout().lock();
    match command {
        AccountCommand::Create { email, name, link } => create(&operator, &email, &name, link).await?,
        AccountCommand::List => list(&operator).await?,
        AccountCommand::Disable { email } => {
            let text = match operator.disable(&email).await? {
                true => "The account is disabled, and its sessions have ended.",
                false => "The account was disabled already.",
            };
            writeln!(out, "{text}")?;
        }
        AccountCommand::Enable { email } => {
            let text = match operator.enable(&email).await? {
                true => "The account is enabled.",
                false => "The account was not disabled.",
            };
            writeln!(out, "{text}")?;
        }
        AccountCommand::ChangeEmail { old, new } => {
            operator.change_email(&old, &new).await?;
            writeln!(
                out,
                "The account has the new address. Its sessions and the links mailed so far have ended."
            )?;
        }
        AccountCommand::ResetLink { email } => writeln!(out, "{}", operator.reset_link(&email).await?)?,
        AccountCommand::Invite { email, mail: false } => {
            writeln!(out, "{}", operator.invitation_link(&email).await?)?;
        }
        AccountCommand::Invite { email, mail: true } => {
            operator.mail_invitation(&email).await?;
            writeln!(out, "The invitation is in the queue; `vestibule mail list` shows what waits.")?;
        }
    }
    Ok(())
}

async fn operator(config: &Config) -> Result<Operator, Box<dyn Error>> {
    let db = startup::open_existing_database(config).await?;
    let store = startup::session_store(config, &db).await?;
    let (clock, entropy) = (Arc::new(SystemClock), Arc::new(SystemEntropy));
    Ok(Operator {
        db,
        sessions: Arc::new(startup::session_engine(config, store, clock.clone(), entropy.clone())),
        clock,
        hasher: PasswordHasher::new(&config.passwords, entropy.clone())?,
        entropy,
        public_url: config.public_url.clone(),
        registration: config.registration.policy,
    })
}

async fn create(operator: &Operator, email: &str, name: &str, link: bool) -> Result<(), Box<dyn Error>> {
    let password = if link { None } else { Some(ask_for_password(operator, email, name).await?) };
    operator.create(email, name, password.as_ref()).await?;
    let mut out = io::stdout().lock();
    if link {
        writeln!(out, "{}", operator.reset_link(email).await?)?;
    } else {
        writeln!(out, "The account is created.")?;
    }
    Ok(())
}

/// From the terminal, where it is not shown, or a line of what is piped in. Never from the command line, which other
/// users of the machine can see.
async fn ask_for_password(
    operator: &Operator,
    email: &str,
    name: &str,
) -> Result<SecretString, Box<dyn Error>> {
    if !io::stdin().is_terminal() {
        let mut line = String::new();
        io::stdin().read_line(&mut line)?;
        return Ok(line.trim_end_matches(['\r', '\n']).to_owned().into());
    }
    let password: SecretString = rpassword::prompt_password("Password: ")?.into();
    operator.check_password(&password, name, email).await?;
    if rpassword::prompt_password("The same again: ")? != password.expose_secret() {
        return Err("the two passwords differ; nothing was created".into());
    }
    Ok(password)
}

async fn list(operator: &Operator) -> Result<(), Box<dyn Error>> {
    let mut last: Option<StoredAccount> = None;
    loop {
        let mut page = accounts::page(&operator.db, last.as_ref(), PAGE).await?;
        for stored in &page {
            writeln!(io::stdout(), "{}", line(stored))?;
        }
        match page.pop() {
            Some(stored) => last = Some(stored),
            None if last.is_none() => {
                writeln!(io::stdout(), "No accounts.")?;
                return Ok(());
            }
            None => return Ok(()),
        }
    }
}

fn line(stored: &StoredAccount) -> String {
    let account = &stored.account;
    let states = [
        (stored.disabled_at.is_some(), "disabled"),
        (stored.delete_at.is_some(), "will be deleted"),
        (stored.email_verified_at.is_none(), "email not confirmed"),
        (account.admin, "administrator"),
    ];
    let states: Vec<_> = states.into_iter().filter_map(|(is_so, state)| is_so.then_some(state)).collect();
    let states = if states.is_empty() { String::new() } else { format!("  ({})", states.join(", ")) };
    let created = display_time(stored.created_at).exact;
    format!("{}  {}, created {created}{states}", plain_text(&account.email), plain_text(&account.name))
}
