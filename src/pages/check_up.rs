use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    api::{EndUnusedSessions, ResendVerification, ReviewEvents},
    components::icons,
    server::accounts::CheckUp,
    words,
};

/// The security check-up: what to mend, each with the click that mends it.
#[component]
pub fn SecurityCheckUp(check_up: CheckUp) -> impl IntoView {
    let CheckUp { email_is_unverified, password_is_common, unused_sessions, alarming_events } = check_up;
    let clean = check_up.is_clean().then(|| {
        view! { <p class="clean"><icons::Tick/><span>{words::check_up::CLEAN}</span></p> }
    });
    let unverified = email_is_unverified.then(|| {
        view! {
            <li>
                <p>{words::check_up::UNVERIFIED}</p>
                <Button function=ResendVerification::PATH label=words::check_up::RESEND/>
            </li>
        }
    });
    let common = password_is_common.then(|| {
        view! {
            <li>
                <p>{words::check_up::COMMON_PASSWORD}</p>
                <a class="button quiet" href="/account/security">{words::security::CHANGE_PASSWORD}</a>
            </li>
        }
    });
    let unused = (unused_sessions > 0).then(|| {
        view! {
            <li>
                <p>{words::check_up::unused(unused_sessions)}</p>
                <Button function=EndUnusedSessions::PATH label=words::check_up::END_UNUSED/>
            </li>
        }
    });
    let alarming = (alarming_events > 0).then(|| {
        view! {
            <li>
                <p>
                    {words::check_up::alarming(alarming_events)}" "
                    <a href="/account/activity">{words::check_up::SEE_ACTIVITY}</a>
                </p>
                <Button function=ReviewEvents::PATH label=words::check_up::REVIEW/>
            </li>
        }
    });
    let list = (!check_up.is_clean()).then(|| {
        view! { <ul class="check-up">{unverified}{common}{unused}{alarming}</ul> }
    });
    view! {
        <section class="card" aria-labelledby="check-up">
            <h2 id="check-up">{words::check_up::TITLE}</h2>
            {clean}
            {list}
        </section>
    }
}

#[component]
fn Button(function: &'static str, label: &'static str) -> impl IntoView {
    view! {
        <form method="post" action=function>
            <button type="submit" class="quiet">{label}</button>
        </form>
    }
}
