use crate::{server::error::ServerError, words::Problem};

/// Why a use case was not carried out.
#[derive(Debug)]
pub enum AccountError {
    /// The person can correct it.
    Rejected(Problems),
    Failed(ServerError),
}

impl<E: Into<ServerError>> From<E> for AccountError {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

impl From<Problems> for AccountError {
    fn from(problems: Problems) -> Self {
        Self::Rejected(problems)
    }
}

/// Collects everything that is wrong with what was entered, so that people see all of it at once.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Problems {
    /// With what was entered as a whole.
    pub general: Option<Problem>,
    /// With single fields, by name.
    pub fields: Vec<(&'static str, Problem)>,
}

impl Problems {
    /// A problem with what was entered as a whole.
    pub fn general(problem: Problem) -> Self {
        Self { general: Some(problem), fields: Vec::new() }
    }

    /// A problem with one field.
    pub fn of_field(field: &'static str, problem: Problem) -> Self {
        Self { general: None, fields: vec![(field, problem)] }
    }

    /// The value of a field; `None` if it has a problem, which is collected.
    pub fn check<T>(&mut self, field: &'static str, parsed: Result<T, Problem>) -> Option<T> {
        parsed.map_err(|problem| self.fields.push((field, problem))).ok()
    }

    /// What was parsed, unless there is a problem with any field.
    ///
    /// # Errors
    /// The problems.
    pub fn finish<T>(self, parsed: Option<T>) -> Result<T, Problems> {
        parsed.filter(|_| self.fields.is_empty()).ok_or(self)
    }
}
