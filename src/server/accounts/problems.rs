use crate::{
    model::Rejection,
    words::{self, Problem},
};

/// Collects what is wrong with the fields of a form, so that a person meets all of it at once.
#[derive(Debug, Default)]
pub struct Problems(Rejection);

impl Problems {
    /// The value of a field; `None` once its problem is noted.
    pub fn check<T>(&mut self, field: &str, parsed: Result<T, Problem>) -> Option<T> {
        parsed.map_err(|problem| self.0.add(field, words::problem(field, problem))).ok()
    }

    /// What was parsed, if nothing was wrong with any field.
    ///
    /// # Errors
    /// What was wrong.
    pub fn finish<T>(self, parsed: Option<T>) -> Result<T, Rejection> {
        parsed.filter(|_| self.0.fields.is_empty()).ok_or(self.0)
    }
}

/// A rejection because of one field.
pub fn rejection(field: &str, problem: Problem) -> Rejection {
    Rejection::field(field, words::problem(field, problem))
}
