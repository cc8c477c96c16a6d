//! The queue of mails behind a running application.

use std::{
    fs,
    path::PathBuf,
    time::{Duration, Instant},
};

use tokio::time::sleep;
use vestibule::server::{
    accounts::mails,
    db::mails::{self as queue, QueuedMail},
    domain::NewMail,
};

use super::{Received, TestApp};

/// How long something may take that goes on in the background, on a machine that has much else to do.
const TIMEOUT: Duration = Duration::from_secs(60);
/// More than any test puts into the queue.
const MANY: u32 = 20_000;

/// Waits until something holds.
#[track_caller]
pub fn until(mut condition: impl AsyncFnMut() -> bool) -> impl Future<Output = ()> {
    let caller = std::panic::Location::caller();
    async move {
        let began = Instant::now();
        while !condition().await {
            assert!(began.elapsed() < TIMEOUT, "waited in vain at {caller}");
            sleep(Duration::from_millis(5)).await;
        }
    }
}

impl TestApp {
    /// Puts mails into the queue, and sends what can be sent.
    pub async fn enqueue_all(&self, mails: impl IntoIterator<Item = NewMail>) {
        let state = &self.state.app;
        let mut transaction = self.db().begin().await.expect("a transaction");
        for mail in mails {
            mails::enqueue(state, &mut transaction, &mail).await.expect("in the queue");
        }
        transaction.commit().await.expect("committed");
        state.mailer.wake();
    }

    /// Moves the clock; what is due then is sent at once.
    pub fn advance(&self, by: Duration) {
        self.clock.advance(by);
        self.state.app.mailer.wake();
    }

    /// The mails that wait, and those that were given up.
    pub async fn queued(&self) -> Vec<QueuedMail> {
        let waiting = queue::waiting(self.db(), MANY).await.expect("mails");
        [waiting, queue::given_up(self.db(), MANY).await.expect("mails")].concat()
    }

    /// The only mail in the queue.
    #[track_caller]
    pub fn queued_mail(&self) -> impl Future<Output = QueuedMail> {
        let caller = std::panic::Location::caller();
        async move {
            let mut queued = self.queued().await;
            assert_eq!(queued.len(), 1, "at {caller}: {queued:?}");
            queued.remove(0)
        }
    }

    pub async fn until_queue_is_empty(&self) {
        until(async || self.queued().await.is_empty()).await;
    }

    /// Waits until the outcome of an attempt is recorded for the only mail in the queue; returns it.
    pub async fn until_failed(&self, attempts: u32) -> QueuedMail {
        let has_failed = |mail: &QueuedMail| mail.attempts == attempts && mail.error.is_some();
        until(async || self.queued().await.iter().all(has_failed)).await;
        self.queued_mail().await
    }

    /// The files of the outbox, in the order of their names.
    pub fn outbox_files(&self) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(self.data_dir().join("outbox")) else { return Vec::new() };
        let mut files: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
        files.sort();
        files
    }

    /// The mails of the outbox.
    pub fn outbox(&self) -> Vec<Received> {
        let is_complete = |file: &PathBuf| file.extension().is_some_and(|extension| extension == "eml");
        let mails = self.outbox_files().into_iter().filter(is_complete);
        let read = mails.map(|file| fs::read_to_string(file).expect("a mail"));
        read.map(|raw| Received { sender: String::new(), recipients: Vec::new(), raw }).collect()
    }

    /// Waits until there are this many mails in the outbox; returns them.
    pub async fn until_in_outbox(&self, count: usize) -> Vec<Received> {
        until(async || self.outbox().len() >= count).await;
        self.outbox()
    }
}
