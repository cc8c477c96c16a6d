use serde::{Deserialize, Serialize};

use super::{AccountId, Client, Timestamp};

/// What a mail is about, as the queue keeps it. Who has the account, and the link, are found out when it is sent: a
/// request does the same whether there is an account or not, and no token is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum MailContent {
    /// Someone has registered with the address: the link that makes the account, or that there is one already.
    Registration {
        origin: Origin,
    },
    /// The link that shows that the address is the owner's.
    VerifyEmail,
    /// The link to choose a new password; nothing if there is no account.
    ResetPassword {
        origin: Origin,
    },
    /// To the new address: the link that makes it that of the account.
    EmailChange {
        origin: Origin,
        /// The version of the credentials of the account. If they change before the link is used, it is void.
        credential_version: i64,
    },
    /// To the address before: the link that undoes the change.
    EmailChanged {
        origin: Origin,
        new_email: String,
    },
    PasswordChanged {
        origin: Origin,
    },
    /// A sign-in from a browser that had not signed in before, with the link that ends the session.
    NewDevice {
        origin: Origin,
        session: String,
    },
    /// The account will be deleted at this time, in milliseconds since the Unix epoch.
    AccountDeletion {
        origin: Origin,
        delete_at: i64,
    },
    AccountDeleted,
    /// The link to register, if only those may who are invited.
    Invitation,
}

impl MailContent {
    /// For lists.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Registration { .. } => "registration",
            Self::VerifyEmail => "confirmation of the address",
            Self::ResetPassword { .. } => "password reset",
            Self::EmailChange { .. } => "confirmation of a new address",
            Self::EmailChanged { .. } => "notice of a changed address",
            Self::PasswordChanged { .. } => "notice of a changed password",
            Self::NewDevice { .. } => "notice of a new device",
            Self::AccountDeletion { .. } => "notice of a deletion",
            Self::AccountDeleted => "notice of a deleted account",
            Self::Invitation => "invitation",
        }
    }
}

/// When, and from where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// Milliseconds since the Unix epoch.
    pub at: i64,
    pub address: String,
    pub user_agent: String,
}

impl Origin {
    pub fn new(at: Timestamp, client: &Client) -> Self {
        Self { at: at.millis(), address: client.address.to_string(), user_agent: client.user_agent.clone() }
    }
}

/// A mail to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMail {
    pub content: MailContent,
    /// The account that it is about; `None` if it is not known whether there is one.
    pub account: Option<AccountId>,
    /// The address, as it was typed.
    pub recipient: String,
}
