//! From the error of a use case to the outcome of a form.

use super::accounts::{AccountError, Problems};
use crate::{
    model::{AppError, FormOutcome, Rejection},
    words,
};

/// Shows the form again if its fields can be corrected.
///
/// # Errors
/// If the use case has failed.
pub fn rejected(error: AccountError) -> Result<FormOutcome, AppError> {
    match error {
        AccountError::Rejected(problems) => Ok(FormOutcome::Rejected(rejection(&problems))),
        AccountError::Failed(error) => Err(error.into()),
    }
}

fn rejection(problems: &Problems) -> Rejection {
    let form = problems.form.map(|problem| words::problem("", problem));
    let mut rejection = Rejection { form, fields: Vec::new() };
    for (field, problem) in &problems.fields {
        rejection.add(field, words::problem(field, *problem));
    }
    rejection
}
