use leptos::prelude::*;

use crate::{
    islands::SessionCard,
    model::AppError,
    pages::PageRequest,
    server::{domain::device_name, sessions::session_times},
};

/// `/`: the account, and the session that looks at it.
pub async fn page(request: PageRequest) -> Result<impl IntoView, AppError> {
    let account = request.account()?;
    let (name, email) = (account.name.clone(), account.email.clone());
    let session = request.caller.session.stored().ok_or(AppError::SignInRequired)?;
    provide_context(session_times(&request.caller.state.sessions, &session));
    let kept = if session.remembered { "Stays signed in on this device." } else { "Ends with the browser." };
    Ok(view! {
        <h1>"Hello, "<bdi>{name}</bdi></h1>
        <p class="lead">"You are signed in as "<bdi>{email}</bdi>"."</p>
        <section class="card" aria-labelledby="this-session">
            <h2 id="this-session">"This session"</h2>
            <SessionCard>{device_name(&session.user_agent)}</SessionCard>
            <p class="hint">{kept}</p>
        </section>
    })
}
