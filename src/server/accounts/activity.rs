use crate::{
    model::{Activity, ActivityEntry, ActivityPage, AppError},
    server::{
        audit::{Event, EventKind},
        clock::Timestamp,
        db::events,
        error::ServerError,
        moments::moment,
        request::Caller,
        sessions::describe,
    },
};

/// Events on a page.
const LENGTH: u32 = 20;
/// The last page that can be asked for: nobody reads further, and every page is counted through.
const LAST: u32 = 500;

/// The security events of whoever asks, newest first; pages count from 1.
///
/// # Errors
/// If nobody is signed in any more, or the database fails.
pub async fn activity(caller: &Caller, page: u32) -> Result<ActivityPage, AppError> {
    Ok(load(caller, page.clamp(1, LAST)).await?)
}

async fn load(caller: &Caller, page: u32) -> Result<ActivityPage, ServerError> {
    let account = &caller.account()?.id;
    let mut events = events::page(&caller.state.db, account, LENGTH + 1, (page - 1) * LENGTH).await?;
    let length = usize::try_from(LENGTH).unwrap_or(usize::MAX);
    let more = events.len() > length && page < LAST;
    events.truncate(length);
    let now = caller.session.now();
    let entries = events.into_iter().flatten().map(|event| entry(event, now)).collect();
    Ok(ActivityPage { entries, page, more })
}

fn entry(event: Event, now: Timestamp) -> ActivityEntry {
    ActivityEntry {
        what: what(event.kind),
        at: moment(event.at, now),
        device: describe(&event.user_agent),
        address: event.address,
    }
}

fn what(kind: EventKind) -> Activity {
    match kind {
        EventKind::Registered => Activity::Registered,
        EventKind::SignedIn => Activity::SignedIn,
        EventKind::SignInRefused => Activity::SignInRefused,
        EventKind::SignedOut => Activity::SignedOut,
        EventKind::SessionEnded { reason, user_agent } => {
            Activity::SessionEnded { reason, device: describe(&user_agent) }
        }
        EventKind::SteppedUp => Activity::SteppedUp,
        EventKind::StepUpRefused => Activity::StepUpRefused,
        EventKind::NameChanged => Activity::NameChanged,
        EventKind::PasswordChanged => Activity::PasswordChanged,
        EventKind::PasswordChangeRefused => Activity::PasswordChangeRefused,
    }
}
