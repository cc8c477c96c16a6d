use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    api::{EndOtherSessions, EndSession, load_sessions},
    components::{Failure, PageLayout, Time},
    model::{Method, SessionEntry, Viewer},
};

/// `/account/sessions`: where one is signed in, and the way to end that.
///
/// Its forms are plain on purpose: what they did shows in the list, which is loaded anew.
#[component]
pub fn SessionsPage() -> impl IntoView {
    let sessions = Resource::new_blocking(|| (), |()| load_sessions());
    view! {
        <PageLayout title="Sessions">
            <h1>"Sessions"</h1>
            <p class="lead">"Where you are signed in. End what you do not recognise, then change your password."</p>
            <Suspense>
                {move || sessions.get().map(|sessions| match sessions {
                    Ok(sessions) => view! { <Sessions sessions/> }.into_any(),
                    Err(error) => view! { <Failure error/> }.into_any(),
                })}
            </Suspense>
        </PageLayout>
    }
}

#[component]
fn Sessions(sessions: Vec<SessionEntry>) -> impl IntoView {
    let others = sessions.iter().filter(|session| !session.current).count();
    let stale = expect_context::<Viewer>().account().is_some_and(|account| !account.fresh);
    view! {
        <ul class="cards">
            {sessions.into_iter().map(|session| view! { <Session session/> }).collect_view()}
        </ul>
        {(others == 0).then(|| view! { <p class="hint">"You are signed in nowhere else."</p> })}
        {(others > 0).then(|| view! {
            <form method="post" action=EndOtherSessions::PATH class="section-end">
                <button type="submit" class="danger">"Sign out everywhere else"</button>
            </form>
        })}
        {(others > 0 && stale).then(|| view! {
            <p class="hint">"You will be asked for your password first, since you signed in a while ago."</p>
        })}
    }
}

#[component]
fn Session(session: SessionEntry) -> impl IntoView {
    let methods: Vec<_> = session.methods.iter().map(|method| method_words(*method)).collect();
    let kept = session.remembered.then_some(" (kept signed in)");
    let heading = format!("session-{}", session.handle);
    let described_by = heading.clone();
    view! {
        <li class="card">
            <div class="card-head">
                <h2 id=heading>{session.device}</h2>
                {session.current.then(|| view! { <p class="badge">"This device"</p> })}
            </div>
            <dl class="facts">
                <div><dt>"Address"</dt><dd>{session.address}</dd></div>
                <div><dt>"Signed in"</dt><dd><Time moment=session.signed_in/></dd></div>
                <div><dt>"Last active"</dt><dd><Time moment=session.last_active/></dd></div>
                <div><dt>"Method"</dt><dd>{methods.join(", ")}{kept}</dd></div>
            </dl>
            {(!session.current).then(|| view! {
                <form method="post" action=EndSession::PATH>
                    <input type="hidden" name="session" value=session.handle/>
                    <button type="submit" class="quiet" aria-describedby=described_by>"End session"</button>
                </form>
            })}
        </li>
    }
}

fn method_words(method: Method) -> &'static str {
    match method {
        Method::Password => "Password",
    }
}
