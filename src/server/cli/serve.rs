use std::{
    error::Error,
    io::{self, Write},
    sync::Arc,
};

use tokio::{
    runtime::Runtime,
    signal::unix::{SignalKind, signal},
};
use tokio_util::sync::CancellationToken;

use crate::{
    server::{
        config::{Config, LogFormat},
        startup::Application,
        system::{SystemClock, SystemEntropy},
        telemetry,
    },
    words::PRODUCT,
};

pub fn serve(config: Config) -> Result<(), Box<dyn Error>> {
    let runtime = Runtime::new()?;
    let served = runtime.block_on(run(config));
    // A look-up of a host name that hangs must not delay the end.
    runtime.shutdown_background();
    served
}

async fn run(config: Config) -> Result<(), Box<dyn Error>> {
    let logging = telemetry::init(&config)?;
    let public_url = config.public_url.origin();
    let is_for_people = config.log_format == LogFormat::Text;
    let stop = stop_on_signal()?;
    let application = Application::build(config, Arc::new(SystemClock), Arc::new(SystemEntropy)).await?;
    tracing::info!(listen = %application.address()?, "started");
    if is_for_people {
        // Where no one reads it, it does not matter.
        let _ = writeln!(io::stdout(), "\n  {PRODUCT} is open at {public_url}\n");
    }
    tokio::select! {
        () = application.run(stop) => {}
        () = logging.report_dropped_lines() => {}
    }
    tracing::info!("stopped");
    Ok(())
}

/// Cancelled by Ctrl-C, or by SIGTERM as service managers send it.
fn stop_on_signal() -> io::Result<CancellationToken> {
    let stop = CancellationToken::new();
    let stopping = stop.clone();
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    tokio::spawn(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        stopping.cancel();
    });
    Ok(stop)
}
