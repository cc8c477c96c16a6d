//! What the forms on the way in share: the outcome of the last attempt, and what follows from it.

use leptos::{prelude::*, server_fn::ServerFn};
use leptos_router::hooks::use_query_map;

use super::refused::follow;
use crate::{
    browser,
    model::{
        AppError, Field, Flash, Form, FormOutcome, FormProblem, Next, Problem, Rejection, Typed, Viewer,
    },
};

/// The state of a form, wherever its last outcome came from: from the server function called by
/// the browser, or by flash after a form posted without JavaScript.
#[derive(Clone)]
pub struct EntryState {
    /// What had been typed before the page was loaded anew; empty otherwise.
    pub typed: Typed,
    pub pending: Signal<bool>,
    pub form_error: Signal<Option<&'static str>>,
    rejection: Signal<Rejection>,
}

impl EntryState {
    pub fn new<F>(form: Form, action: ServerAction<F>) -> Self
    where
        F: ServerFn<Output = FormOutcome, Error = AppError> + Clone + Send + Sync + 'static,
    {
        let flash = expect_context::<StoredValue<Option<Flash>>>();
        // Taken, not read: it is shown once, also to those who come back by links.
        let ours = |flash: &mut Flash| matches!(flash, Flash::Rejected { form: of, .. } if *of == form);
        let (flashed, typed) = match flash.try_update_value(|flash| flash.take_if(ours)).flatten() {
            Some(Flash::Rejected { rejection, typed, .. }) => (rejection, typed),
            _ => Default::default(),
        };
        let outcome = action.value();
        let viewer = expect_context::<Viewer>();

        let rejection = Signal::derive(move || match outcome.get() {
            Some(Ok(FormOutcome::Rejected(rejection))) => rejection,
            Some(_) => Rejection::default(),
            None => flashed.clone(),
        });
        let form_error = Signal::derive(move || match outcome.get() {
            Some(Err(error)) => Some(error.words()),
            _ => rejection.get().form.map(form_words),
        });
        // Busy until the new page is there, not only until the answer is.
        let pending = Signal::derive(move || {
            action.pending().get() || matches!(outcome.get(), Some(Ok(FormOutcome::Accepted { .. })))
        });
        Effect::new(move |_| match outcome.get() {
            Some(Ok(FormOutcome::Accepted { next })) => browser::leave_for(next.as_str()),
            Some(Err(error)) if follow(error, &viewer) => {}
            Some(Ok(FormOutcome::Rejected(_)) | Err(_)) => {
                request_animation_frame(browser::focus_first_problem)
            }
            None => {}
        });
        Self { typed, pending, form_error, rejection }
    }

    pub fn problem(&self, field: Field) -> Signal<Option<Problem>> {
        let rejection = self.rejection;
        Signal::derive(move || rejection.with(|rejection| rejection.problem(field)))
    }
}

/// The return address in the page's query, if it is one.
pub fn return_address() -> Option<Next> {
    use_query_map().with_untracked(|query| query.get("next").and_then(|next| Next::parse(&next)))
}

/// A link to `page` that keeps the return address.
pub fn link_keeping(next: Option<&Next>, page: &str) -> String {
    next.map_or_else(|| page.to_owned(), |next| next.carried_by(page))
}

fn form_words(problem: FormProblem) -> &'static str {
    match problem {
        FormProblem::WrongCredentials => "Email or password is not right. Check both and try again.",
    }
}
