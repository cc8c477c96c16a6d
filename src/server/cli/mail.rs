use std::{
    error::Error,
    io::{self, Write},
};

use clap::Subcommand;

use crate::server::{
    config::Config,
    db::{
        Database,
        mails::{self, QueuedMail},
    },
    domain::{Clock, Timestamp, plain_text},
    startup,
    system::SystemClock,
};
use crate::words;

/// How many are listed of those that wait, and of those that were given up.
const MAX_LISTED: u32 = 1_000;

#[derive(Debug, Subcommand)]
pub enum MailCommand {
    /// List the mails that wait, and those that were given up, each with why
    List,
    /// Send mails now: a running server does it
    Retry {
        /// The mail with this id, as `list` shows it
        #[arg(allow_hyphen_values = true, required_unless_present = "all", conflicts_with = "all")]
        id: Option<String>,
        /// All mails that were given up
        #[arg(long)]
        all: bool,
    },
}

#[tokio::main]
pub async fn mail(config: &Config, command: MailCommand) -> Result<(), Box<dyn Error>> {
    let db = startup::open_existing_database(config).await?;
    let now = SystemClock.now();
    match command {
        MailCommand::List => list(&db, now).await,
        MailCommand::Retry { id: Some(id), .. } => match mails::retry(&db, &id, now).await? {
            true => Ok(writeln!(io::stdout(), "The mail is sent next.")?),
            false => Err(format!("there is no mail with the id {id:?}").into()),
        },
        MailCommand::Retry { id: None, .. } => {
            let count = mails::retry_given_up(&db, now).await?;
            let mails = if count == 1 { "1 mail is".to_owned() } else { format!("{count} mails are") };
            Ok(writeln!(io::stdout(), "{mails} sent next.")?)
        }
    }
}

async fn list(db: &Database, now: Timestamp) -> Result<(), Box<dyn Error>> {
    let mut out = io::stdout().lock();
    let waiting = mails::waiting(db, MAX_LISTED).await?;
    let given_up = mails::given_up(db, MAX_LISTED).await?;
    for mail in waiting.iter().chain(&given_up) {
        writeln!(out, "{}", line(mail, now))?;
    }
    if waiting.is_empty() && given_up.is_empty() {
        writeln!(out, "No mail waits.")?;
    } else if [&waiting, &given_up].iter().any(|mails| mails.len() >= MAX_LISTED as usize) {
        writeln!(out, "There may be more: {MAX_LISTED} of each are listed at the most.")?;
    }
    Ok(())
}

fn line(mail: &QueuedMail, now: Timestamp) -> String {
    let what = mail.content.as_ref().map_or("unknown", |content| content.name());
    let state = match mail.next_at {
        Some(next_at) => format!("due {}", words::relative(next_at.millis(), now.millis())),
        None => "given up".to_owned(),
    };
    let created = words::relative(mail.created_at.millis(), now.millis());
    let attempts =
        if mail.attempts == 1 { "1 attempt".to_owned() } else { format!("{} attempts", mail.attempts) };
    let error = mail.error.as_ref().map_or_else(String::new, |error| format!(": {}", plain_text(error)));
    format!(
        "{}  {what} to {}, made {created}, {attempts}, {state}{error}",
        mail.id,
        plain_text(&mail.recipient)
    )
}
