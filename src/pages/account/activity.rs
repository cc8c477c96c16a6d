use leptos::prelude::*;

use crate::{
    components::Time,
    model::{AppError, EndReason},
    server::{
        accounts::{self, ActivityPage},
        audit::{Event, EventKind},
        clock::Timestamp,
        display_time::display_time,
        request::PageRequest,
        sessions::describe,
    },
};

/// `/account/activity`: the security events of the account, newest first; `?page=` counts from 1.
pub async fn page(request: PageRequest) -> Result<impl IntoView, AppError> {
    let page = request.query("page").and_then(|page| page.parse().ok()).unwrap_or(1);
    let account = &request.account()?.id;
    let ActivityPage { events, page, more } = accounts::activity(&request.state.db, account, page).await?;
    let (none, now) = (events.is_empty(), request.session.now());
    Ok(view! {
        <h1>"Activity"</h1>
        <p class="lead">"What happened to your account. If something here was not you, change your password."</p>
        {none.then(|| view! { <p class="card">"Nothing here."</p> })}
        {(!none).then(|| view! {
            <ol class="log card">
                {events.into_iter().map(|event| view! { <Entry event now/> }).collect_view()}
            </ol>
        })}
        <nav class="pages" aria-label="Pages">
            {(page > 1).then(|| view! { <a href=link(page - 1) rel="prev">"Newer"</a> })}
            {more.then(|| view! { <a href=link(page + 1) rel="next">"Older"</a> })}
        </nav>
    })
}

#[component]
fn Entry(event: Event, now: Timestamp) -> impl IntoView {
    let from = format!("{}, {}, ", describe(&event.user_agent), event.address);
    let alarming = matches!(
        event.kind,
        EventKind::SignInRefused | EventKind::StepUpRefused | EventKind::PasswordChangeRefused
    );
    view! {
        <li class:alarming=alarming>
            <p class="what">{words(&event.kind)}</p>
            <p class="hint">{from}<Time time=display_time(event.at) now=now.millis()/></p>
        </li>
    }
}

fn link(page: u32) -> String {
    if page == 1 { "/account/activity".to_owned() } else { format!("/account/activity?page={page}") }
}

fn words(kind: &EventKind) -> String {
    match kind {
        EventKind::Registered => "Account created".into(),
        EventKind::SignedIn => "Signed in".into(),
        EventKind::SignInRefused => "Sign-in refused: wrong password".into(),
        EventKind::SignedOut => "Signed out".into(),
        EventKind::SessionEnded { reason, user_agent } => ended(*reason, &describe(user_agent)),
        EventKind::SteppedUp => "Confirmed by password".into(),
        EventKind::StepUpRefused => "Confirmation refused: wrong password".into(),
        EventKind::NameChanged => "Name changed".into(),
        EventKind::PasswordChanged => "Password changed".into(),
        EventKind::PasswordChangeRefused => "Password change refused: wrong password".into(),
    }
}

fn ended(reason: EndReason, device: &str) -> String {
    let why = match reason {
        EndReason::SignedOut => "signed out",
        EndReason::Replaced => "replaced by a new one",
        EndReason::EndedElsewhere => "ended from another device",
        EndReason::PasswordChanged => "ended, since the password was changed",
        EndReason::ExpiredIdle => "expired after a while without activity",
        EndReason::ExpiredAbsolute => "expired, having lasted as long as any session may",
        EndReason::EndedByAdministrator => "ended by an administrator",
    };
    format!("Session on {device} {why}")
}
