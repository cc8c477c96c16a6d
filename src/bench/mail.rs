//! Registering, and asking for a link to reset a password, where mails are sent: whether their time tells that an
//! account exists.

use std::{error::Error, sync::Arc};

use tokio_util::sync::CancellationToken;
use vestibule::server::{
    accounts::Operator,
    config::SecretUrl,
    credentials::PasswordHasher,
    http::state::HttpState,
    startup,
    system::{SystemClock, SystemEntropy},
};

use crate::{samples::Samples, visitor::Visitor};

/// Samples of each kind, and how many among the tests.
const TIMED: usize = 200;
const TRIED: usize = 4;
const EMAIL: &str = "ada@example.org";
/// Nothing listens there: the mails wait in the queue.
const MAIL_SERVER: &str = "smtp://127.0.0.1:9";

/// Measures both forms with the address of an account, and with addresses that have none.
pub async fn measure() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let change = |config: &mut vestibule::server::config::Config| {
        config.mail.url = SecretUrl::new(MAIL_SERVER.to_owned());
    };
    let application = crate::boot(&folder, change).await?;
    create_account(application.state()).await?;
    let visitor = Visitor::anonymous(format!("http://{}", application.address()?))?;
    let stop = CancellationToken::new();
    let running = tokio::spawn(application.run(stop.clone()));
    let samples = if crate::is_bench() { TIMED } else { TRIED };
    println!("\nAsking for mails, {samples} samples of each kind, interleaved; median in milliseconds\n");
    compare(&visitor, samples, "/api/register", "&name=Ada&password=violet+anchor+seldom").await?;
    compare(&visitor, samples, "/api/forgot_password", "").await?;
    stop.cancel();
    Ok(running.await?)
}

async fn create_account(state: &HttpState) -> Result<(), Box<dyn Error>> {
    let (app, clock, entropy) = (&state.app, Arc::new(SystemClock), Arc::new(SystemEntropy));
    let store = startup::session_store(&app.config, &app.db).await?;
    let operator = Operator {
        db: app.db.clone(),
        sessions: std::sync::Arc::new(startup::session_engine(
            &app.config,
            store,
            clock.clone(),
            entropy.clone(),
        )),
        clock,
        hasher: PasswordHasher::new(&app.config.passwords, entropy.clone())?,
        entropy,
        public_url: app.config.public_url.clone(),
        registration: app.config.registration.policy,
    };
    Ok(operator.create(EMAIL, "Ada", None).await?)
}

async fn compare(visitor: &Visitor, samples: usize, path: &str, rest: &str) -> Result<(), Box<dyn Error>> {
    let (mut known, mut unknown) = (Samples::default(), Samples::default());
    for round in 0..samples {
        let of_account = format!("email={}{rest}", EMAIL.replace('@', "%40"));
        let of_nobody = format!("email=ada{round:03}%40example.org{rest}");
        // Each comes first half of the time, since the first pays for what it leaves in the caches.
        if round % 2 == 0 {
            known.time(visitor.ask_for_mail(path, of_account)).await?;
            unknown.time(visitor.ask_for_mail(path, of_nobody)).await?;
        } else {
            unknown.time(visitor.ask_for_mail(path, of_nobody)).await?;
            known.time(visitor.ask_for_mail(path, of_account)).await?;
        }
    }
    let (known, unknown) = (known.median_millis(), unknown.median_millis());
    let ratio = known / unknown;
    println!(
        "{path:<24} an account that exists {known:.2}, one that does not {unknown:.2}: ratio {ratio:.3}"
    );
    Ok(())
}
