use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    api::{EndOtherSessions, EndSession},
    components::Time,
    model::AppError,
    pages::PageRequest,
    server::{
        accounts,
        domain::{Timestamp, device_name, display_time},
        sessions::{Method, StoredSession},
    },
};

/// `/account/sessions`: where one is signed in, and the way to end that.
///
/// Its forms are plain on purpose: what they did shows in the list, which is loaded anew.
pub async fn page(request: PageRequest) -> Result<impl IntoView, AppError> {
    let sessions = accounts::sessions(&request.caller).await?;
    let current = request.caller.session.stored().map(|session| session.handle.clone());
    let (others, now) = (sessions.len() > 1, request.caller.session.now());
    let needs_step_up = !request.caller.recently_authenticated;
    let entry = |session: StoredSession| {
        let is_current = Some(&session.handle) == current.as_ref();
        view! { <Session session is_current now/> }
    };
    Ok(view! {
        <h1>"Sessions"</h1>
        <p class="lead">"Where you are signed in. End what you do not recognise, then change your password."</p>
        <ul class="cards">{sessions.into_iter().map(entry).collect_view()}</ul>
        {(!others).then(|| view! { <p class="hint">"You are signed in nowhere else."</p> })}
        {others.then(|| view! {
            <form method="post" action=EndOtherSessions::PATH class="section-end">
                <button type="submit" class="danger">"Sign out everywhere else"</button>
            </form>
        })}
        {(others && needs_step_up).then(|| view! {
            <p class="hint">"You will be asked for your password first, since you signed in a while ago."</p>
        })}
    })
}

#[component]
fn Session(session: StoredSession, is_current: bool, now: Timestamp) -> impl IntoView {
    let mut methods =
        session.methods.iter().map(|method| method_name(*method)).collect::<Vec<_>>().join(", ");
    if session.remembered {
        methods.push_str(" (kept signed in)");
    }
    let heading = format!("session-{}", session.handle);
    let described_by = heading.clone();
    view! {
        <li class="card">
            <div class="card-head">
                <h2 id=heading>{device_name(&session.user_agent)}</h2>
                {is_current.then(|| view! { <p class="badge">"This device"</p> })}
            </div>
            <dl class="facts">
                <div><dt>"Address"</dt><dd>{session.address}</dd></div>
                <div><dt>"Signed in"</dt><dd><Time time=display_time(session.created_at) now=now.millis()/></dd></div>
                <div><dt>"Last active"</dt><dd><Time time=display_time(session.seen_at) now=now.millis()/></dd></div>
                <div><dt>"Method"</dt><dd>{methods}</dd></div>
            </dl>
            {(!is_current).then(|| view! {
                <form method="post" action=EndSession::PATH>
                    <input type="hidden" name="session" value=session.handle.to_string()/>
                    <button type="submit" class="quiet" aria-describedby=described_by>"End session"</button>
                </form>
            })}
        </li>
    }
}

fn method_name(method: Method) -> &'static str {
    match method {
        Method::Password => "Password",
    }
}
