//! Who hashes when: a bound on the memory that strangers can make the server use, and on how long the others
//! wait because of them.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::password_hash::PasswordError;

/// Who waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Priority {
    /// Signed in already, or on a device that has been: not behind strangers.
    Known,
    Stranger,
}

/// A bounded queue for each [`Priority`].
#[derive(Debug)]
pub struct HashingQueue {
    running: Arc<Semaphore>,
    /// The strangers who are hashing or are next. As there are no more than can hash at a time, those who are known
    /// wait behind no others: `running` is first come, first served.
    strangers_ahead: Arc<Semaphore>,
    /// Free places, of those who hash and those who wait.
    known: Arc<Semaphore>,
    strangers: Arc<Semaphore>,
}

/// A place among those who hash, until it is dropped.
#[derive(Debug)]
pub struct Turn {
    _running: OwnedSemaphorePermit,
    _ahead: Option<OwnedSemaphorePermit>,
    _place: OwnedSemaphorePermit,
}

impl HashingQueue {
    /// `waiting` of each priority may wait for each that is hashed.
    pub fn new(at_a_time: usize, waiting: usize) -> Self {
        let places = at_a_time + at_a_time * waiting;
        Self {
            running: Arc::new(Semaphore::new(at_a_time)),
            strangers_ahead: Arc::new(Semaphore::new(at_a_time)),
            known: Arc::new(Semaphore::new(places)),
            strangers: Arc::new(Semaphore::new(places)),
        }
    }

    /// Waits for a turn.
    ///
    /// # Errors
    /// [`PasswordError::Busy`] when too many are waiting.
    pub async fn turn(&self, priority: Priority) -> Result<Turn, PasswordError> {
        let places = match priority {
            Priority::Known => &self.known,
            Priority::Stranger => &self.strangers,
        };
        let place = Arc::clone(places).try_acquire_owned().map_err(|_| PasswordError::Busy)?;
        let ahead = match priority {
            Priority::Known => None,
            Priority::Stranger => Some(next(&self.strangers_ahead).await?),
        };
        Ok(Turn { _running: next(&self.running).await?, _ahead: ahead, _place: place })
    }
}

async fn next(semaphore: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, PasswordError> {
    Arc::clone(semaphore).acquire_owned().await.map_err(|_| PasswordError::Busy)
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn those_who_are_known_are_ahead_of_strangers() {
        let queue = HashingQueue::new(1, 3);
        let running = queue.turn(Priority::Stranger).await.expect("free");
        let mut strangers = [(); 3].map(|()| Box::pin(queue.turn(Priority::Stranger)));
        for stranger in &mut strangers {
            assert!(stranger.now_or_never().is_none(), "waits");
        }
        assert!(
            matches!(queue.turn(Priority::Stranger).await, Err(PasswordError::Busy)),
            "their queue is full"
        );
        let mut known = pin!(queue.turn(Priority::Known));
        assert!(known.as_mut().now_or_never().is_none(), "waits for the one who hashes");
        drop(running);
        for stranger in &mut strangers {
            assert!(stranger.now_or_never().is_none(), "comes later");
        }
        let turn = known.now_or_never().expect("its turn").expect("not busy");
        drop(turn);
        strangers[0].as_mut().now_or_never().expect("its turn").expect("not busy");
    }

    #[tokio::test]
    async fn the_queue_of_the_known_is_bounded_too() {
        let queue = HashingQueue::new(1, 0);
        let running = queue.turn(Priority::Known).await.expect("free");
        assert!(matches!(queue.turn(Priority::Known).await, Err(PasswordError::Busy)));
        drop(running);
        queue.turn(Priority::Known).await.expect("free again");
    }
}
