use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    api::{EndOtherSessions, EndSession},
    components::Time,
    model::AppError,
    pages::{PageLinks, PageRequest},
    server::{
        accounts::{self, SessionsPage},
        domain::{Timestamp, device_name, display_time},
        sessions::{Method, StoredSession},
    },
    words,
};

/// `/account/sessions`: the sessions of the account, each with a form to end it; `?page=` counts from 1.
///
/// The forms are native on purpose: the list has to be loaded again anyway.
pub async fn page(request: PageRequest) -> Result<impl IntoView, AppError> {
    let listed = accounts::sessions(&request.caller, request.page_number()).await?;
    let SessionsPage { sessions, page, more, others } = listed;
    let current = request.caller.session.stored().map(|session| session.handle.clone());
    let now = request.caller.state.clock.now();
    let needs_step_up = !request.caller.recently_authenticated;
    let entry = |session: StoredSession| {
        let is_current = Some(&session.handle) == current.as_ref();
        view! { <Session session is_current now/> }
    };
    Ok(view! {
        <h1>{words::sessions::TITLE}</h1>
        <p class="lead">{words::sessions::LEAD}</p>
        <ul class="cards">{sessions.into_iter().map(entry).collect_view()}</ul>
        <PageLinks page more link/>
        {(!others).then(|| view! { <p class="hint">{words::sessions::NO_OTHERS}</p> })}
        {others.then(|| view! {
            <form method="post" action=EndOtherSessions::PATH class="section-end">
                <button type="submit" class="danger">{words::sessions::END_OTHERS}</button>
            </form>
        })}
        {(others && needs_step_up).then(|| view! {
            <p class="hint">{words::confirm::HINT}</p>
        })}
    })
}

fn link(page: u32) -> String {
    if page == 1 { "/account/sessions".to_owned() } else { format!("/account/sessions?page={page}") }
}

#[component]
fn Session(session: StoredSession, is_current: bool, now: Timestamp) -> impl IntoView {
    let methods: Vec<_> = session.methods.iter().map(|method| method_name(*method)).collect();
    let methods = words::sessions::methods(&methods, session.remembered);
    let heading = format!("session-{}", session.handle);
    let described_by = heading.clone();
    view! {
        <li class="card">
            <div class="card-head">
                <h2 id=heading>{device_name(&session.user_agent)}</h2>
                {is_current.then(|| view! { <p class="badge">{words::sessions::THIS_DEVICE}</p> })}
            </div>
            <dl class="facts">
                <div><dt>{words::sessions::ADDRESS}</dt><dd>{session.address}</dd></div>
                <div>
                    <dt>{words::sessions::SIGNED_IN}</dt>
                    <dd><Time time=display_time(session.created_at) now=now.millis()/></dd>
                </div>
                <div>
                    <dt>{words::sessions::LAST_ACTIVE}</dt>
                    <dd><Time time=display_time(session.seen_at) now=now.millis()/></dd>
                </div>
                <div><dt>{words::sessions::METHOD}</dt><dd>{methods}</dd></div>
            </dl>
            {(!is_current).then(|| view! {
                <form method="post" action=EndSession::PATH>
                    <input type="hidden" name="session" value=session.handle.to_string()/>
                    <button type="submit" class="quiet" aria-describedby=described_by>
                        {words::sessions::END_SESSION}
                    </button>
                </form>
            })}
        </li>
    }
}

fn method_name(method: Method) -> &'static str {
    match method {
        Method::Password => words::fields::PASSWORD,
    }
}
