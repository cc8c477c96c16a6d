use leptos::prelude::*;

use crate::{
    islands::SessionCard,
    model::AppError,
    pages::{PageRequest, SecurityCheckUp},
    server::{accounts, domain::device_name, sessions::session_times},
    words,
};

/// `/`: the account, and the session that looks at it.
pub async fn page(request: PageRequest) -> Result<impl IntoView, AppError> {
    let account = request.account()?;
    let (name, email) = (account.name.clone(), account.email.clone());
    let session = request.caller.session.stored().ok_or(AppError::SignInRequired)?;
    provide_context(session_times(&request.caller.state.sessions, &session));
    let check_up = accounts::check_up(&request.caller).await?;
    let lifetime = words::home::lifetime(session.remembered);
    let [before, after] = words::home::SIGNED_IN_AS;
    Ok(view! {
        <h1>{words::home::GREETING}<bdi>{name}</bdi></h1>
        <p class="lead">{before}<bdi>{email}</bdi>{after}</p>
        <section class="card" aria-labelledby="this-session">
            <h2 id="this-session">{words::home::THIS_SESSION}</h2>
            <SessionCard>{device_name(&session.user_agent)}</SessionCard>
            <p class="hint">{lifetime}</p>
        </section>
        <SecurityCheckUp check_up/>
    })
}
