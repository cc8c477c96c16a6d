//! Use cases: what people do with their accounts. They know neither SQL, nor forms, nor URLs, nor HTTP.

mod activity;
mod change_email;
mod change_password;
mod check_up;
mod confirm;
mod delete_account;
mod email;
mod export;
mod invisible;
mod invitation;
pub mod mails;
mod name;
mod operator;
mod password;
mod problems;
mod register;
mod rename;
mod report_sign_in;
mod reset_password;
mod sessions;
mod sign_in;
pub mod tokens;
mod verify_email;

pub use crate::server::db::events::{Entry, Filter};
pub use activity::{ActivityPage, activity};
pub use change_email::{change_email, lookup_undo, undo_email_change};
pub use change_password::{PasswordChange, change_password};
pub use check_up::{CheckUp, check_up, review_events};
pub use confirm::confirm;
pub use delete_account::{delete_account, delete_next};
pub use email::Email;
pub use export::export;
pub use invitation::{InvitationStatus, invitation_status};
pub use name::parse as parse_name;
pub use operator::{Operator, OperatorError};
pub use problems::{AccountError, Problems};
pub use register::{Registered, Registration, register};
pub use rename::rename;
pub use report_sign_in::{lookup_report, report_sign_in};
pub use reset_password::{forgot_password, lookup_reset, reset_password};
pub use sessions::{
    EndedSession, SessionsPage, end_other_sessions, end_session, end_unused_sessions, sessions, sign_out,
};
pub use sign_in::{Credentials, SignedIn, sign_in};
pub use verify_email::{Verification, lookup_verification, resend_verification, verify_email};
