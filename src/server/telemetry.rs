//! Logging. No body, cookie, query or token is ever logged.

use std::{io, panic, time::Duration};

use tracing::Subscriber;
use tracing_appender::non_blocking::{ErrorCounter, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::{EnvFilter, filter::ParseError, fmt::MakeWriter, util::SubscriberInitExt};

use super::{
    config::{Config, LogFormat},
    log_writer::PlainLines,
};

/// Lines that may wait to be written. Further ones are dropped, so that a slow terminal or pipe does not
/// slow requests down.
const BUFFERED_LINES: usize = 16 * 1024;

/// Below this level the driver of PostgreSQL logs the parameters of statements, and hashes of passwords with them.
const WITHOUT_PARAMETERS: &str = "tokio_postgres=info";
/// While SQLite cannot be written, the pool tries to connect many times a second, and would log each attempt. The
/// statement that fails in the end is logged anyway.
const WITHOUT_ATTEMPTS: &str = "sqlx_core::pool=off";

/// How often it is checked whether lines were dropped.
const DROPPED_INTERVAL: Duration = Duration::from_secs(60);

/// Writes log lines until it is dropped.
#[derive(Debug)]
pub struct Logging {
    dropped: ErrorCounter,
    _writer: WorkerGuard,
}

impl Logging {
    /// Logs how many lines were dropped since the last time, every minute until it is cancelled.
    pub async fn report_dropped_lines(&self) {
        let mut reported = 0;
        loop {
            tokio::time::sleep(DROPPED_INTERVAL).await;
            let dropped = self.dropped.dropped_lines();
            if dropped > reported {
                tracing::warn!(lines = dropped - reported, "log lines could not be written in time");
                reported = dropped;
            }
        }
    }
}

/// Why nothing can be logged.
#[derive(Debug, thiserror::Error)]
#[error("log: {filter:?} is no filter such as \"info\" or \"vestibule=debug,info\"")]
pub struct FilterError {
    filter: String,
    source: ParseError,
}

/// What is logged.
///
/// # Errors
/// If the filter in the configuration is invalid.
pub fn filter(config: &Config) -> Result<EnvFilter, FilterError> {
    let parse = || {
        let filter = EnvFilter::builder().parse(&config.log)?;
        Ok(filter.add_directive(WITHOUT_PARAMETERS.parse()?).add_directive(WITHOUT_ATTEMPTS.parse()?))
    };
    parse().map_err(|source| FilterError { filter: config.log.clone(), source })
}

/// Starts logging to standard error, on a thread of its own. A panic becomes a log line like any other.
///
/// # Errors
/// If the filter in the configuration is invalid.
pub fn init(config: &Config) -> Result<Logging, FilterError> {
    let filter = filter(config)?;
    let builder = NonBlockingBuilder::default().buffered_lines_limit(BUFFERED_LINES).thread_name("log");
    let (writer, guard) = builder.finish(io::stderr());
    let dropped = writer.error_counter();
    subscriber(config.log_format, filter, writer).init();
    panic::set_hook(Box::new(|info| {
        let location = info.location().map(ToString::to_string).unwrap_or_default();
        let message = info.payload_as_str().unwrap_or("no message");
        tracing::error!(location, message, "panicked");
    }));
    Ok(Logging { dropped, _writer: guard })
}

/// What turns events into lines. There are no colours: their codes are control characters, which a stranger could
/// write as well.
pub fn subscriber<W>(format: LogFormat, filter: EnvFilter, writer: W) -> Box<dyn Subscriber + Send + Sync>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(PlainLines(writer));
    match format {
        LogFormat::Text => Box::new(lines.with_target(false).with_ansi(false).finish()),
        LogFormat::Json => Box::new(lines.json().flatten_event(true).finish()),
    }
}
