use super::tokens;
use crate::server::{caller::Caller, credentials::Purpose, error::ServerError};

/// What a link to register is worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InvitationStatus {
    /// There is no link.
    None,
    Valid {
        /// The address that was invited.
        email: String,
    },
    Invalid,
}

/// Looks at a link to register without using it.
///
/// # Errors
/// If the database fails.
pub async fn invitation_status(
    caller: &Caller,
    token: Option<&str>,
) -> Result<InvitationStatus, ServerError> {
    let Some(token) = token else { return Ok(InvitationStatus::None) };
    let found = tokens::find(&caller.state, token, &[Purpose::Invitation]).await?;
    Ok(found.map_or(InvitationStatus::Invalid, |(_, row)| InvitationStatus::Valid { email: row.email }))
}
