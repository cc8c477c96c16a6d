use leptos::prelude::*;

use crate::{
    components::Time,
    model::AppError,
    pages::PageRequest,
    server::{
        accounts::{self, ActivityPage},
        domain::{SecurityEvent, Timestamp, device_name, display_time},
    },
    words,
};

/// `/account/activity`: the security events of the account, newest first; `?page=` counts from 1.
pub async fn page(request: PageRequest) -> Result<impl IntoView, AppError> {
    let page = request.query("page").and_then(|page| page.parse().ok()).unwrap_or(1);
    let ActivityPage { events, page, more } = accounts::activity(&request.caller, page).await?;
    let (none, now) = (events.is_empty(), request.caller.state.clock.now());
    Ok(view! {
        <h1>{words::activity::TITLE}</h1>
        <p class="lead">{words::activity::LEAD}</p>
        {none.then(|| view! { <p class="card">{words::activity::EMPTY}</p> })}
        {(!none).then(|| view! {
            <ol class="log card">
                {events.into_iter().map(|event| view! { <Entry event now/> }).collect_view()}
            </ol>
        })}
        <nav class="pages" aria-label=words::activity::PAGES>
            {(page > 1).then(|| view! { <a href=link(page - 1) rel="prev">{words::activity::NEWER}</a> })}
            {more.then(|| view! { <a href=link(page + 1) rel="next">{words::activity::OLDER}</a> })}
        </nav>
    })
}

#[component]
fn Entry(event: SecurityEvent, now: Timestamp) -> impl IntoView {
    let origin = words::activity::origin(&device_name(&event.user_agent), &event.address);
    let alarming = event.kind.is_refusal();
    view! {
        <li class:alarming=alarming>
            <p class="what">{words::security_event(&event.kind, device_name)}</p>
            <p class="hint">{origin}<Time time=display_time(event.at) now=now.millis()/></p>
        </li>
    }
}

fn link(page: u32) -> String {
    if page == 1 { "/account/activity".to_owned() } else { format!("/account/activity?page={page}") }
}
