use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::{
    api::load_activity,
    components::{Failure, PageLayout, Time},
    model::{self, Activity, ActivityEntry, EndReason},
};

/// `/account/activity`: what happened to the account, newest first; `?page=` counts from 1.
#[component]
pub fn ActivityPage() -> impl IntoView {
    let query = use_query_map();
    let page = move || query.with(|query| query.get("page").and_then(|page| page.parse().ok()).unwrap_or(1));
    let activity = Resource::new_blocking(page, load_activity);
    view! {
        <PageLayout title="Activity">
            <h1>"Activity"</h1>
            <p class="lead">"What happened to your account. If something here was not you, change your password."</p>
            <Transition>
                {move || activity.get().map(|activity| match activity {
                    Ok(activity) => view! { <Entries activity/> }.into_any(),
                    Err(error) => view! { <Failure error/> }.into_any(),
                })}
            </Transition>
        </PageLayout>
    }
}

#[component]
fn Entries(activity: model::ActivityPage) -> impl IntoView {
    let model::ActivityPage { entries, page, more } = activity;
    let none = entries.is_empty();
    view! {
        {none.then(|| view! { <p class="card">"Nothing here."</p> })}
        {(!none).then(|| view! {
            <ol class="log card">
                {entries.into_iter().map(|entry| view! { <Entry entry/> }).collect_view()}
            </ol>
        })}
        <nav class="pages" aria-label="Pages">
            {(page > 1).then(|| view! { <a href=link(page - 1) rel="prev">"Newer"</a> })}
            {more.then(|| view! { <a href=link(page + 1) rel="next">"Older"</a> })}
        </nav>
    }
}

#[component]
fn Entry(entry: ActivityEntry) -> impl IntoView {
    let from = format!("{}, {}, ", entry.device, entry.address);
    let alarming = matches!(
        entry.what,
        Activity::SignInRefused | Activity::StepUpRefused | Activity::PasswordChangeRefused
    );
    view! {
        <li class:alarming=alarming>
            <p class="what">{words(&entry.what)}</p>
            <p class="hint">{from}<Time moment=entry.at/></p>
        </li>
    }
}

fn link(page: u32) -> String {
    if page == 1 { "/account/activity".to_owned() } else { format!("/account/activity?page={page}") }
}

fn words(what: &Activity) -> String {
    match what {
        Activity::Registered => "Account created".into(),
        Activity::SignedIn => "Signed in".into(),
        Activity::SignInRefused => "Sign-in refused: wrong password".into(),
        Activity::SignedOut => "Signed out".into(),
        Activity::SessionEnded { reason, device } => ended(*reason, device),
        Activity::SteppedUp => "Confirmed by password".into(),
        Activity::StepUpRefused => "Confirmation refused: wrong password".into(),
        Activity::NameChanged => "Name changed".into(),
        Activity::PasswordChanged => "Password changed".into(),
        Activity::PasswordChangeRefused => "Password change refused: wrong password".into(),
    }
}

fn ended(reason: EndReason, device: &str) -> String {
    let why = match reason {
        EndReason::SignedOut => "signed out",
        EndReason::Replaced => "replaced by a new one",
        EndReason::EndedElsewhere => "ended from another device",
        EndReason::PasswordChanged => "ended, since the password was changed",
        EndReason::ExpiredIdle => "expired, since nobody was active",
        EndReason::ExpiredAbsolute => "expired, having lasted as long as any",
        EndReason::EndedByAdministrator => "ended by an administrator",
    };
    format!("Session on {device} {why}")
}
