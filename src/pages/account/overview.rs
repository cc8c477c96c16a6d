use leptos::prelude::*;

use crate::{
    api::Rename,
    components::{EntryState, FormError, PageLayout, SubmitButton, TextField},
    model::{Field, Form, Viewer},
};

/// `/account`
#[component]
pub fn AccountPage() -> impl IntoView {
    let viewer = expect_context::<Viewer>();
    let account = viewer.account().cloned();
    let (name, email) = account.map(|account| (account.name, account.email)).unzip();
    let action = ServerAction::<Rename>::new();
    let state = EntryState::new(Form::Rename, action);
    let problem = state.problem(Field::Name);
    // A name that was not accepted comes back to be corrected.
    let rejected = problem.with_untracked(Option::is_some);
    let value = if rejected { state.typed.name } else { name.unwrap_or_default() };
    view! {
        <PageLayout title="Account">
            <h1>"Account"</h1>
            <p class="lead">"Signed in as "<bdi>{email}</bdi>"."</p>
            <ActionForm action attr:novalidate=true attr:class="stack card narrow">
                <FormError text=state.form_error/>
                <TextField field=Field::Name label="Name" kind="text" autocomplete="name" value problem/>
                <SubmitButton label="Change name" busy_label="Changing your name…" pending=state.pending/>
            </ActionForm>
        </PageLayout>
    }
}
