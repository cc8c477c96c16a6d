use super::{
    name,
    problems::{AccountError, Problems},
};
use crate::{
    model::SecurityEventKind,
    server::{
        caller::Caller,
        db::{accounts, events},
    },
};

/// Changes the name of the account that is signed in; `false` if it has that name already.
///
/// # Errors
/// If the name is not acceptable, the session has ended, or the database fails.
pub async fn rename(caller: &Caller, name: &str) -> Result<bool, AccountError> {
    let name = name::parse(name).map_err(|problem| Problems::of_field("name", problem))?;
    let account = caller.account()?;
    if account.name == name {
        return Ok(false);
    }
    let event = caller.event(SecurityEventKind::NameChanged, Some(account.id.clone()));
    let mut transaction = caller.state.db.begin().await?;
    accounts::rename(&mut transaction, &account.id, &name).await?;
    events::append(&mut transaction, &event).await?;
    transaction.commit().await?;
    Ok(true)
}
