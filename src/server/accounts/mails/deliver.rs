//! Sends what is in the queue. A mail leaves it when it was taken, so a process that dies in between loses none. One
//! that dies after the mail server has taken a mail, and before that is recorded, sends it twice: SMTP knows no way
//! around that (RFC 5321, 4.1.1.4; RFC 1047). Both have the same `Message-ID`.

use std::time::Duration;

use tokio::time::timeout;

use super::compose::{Composed, compose};
use crate::server::{
    config::MailConfig,
    db::{Database, DatabaseError, mailed_tokens, mails, mails::QueuedMail, registrations},
    domain::{Timestamp, error_chain},
    mail::{Mail, SendError},
    state::AppState,
};

/// How long to wait after the first failure; twice as long after each …
const FIRST_DELAY: Duration = Duration::from_secs(30);
/// … up to this.
const MAX_DELAY: Duration = Duration::from_secs(60 * 60);
/// About a day; then the operator has to look at it.
const MAX_ATTEMPTS: u32 = 30;
/// How long it may take to find out what a mail says.
const COMPOSE_TIMEOUT: Duration = Duration::from_secs(20);
/// No attempt takes longer.
pub const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(80);
const _: () =
    assert!(ATTEMPT_TIMEOUT.as_secs() == COMPOSE_TIMEOUT.as_secs() + MailConfig::MAX_TIMEOUT.as_secs());
/// How long a registration waits for its mail to be sent, and for the link in it to be opened.
const KEPT_REGISTRATION: Duration = Duration::from_secs(3 * 24 * 60 * 60);
/// How long a mail is kept that was given up.
const KEPT_AFTER_FAILURE: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Sends one mail that is due in `queue`; `false` if there is none. One that fails is tried again later, and delays no
/// other.
///
/// # Errors
/// If the queue cannot be read or changed.
pub async fn deliver_next(state: &AppState, queue: &Database) -> Result<bool, DatabaseError> {
    let now = state.clock.now();
    let Some(mail) = mails::next(queue, now).await? else { return Ok(false) };
    // Before the attempt, so that a mail on which a process dies is not the first one again, and no other process
    // sends it meanwhile, even one whose clock is ahead.
    let retry_at = now + delay_after(mail.attempts).max(ATTEMPT_TIMEOUT);
    if !mails::begin_attempt(queue, &mail, retry_at).await? {
        return Ok(true); // It has been removed or put off since it was read.
    }
    let sent = if mail.attempts < MAX_ATTEMPTS {
        attempt(state, &mail).await
    } else {
        Err(SendError::temporary("each attempt has ended the process".to_owned()))
    };
    match sent {
        Ok(()) => mails::remove(queue, &mail.id).await?,
        Err(error) => postpone(state, queue, &mail, &error).await?,
    }
    Ok(true)
}

async fn attempt(state: &AppState, mail: &QueuedMail) -> Result<(), SendError> {
    if mail.content.is_none() {
        // A newer version has written it, and is to send it.
        return Err(SendError::temporary("this version does not know what it is about".to_owned()));
    }
    let composing = timeout(COMPOSE_TIMEOUT, compose(state, mail)).await;
    let composed = composing.map_err(|_| SendError::temporary("the database took too long".to_owned()))?;
    let composed = composed.map_err(|error| SendError::temporary(error_chain(&error)))?;
    let Some(Composed { recipient, text }) = composed else { return Ok(()) };
    let (id, at) = (mail.id.clone(), state.clock.now());
    state.mailer.send(&Mail { id, recipient, text, at }).await
}

async fn postpone(
    state: &AppState,
    queue: &Database,
    mail: &QueuedMail,
    error: &SendError,
) -> Result<(), DatabaseError> {
    let gives_up = error.is_permanent() || mail.attempts + 1 >= MAX_ATTEMPTS;
    let next_at = (!gives_up).then(|| state.clock.now() + delay_after(mail.attempts));
    let (id, cause, attempts) = (&mail.id, error.without_answer(), mail.attempts + 1);
    if gives_up {
        tracing::error!(mail = id, cause, attempts, "a mail was given up: `vestibule mail list` shows it");
    } else {
        tracing::warn!(mail = id, cause, attempts, "a mail could not be sent yet");
    }
    mails::failed(queue, id, next_at, &error.to_string()).await
}

/// How long to wait after this many failures before.
fn delay_after(failures: u32) -> Duration {
    FIRST_DELAY.saturating_mul(1_u32.checked_shl(failures).unwrap_or(u32::MAX)).min(MAX_DELAY)
}

/// Whether there is a mail to send now.
///
/// # Errors
/// If the database fails.
pub async fn are_due(db: &Database, now: Timestamp) -> Result<bool, DatabaseError> {
    Ok(mails::next(db, now).await?.is_some())
}

/// Removes what is of no use any more: links and registrations that have expired, and mails that were given up long
/// ago. Brings mails forward that wait for a time that the clock showed by mistake. There is never more to do.
///
/// # Errors
/// If the database fails.
pub async fn purge_old(state: &AppState) -> Result<bool, DatabaseError> {
    let now = state.clock.now();
    mailed_tokens::purge(&state.db, now).await?;
    registrations::purge(&state.db, now - KEPT_REGISTRATION).await?;
    mails::purge(&state.db, now - KEPT_AFTER_FAILURE).await?;
    // The clock was set back after they had been put off.
    mails::bring_forward(&state.db, now, now + 2 * MAX_DELAY).await?;
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_is_tried_for_about_a_day() {
        assert_eq!(delay_after(0), FIRST_DELAY);
        assert_eq!(delay_after(1), 2 * FIRST_DELAY);
        assert_eq!(delay_after(100), MAX_DELAY);
        let whole: Duration = (0..MAX_ATTEMPTS - 1).map(delay_after).sum();
        let hour = Duration::from_secs(60 * 60);
        assert!((22 * hour..26 * hour).contains(&whole), "{whole:?}");
    }
}
