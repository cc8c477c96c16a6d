//! Looks the sessions of all open streams up, once a second and many at a time: that costs the same few queries
//! however many streams there are, and hears of ends by every process and every store, also when notifications
//! would be lost.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::watch,
    time::{MissedTickBehavior, interval, sleep},
};

use crate::{
    model::{EndReason, SessionEvent, SessionState},
    server::{
        domain::error_chain,
        sessions::{Engine, IdHash, Lookup, session_event},
    },
};

/// How often sessions are looked up. Open pages leave within two seconds.
const POLL_INTERVAL: Duration = Duration::from_secs(1);
/// How many sessions one query asks for.
const BATCH: usize = 500;
/// How long a password change may take to give its own session a new id.
const ROTATION_GRACE: Duration = Duration::from_millis(300);

/// Whether a session may still get a new id after a change of the password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rotation {
    MayFollow,
    IsOver,
}

/// What a stream is told.
#[derive(Clone, Debug, PartialEq)]
pub enum Notice {
    Event(Arc<SessionEvent>),
    /// The session has another id by now, and the browser another cookie.
    Replaced,
}

impl Notice {
    fn is_final(&self) -> bool {
        match self {
            Self::Event(event) => matches!(event.state, SessionState::Ended { .. }),
            Self::Replaced => true,
        }
    }
}

/// The sessions that streams listen to.
#[derive(Debug, Default)]
pub struct Poller {
    sessions: Mutex<HashMap<IdHash, watch::Sender<Notice>>>,
}

impl Poller {
    /// Notices about a session, of which this event is known already.
    pub fn subscribe(&self, id: IdHash, known: SessionEvent) -> watch::Receiver<Notice> {
        let notice = Notice::Event(Arc::new(known));
        let mut sessions = self.lock();
        let sender = sessions.entry(id).or_insert_with(|| watch::Sender::new(notice.clone()));
        // Newer than what the last round has told the other streams of the session; but an end is never taken back.
        if !sender.borrow().is_final() {
            tell(sender, notice);
        }
        sender.subscribe()
    }

    /// Looks sessions up for ever.
    pub async fn run(&self, engine: &Engine) {
        let mut rounds = interval(POLL_INTERVAL);
        rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            rounds.tick().await;
            let changing = self.poll(engine, &self.ids(), Rotation::MayFollow).await;
            if !changing.is_empty() {
                sleep(ROTATION_GRACE).await;
                self.poll(engine, &changing, Rotation::IsOver).await;
            }
        }
    }

    /// Looks sessions up. Returns those of which the password was just changed: one of them may be the session
    /// that has changed it, which is about to get its new id.
    async fn poll(&self, engine: &Engine, ids: &[IdHash], rotation: Rotation) -> Vec<IdHash> {
        let mut changing = Vec::new();
        for batch in ids.chunks(BATCH) {
            let lookups = match engine.lookup_many(batch).await {
                Ok(lookups) => lookups,
                // If the store does not answer, nothing is known to have changed.
                Err(error) => {
                    tracing::debug!(cause = %error_chain(&error), "sessions of open pages could not be looked up");
                    continue;
                }
            };
            for (id, lookup) in batch.iter().zip(&lookups) {
                if *lookup == Lookup::Ended(EndReason::PasswordChanged) && rotation == Rotation::MayFollow {
                    changing.push(id.clone());
                } else {
                    self.notify(engine, id, lookup);
                }
            }
        }
        changing
    }

    /// Tells the streams of a session, if there is something new.
    fn notify(&self, engine: &Engine, id: &IdHash, lookup: &Lookup) {
        let notice = match lookup {
            Lookup::Ended(EndReason::Replaced) => Notice::Replaced,
            lookup => Notice::Event(Arc::new(session_event(engine, lookup))),
        };
        if let Some(sender) = self.lock().get(id) {
            tell(sender, notice);
        }
    }

    /// The sessions that still have a stream.
    fn ids(&self) -> Vec<IdHash> {
        let mut sessions = self.lock();
        sessions.retain(|_, sender| !sender.is_closed());
        let mut ids: Vec<_> = sessions.keys().cloned().collect();
        ids.sort_unstable(); // those that a store keeps together are asked for together
        ids
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<IdHash, watch::Sender<Notice>>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Wakes the streams if they do not know this yet.
fn tell(sender: &watch::Sender<Notice>, notice: Notice) {
    sender.send_if_modified(|known| {
        let is_new = !is_like(known, &notice);
        if is_new {
            *known = notice;
        }
        is_new
    });
}

fn is_like(one: &Notice, other: &Notice) -> bool {
    match (one, other) {
        (Notice::Event(one), Notice::Event(other)) => one.state.is_like(other.state),
        (one, other) => one == other,
    }
}
