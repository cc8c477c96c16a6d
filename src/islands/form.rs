//! Forms. Without JavaScript the browser posts a form to its server function. With it, the island of the
//! form posts the same body and shows the outcome in place.

use leptos::{ev::SubmitEvent, prelude::*};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlFormElement;

use crate::{
    browser::{
        forms, navigation, page,
        post::{PostError, post},
    },
    components::{ErrorBox, FormState},
    model::{AppError, FormOutcome, Rejection},
};

/// A form that posts to a server function which returns a [`FormOutcome`]. Its fields are its children.
/// A page has one form for a function: the errors of a rejection are shown by the function's name.
#[component]
pub fn Form(
    /// The path of the server function, such as `SignIn::PATH`.
    function: &'static str,
    /// The label of the button.
    submit: &'static str,
    /// The label of the button while the form is on its way.
    busy: &'static str,
    #[prop(default = "stack")] class: &'static str,
    /// The class of the button: `primary`, or `danger` for what cannot be undone.
    #[prop(default = "primary")]
    button: &'static str,
    children: Children,
) -> impl IntoView {
    let state = FormState::of(function);
    let error = state.error();
    provide_context(state);
    view! {
        <EnhancedForm>
            <form method="post" action=function class=class novalidate>
                <ErrorBox error/>
                {children()}
                <button type="submit" class=button data-busy=busy>{submit}</button>
            </form>
        </EnhancedForm>
    }
}

/// Handles the submit event of the form inside it.
#[island]
fn EnhancedForm(children: Children) -> impl IntoView {
    page::after_hydration(forms::add_fragment_to_return_address);
    view! { <div class="enhanced" on:submit=submit>{children()}</div> }
}

fn submit(event: SubmitEvent) {
    let form = event.target().and_then(|target| target.dyn_into::<HtmlFormElement>().ok());
    let Some(form) = form.filter(|_| !event.default_prevented()) else { return };
    let Some(body) = forms::body(&form, event.submitter().as_ref()) else { return };
    let Some(function) = form.get_attribute("action") else { return };
    event.prevent_default();
    if forms::is_busy(&form) {
        return; // Posted already.
    }
    forms::set_busy(&form, true);
    spawn_local(async move {
        let mut seconds = 0;
        let rejection = match post(&function, &body).await {
            // Busy until the next page has been loaded.
            Ok(FormOutcome::Accepted { next, signed_in }) => {
                return navigation::redirect_after_form(&next, signed_in);
            }
            Ok(FormOutcome::Rejected(rejection)) => rejection,
            // The page that the server answers with says which address to use.
            Err(PostError::App(AppError::CrossSite)) if form.submit().is_ok() => return,
            Err(PostError::App(error)) if navigation::redirect_on_error(error) => return,
            Err(error) => {
                if let PostError::App(AppError::TooMany { seconds: wait }) = error {
                    seconds = wait;
                }
                Rejection::form(error.message())
            }
        };
        forms::set_busy(&form, false);
        forms::show_rejection(&form, &rejection);
        if seconds > 0 {
            forms::wait(&form, seconds).await;
        }
    });
}
