use std::{
    convert::Infallible,
    error::Error,
    io::{self, Write},
    time::Duration,
};

use clap::Args;
use indicatif::{HumanCount, ProgressBar, ProgressFinish, ProgressStyle};

use crate::server::{
    config::{Config, ConfigError, SecretUrl},
    db::copy::{self, Progress},
    startup,
    system::SystemClock,
};

/// A whole table is counted in one statement.
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(120);
const BAR: &str = "{msg} {wide_bar} {human_pos} of {human_len} rows, {eta} left";
/// Rows between two lines, where there is no bar.
const ROWS_PER_LINE: u64 = 100_000;

/// Copy accounts, sessions and the audit log to another database, which must be new or empty
///
/// Stop the server first: it must not run while its database is copied. Then copy, set database.url to the new
/// database, and start the server again. People stay signed in: the keys that sign cookies are not in the
/// database, and sessions that are in Valkey stay there.
///
/// The database that is copied from is not changed. If the copy is stopped, no server starts on the new database
/// until the same command was run again, and has completed.
#[derive(Debug, Args)]
pub struct CopyArguments {
    /// The database to copy from, sqlite://… or postgres://… [default: database.url]
    #[arg(long, value_name = "URL", value_parser = secret_url)]
    from: Option<SecretUrl>,
    /// The database to copy to [default: database.url, which unlike an argument is not in the list of processes]
    #[arg(long, value_name = "URL", value_parser = secret_url)]
    to: Option<SecretUrl>,
}

fn secret_url(url: &str) -> Result<SecretUrl, Infallible> {
    Ok(SecretUrl::new(url.to_owned()))
}

#[tokio::main]
pub async fn copy(config: &Config, arguments: CopyArguments) -> Result<(), Box<dyn Error>> {
    let (from, to) = (with_database(config, arguments.from), with_database(config, arguments.to));
    if from.database.url == to.database.url {
        return Err("--from and --to are the same database".into());
    }
    let (source_name, target_name) = (database_name(&from, "--from")?, database_name(&to, "--to")?);
    let source = startup::open_existing_database(&from).await?;
    let target = startup::open_database(&to).await?;
    let mut display = Display::new();
    let report = move |progress| display.show(progress);
    let copying = copy::copy(&source, &target, &source_name, &SystemClock, report);
    let counts = tokio::select! {
        counts = copying => counts?,
        _ = tokio::signal::ctrl_c() => return Err("stopped; run the same command again to complete the copy".into()),
    };
    source.close().await;
    target.close().await;
    let mut out = io::stdout().lock();
    writeln!(out, "Copied {source_name} to {target_name}. Rows of both: {counts}.")?;
    Ok(writeln!(out, "Set database.url to the copy to serve from it.")?)
}

/// The configuration with another database, whose statements may take longer.
fn with_database(config: &Config, url: Option<SecretUrl>) -> Config {
    let mut config = config.clone();
    let database = &mut config.database;
    database.url = url.unwrap_or_else(|| database.url.clone());
    database.statement_timeout = database.statement_timeout.max(STATEMENT_TIMEOUT);
    config
}

fn database_name(config: &Config, argument: &str) -> Result<String, String> {
    match config.database.location(&config.data_dir) {
        Ok(location) => Ok(location.to_string()),
        Err(ConfigError::Invalid { problem, .. }) => Err(format!("{argument}: {problem}")),
        Err(error) => Err(error.to_string()),
    }
}

/// Shows how far the copy is: a bar, if stderr is a terminal, and a line for each table.
struct Display {
    bar: ProgressBar,
    printed: Option<Progress>,
}

impl Display {
    fn new() -> Self {
        let style = ProgressStyle::with_template(BAR).unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = ProgressBar::no_length().with_style(style).with_finish(ProgressFinish::AndClear);
        Self { bar, printed: None }
    }

    fn show(&mut self, progress: Progress) {
        if self.bar.message() != progress.table {
            self.bar.reset();
            self.bar.set_message(progress.table);
        }
        self.bar.set_length(progress.of);
        self.bar.set_position(progress.rows);
        if self.is_line_due(progress) {
            let (rows, of) = (HumanCount(progress.rows), HumanCount(progress.of));
            self.bar.suspend(|| eprintln!("{}: {rows} of {of} rows", progress.table));
            self.printed = Some(progress);
        }
    }

    fn is_line_due(&self, progress: Progress) -> bool {
        let printed = self.printed.filter(|printed| printed.table == progress.table);
        let since = progress.rows - printed.map_or(0, |printed| printed.rows);
        progress.rows >= progress.of || (self.bar.is_hidden() && since >= ROWS_PER_LINE)
    }
}
