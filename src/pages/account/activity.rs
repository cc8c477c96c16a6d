use leptos::prelude::*;

use crate::{
    components::Time,
    model::AppError,
    pages::{PageLinks, PageRequest},
    server::{
        accounts::{self, ActivityPage, Entry, Filter},
        domain::{Timestamp, device_name, display_time},
    },
    words,
};

const ALL: &str = "/account/activity";
const SIGN_INS: &str = "/account/activity?show=sign-ins";

/// `/account/activity`: the security events of the account, newest first; `?page=` counts from 1, and
/// `?show=sign-ins` shows only these.
pub async fn page(request: PageRequest) -> Result<impl IntoView, AppError> {
    let sign_ins = request.query("show").as_deref() == Some("sign-ins");
    let filter = if sign_ins { Filter::SignIns } else { Filter::All };
    let activity = accounts::activity(&request.caller, filter, request.page_number()).await?;
    let ActivityPage { entries, page, more } = activity;
    let (none, now) = (entries.is_empty(), request.caller.state.clock.now());
    let link: fn(u32) -> String = if sign_ins { link_to_sign_ins } else { link_to_all };
    Ok(view! {
        <h1>{words::activity::TITLE}</h1>
        <p class="lead">{words::activity::LEAD}</p>
        <nav class="choices" aria-label=words::activity::SHOW>
            <Choice href=ALL label=words::activity::ALL chosen=!sign_ins/>
            <Choice href=SIGN_INS label=words::activity::SIGN_INS chosen=sign_ins/>
        </nav>
        {none.then(|| view! { <p class="card">{words::activity::EMPTY}</p> })}
        {(!none).then(|| view! {
            <ol class="log card">
                {entries.into_iter().map(|entry| view! { <LogEntry entry now/> }).collect_view()}
            </ol>
        })}
        <PageLinks page more link/>
    })
}

/// The one that is chosen leads nowhere.
#[component]
fn Choice(href: &'static str, label: &'static str, chosen: bool) -> impl IntoView {
    if chosen {
        view! { <strong>{label}</strong> }.into_any()
    } else {
        view! { <a href=href>{label}</a> }.into_any()
    }
}

fn link_to_all(page: u32) -> String {
    if page == 1 { ALL.to_owned() } else { format!("{ALL}?page={page}") }
}

fn link_to_sign_ins(page: u32) -> String {
    if page == 1 { SIGN_INS.to_owned() } else { format!("{SIGN_INS}&page={page}") }
}

#[component]
fn LogEntry(entry: Entry, now: Timestamp) -> impl IntoView {
    let Entry { event, count, last_at } = entry;
    let what = words::activity::repeated(&words::security_event(&event.kind, device_name), count);
    let origin = words::activity::origin(&device_name(&event.user_agent), &event.address);
    let alarming = event.kind.is_refusal();
    let last = (count > 1).then(|| {
        view! { {words::activity::LAST} <Time time=display_time(last_at) now=now.millis()/> }
    });
    view! {
        <li class:alarming=alarming>
            <p class="what">{what}</p>
            <p class="hint">{origin}<Time time=display_time(event.at) now=now.millis()/>{last}</p>
        </li>
    }
}
