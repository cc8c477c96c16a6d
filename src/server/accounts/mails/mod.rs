//! Mails of use cases: they are put into a queue in the transaction of what they are about, and sent in the background.

mod compose;
mod deliver;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

pub use self::deliver::{ATTEMPT_TIMEOUT, are_due, deliver_next, purge_old};
use crate::server::{
    db::{Database, DatabaseError, Transaction, mails},
    domain::{Clock, Entropy, NewMail, random},
    state::AppState,
};

/// Puts a mail into the queue. After the commit, [`wake`](crate::server::mail::Mailer::wake) sends it at once.
///
/// # Errors
/// If the database fails.
pub async fn enqueue(
    state: &AppState,
    transaction: &mut Transaction,
    mail: &NewMail,
) -> Result<(), DatabaseError> {
    enqueue_with(&*state.clock, &*state.entropy, transaction, mail).await
}

/// The same in a transaction of its own, for a command: a server sends it.
///
/// # Errors
/// If the database fails.
pub async fn enqueue_alone(
    db: &Database,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
    mail: &NewMail,
) -> Result<(), DatabaseError> {
    let mut transaction = db.begin().await?;
    enqueue_with(clock, entropy, &mut transaction, mail).await?;
    transaction.commit().await
}

/// The same with a clock and entropy, for a command that does more in the transaction.
///
/// # Errors
/// If the database fails.
pub async fn enqueue_with(
    clock: &dyn Clock,
    entropy: &dyn Entropy,
    transaction: &mut Transaction,
    mail: &NewMail,
) -> Result<(), DatabaseError> {
    let id = BASE64_URL_SAFE_NO_PAD.encode(random::<16>(entropy));
    mails::enqueue(transaction, &id, mail, clock.now()).await
}
