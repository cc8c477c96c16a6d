use leptos::prelude::*;

use crate::{
    api::load_home,
    components::{Failure, PageLayout, Time},
    model::{Home, Viewer},
};

/// `/`: who you are, and the session you are looking through.
#[component]
pub fn HomePage() -> impl IntoView {
    let name = expect_context::<Viewer>().account().map(|account| account.name.clone()).unwrap_or_default();
    let home = Resource::new_blocking(|| (), |()| load_home());
    view! {
        <PageLayout title="Home">
            <h1>"Hello, "<bdi>{name}</bdi></h1>
            <Suspense>
                {move || home.get().map(|home| match home {
                    Ok(home) => view! { <ThisSession home/> }.into_any(),
                    Err(error) => view! { <Failure error/> }.into_any(),
                })}
            </Suspense>
        </PageLayout>
    }
}

#[component]
fn ThisSession(home: Home) -> impl IntoView {
    let email = expect_context::<Viewer>().account().map(|account| account.email.clone());
    let kept = if home.remembered { "Stays signed in on this device." } else { "Ends with the browser." };
    view! {
        <p class="lead">"You are signed in as "<bdi>{email}</bdi>"."</p>
        <section class="card" aria-labelledby="this-session">
            <h2 id="this-session">"This session"</h2>
            <dl class="facts">
                <div><dt>"Device"</dt><dd>{home.device}</dd></div>
                <div><dt>"Started"</dt><dd><Time moment=home.started/></dd></div>
                <div><dt>"Last active"</dt><dd><Time moment=home.last_active/></dd></div>
                <div><dt>"Ends"</dt><dd><Time moment=home.ends/>{home.prolongable.then_some(" without activity")}</dd></div>
            </dl>
            <p class="hint">{kept}</p>
        </section>
    }
}
