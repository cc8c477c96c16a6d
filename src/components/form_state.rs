use leptos::prelude::*;

use crate::model::RejectedForm;

/// The state of a form: provided by the form, read while its fields are rendered.
#[derive(Clone, Debug, Default)]
pub struct FormState {
    /// Begins the ids of the form's elements, so that two forms of a page can have fields of one name.
    id: String,
    rejected: RejectedForm,
}

impl FormState {
    /// The state of the form that posts to `function`: empty, or with what was entered and rejected.
    pub fn of(function: &str) -> Self {
        let id = function.rsplit('/').next().unwrap_or_default().to_owned();
        let rejected = use_context::<RejectedForm>().filter(|form| form.function == function);
        Self { id, rejected: rejected.unwrap_or_default() }
    }

    /// What is wrong with the form as a whole.
    pub fn error(&self) -> Option<String> {
        self.rejected.rejection.form.clone()
    }

    /// What had been typed into a field; `None` in a form that was not rejected.
    pub fn typed(&self, name: &str) -> Option<String> {
        self.rejected.typed.get(name).cloned()
    }

    /// The state of a field of the form around it.
    pub fn field(name: &str) -> FieldState {
        let form = use_context::<Self>().unwrap_or_default();
        let id = format!("{}-{name}", form.id);
        let error = form.rejected.rejection.of(name).map(str::to_owned);
        FieldState { id, error, typed: form.typed(name) }
    }
}

/// What a control, its label and its error have in common.
#[derive(Clone, Debug)]
pub struct FieldState {
    pub id: String,
    pub error: Option<String>,
    pub typed: Option<String>,
}

impl FieldState {
    /// `aria-describedby`: the error first, then the hint. An error that is not there describes nothing.
    pub fn described_by(&self, has_hint: bool) -> String {
        let id = &self.id;
        if has_hint { format!("{id}-error {id}-hint") } else { format!("{id}-error") }
    }

    /// `aria-invalid`
    pub fn invalid(&self) -> Option<&'static str> {
        self.error.as_ref().map(|_| "true")
    }
}
