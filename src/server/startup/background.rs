//! What goes on beside requests. Of each task that changes what all processes share, one process at a time has the
//! lease; if it dies, another takes over when the lease has expired.

use std::{sync::Arc, time::Duration};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use tokio::{
    task::JoinSet,
    time::{Instant, MissedTickBehavior, interval, interval_at, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::server::{
    accounts::{self, mails},
    audit,
    db::{Database, DatabaseError, leases, processes},
    domain::{Clock, Entropy, error_chain, random},
    http::session_events::Streams,
    sessions::PURGE_BATCH_TIMEOUT,
    signing_keys::{SigningKey, fingerprint},
    state::AppState,
};

/// How often expired sessions are removed.
const PURGE_INTERVAL: Duration = Duration::from_secs(60);
const PURGE: &str = "purge";
/// A process that has not renewed its lease for this long has died. Longer than a batch of the purge may take.
const LEASE: Duration = Duration::from_secs(180);
const _: () = assert!(LEASE.as_secs() > PURGE_BATCH_TIMEOUT.as_secs());
/// How often the queue is looked at. What this process puts into it is sent at once; this is for mails that are tried
/// again, and for those of commands and of other processes.
const MAIL_INTERVAL: Duration = Duration::from_secs(5);
const MAILS: &str = "mails";
/// Longer than one mail may take.
const MAIL_LEASE: Duration = Duration::from_secs(90);
const _: () = assert!(MAIL_LEASE.as_secs() > mails::ATTEMPT_TIMEOUT.as_secs());
/// How long a process that stops tries to say so.
const UNREGISTER_TIMEOUT: Duration = Duration::from_secs(1);
/// How often a process says that it serves.
const HEARTBEAT: Duration = Duration::from_secs(30);
const _: () = assert!(processes::STALE_AFTER.as_secs() > 2 * HEARTBEAT.as_secs());

/// Starts all of it, until `stop`; a mail that is being sent then has `finishing_timeout`.
pub fn start(
    process: &Arc<Process>,
    app: &AppState,
    streams: &Arc<Streams>,
    stop: &CancellationToken,
    finishing_timeout: Duration,
) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    tasks.spawn({
        let (process, stop) = (process.clone(), stop.clone());
        async move { process.run(&stop).await }
    });
    tasks.spawn({
        let (process, app, stop) = (process.clone(), app.clone(), stop.clone());
        async move { process.purge(&app, &stop).await }
    });
    tasks.spawn({
        let (process, app, stop) = (process.clone(), app.clone(), stop.clone());
        async move { process.deliver_mails(&app, &stop, finishing_timeout).await }
    });
    tasks.spawn({
        let (streams, sessions, stop) = (streams.clone(), app.sessions.clone(), stop.clone());
        async move {
            stop.run_until_cancelled(streams.poller.run(&sessions)).await;
        }
    });
    tasks
}

/// This process, among those that serve the same application.
#[derive(Debug)]
pub struct Process {
    id: String,
    db: Database,
    clock: Arc<dyn Clock>,
    signs_with: String,
    verifies: Vec<String>,
    /// Fingerprints of keys that others have and this process does not, as of its start.
    unfamiliar: Vec<String>,
}

impl Process {
    /// # Errors
    /// If the database fails.
    pub async fn register(
        db: Database,
        clock: Arc<dyn Clock>,
        entropy: &dyn Entropy,
        keys: &[SigningKey],
    ) -> Result<Self, DatabaseError> {
        let verifies: Vec<_> = keys.iter().map(fingerprint).collect();
        let signs_with = verifies.first().cloned().unwrap_or_default();
        let id = BASE64_URL_SAFE_NO_PAD.encode(random::<9>(entropy));
        let mut process = Self { id, db, clock, signs_with, verifies, unfamiliar: Vec::new() };
        process.unfamiliar = process.heartbeat().await?;
        warn_of(&process.unfamiliar);
        Ok(process)
    }

    /// Says that this process serves. Returns the fingerprints of keys that others sign with, and that it does
    /// not have.
    async fn heartbeat(&self) -> Result<Vec<String>, DatabaseError> {
        let now = self.clock.now();
        processes::register(&self.db, &self.id, &self.signs_with, now).await?;
        let mut others = processes::fingerprints(&self.db, now).await?;
        others.retain(|fingerprint| !self.verifies.contains(fingerprint));
        Ok(others)
    }

    /// Says again and again that this process serves, until `stop`.
    pub async fn run(&self, stop: &CancellationToken) {
        let mut rounds = interval_at(Instant::now() + HEARTBEAT, HEARTBEAT);
        let mut known = self.unfamiliar.clone();
        while stop.run_until_cancelled(rounds.tick()).await.is_some() {
            let Some(beat) = stop.run_until_cancelled(self.heartbeat()).await else { return };
            match beat {
                Ok(unfamiliar) if unfamiliar != known => {
                    warn_of(&unfamiliar);
                    known = unfamiliar;
                }
                Ok(_) => {}
                Err(error) => {
                    tracing::warn!(cause = %error_chain(&error), "this process could not say that it serves")
                }
            }
        }
    }

    /// Removes expired sessions, old entries of the audit log, and what limits do not need any more, again and again,
    /// until `stop`, as long as no other process does.
    pub async fn purge(&self, app: &AppState, stop: &CancellationToken) {
        let mut rounds = interval_at(Instant::now() + PURGE_INTERVAL, PURGE_INTERVAL);
        while stop.run_until_cancelled(rounds.tick()).await.is_some() {
            let Some(purged) = stop.run_until_cancelled(self.purge_once(app)).await else { return };
            if let Err(error) = purged {
                tracing::warn!(cause = %error_chain(&error), "the lease of the purge could not be renewed");
            }
        }
    }

    /// A batch of each, in turns: neither waits until all of the other is removed, nor when the other fails.
    async fn purge_once(&self, app: &AppState) -> Result<(), DatabaseError> {
        let mut more = true;
        while more && self.acquire_lease(PURGE).await? {
            let events = audit::purge_batch(&self.db, &app.config.audit, self.clock.now()).await;
            more = purged("old security events", events)
                | purged("expired sessions", app.sessions.purge_batch().await)
                | purged("counters of attempts", app.limits.purge_batch().await)
                | purged("deleted accounts", accounts::delete_next(app).await)
                | purged("expired links and old mails", mails::purge_old(app).await);
        }
        Ok(())
    }

    /// Sends mails until `stop`, one at a time, as long as no other process does. The one that is under way then has
    /// `finishing_timeout`.
    pub async fn deliver_mails(&self, app: &AppState, stop: &CancellationToken, finishing_timeout: Duration) {
        let mut rounds = interval(MAIL_INTERVAL);
        rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = rounds.tick() => {}
                () = app.mailer.woken() => {}
            }
            if let Err(error) = self.deliver_due_mails(app, stop, finishing_timeout).await {
                tracing::warn!(cause = %error_chain(&error), "mails could not be read from the queue, or marked as sent");
            }
        }
    }

    async fn deliver_due_mails(
        &self,
        app: &AppState,
        stop: &CancellationToken,
        finishing_timeout: Duration,
    ) -> Result<(), DatabaseError> {
        if !mails::are_due(&self.db, self.clock.now()).await? {
            return Ok(());
        }
        let delivered = self.deliver_with_lease(app, stop, finishing_timeout).await;
        // After a failure too: another process may do better.
        delivered.and(leases::release(&self.db, MAILS, &self.id).await)
    }

    async fn deliver_with_lease(
        &self,
        app: &AppState,
        stop: &CancellationToken,
        finishing_timeout: Duration,
    ) -> Result<(), DatabaseError> {
        let mut more = true;
        while more && !stop.is_cancelled() && self.acquire_lease_for(MAILS, MAIL_LEASE).await? {
            let delivering = mails::deliver_next(app, &self.db);
            tokio::pin!(delivering);
            more = tokio::select! {
                more = &mut delivering => more?,
                // One that is under way is finished: if it was cut off, it might be sent twice.
                () = stop.cancelled() => match timeout(finishing_timeout, delivering).await {
                    Ok(more) => more?,
                    Err(_) => false,
                },
            };
        }
        Ok(())
    }

    async fn acquire_lease(&self, task: &str) -> Result<bool, DatabaseError> {
        self.acquire_lease_for(task, LEASE).await
    }

    async fn acquire_lease_for(&self, task: &str, duration: Duration) -> Result<bool, DatabaseError> {
        leases::acquire(&self.db, task, &self.id, self.clock.now(), duration).await
    }

    /// Gives its leases back, so that others take over at once.
    pub async fn unregister(&self) {
        let left = async {
            leases::release_all(&self.db, &self.id).await?;
            processes::remove(&self.db, &self.id, self.clock.now()).await
        };
        match timeout(UNREGISTER_TIMEOUT, left).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::warn!(cause = %error_chain(&error), "other processes could not be told that this one stops");
            }
            Err(_) => tracing::warn!("other processes could not be told in time that this one stops"),
        }
    }
}

/// Whether there is more to remove. What has failed is tried again in the next round.
fn purged<E: std::error::Error + 'static>(what: &str, result: Result<bool, E>) -> bool {
    result.unwrap_or_else(|error| {
        tracing::warn!(cause = %error_chain(&error), "{what} could not be removed");
        false
    })
}

fn warn_of(unfamiliar: &[String]) {
    if !unfamiliar.is_empty() {
        tracing::warn!(
            fingerprints = unfamiliar.join(" "),
            "another process signs cookies with a key that this one does not have, so people who sign in there are \
             signed out here: give all processes the same sessions.keys or sessions.keys_file"
        );
    }
}
