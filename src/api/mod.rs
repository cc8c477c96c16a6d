//! Server functions: what changes something. Each is a signature, a guard, a call of a use case in
//! `server::accounts`, and the page that comes next.
//!
//! Every function has a fixed `endpoint`, so that a tab opened before a deployment still finds it
//! afterwards, and a line in [`FUNCTIONS`].

mod change_email;
mod change_password;
mod check_up;
mod confirm;
mod delete_account;
mod forgot_password;
mod rate_password;
mod register;
mod rename;
mod report_sign_in;
mod reset_password;
mod sessions;
mod sign_in;
mod sign_out;
mod verify_email;

use leptos::server_fn::ServerFn;

pub use change_email::{ChangeEmail, UndoEmailChange, change_email, undo_email_change};
pub use change_password::{ChangePassword, change_password};
pub use check_up::{EndUnusedSessions, ReviewEvents, end_unused_sessions, review_events};
pub use confirm::{Confirm, confirm};
pub use delete_account::{DeleteAccount, delete_account};
pub use forgot_password::{ForgotPassword, forgot_password};
pub use rate_password::{RatePassword, rate_password};
pub use register::{Register, register};
pub use rename::{Rename, rename};
pub use report_sign_in::{ReportSignIn, report_sign_in};
pub use reset_password::{ResetPassword, reset_password};
pub use sessions::{
    EndOtherSessions, EndSession, SessionStatus, Stay, end_other_sessions, end_session, session_status, stay,
};
pub use sign_in::{SignIn, sign_in};
pub use sign_out::{SignOut, sign_out};
pub use verify_email::{ResendVerification, VerifyEmail, resend_verification, verify_email};

use crate::{
    access::{Access, Function},
    words,
};

/// Who may call each server function, the page with its form, and the fields that a rejected form gives
/// back.
///
/// Signing in and registering are open to those who are signed in already: a second tab may still show
/// the form, and the session is replaced either way.
pub static FUNCTIONS: &[Function] = &[
    function::<ChangeEmail>(Access::RecentlyAuthenticated, "/account")
        .gives_back(&["email"])
        .button(words::account::CHANGE_EMAIL),
    function::<ChangePassword>(Access::SignedIn, "/account/security"),
    function::<Confirm>(Access::SignedIn, "/confirm"),
    function::<DeleteAccount>(Access::RecentlyAuthenticated, "/account").button(words::account::DELETE),
    function::<EndOtherSessions>(Access::RecentlyAuthenticated, "/account/sessions")
        .button(words::sessions::END_OTHERS),
    function::<EndSession>(Access::RecentlyAuthenticated, "/account/sessions")
        .button(words::sessions::END_SESSION),
    function::<EndUnusedSessions>(Access::RecentlyAuthenticated, "/").button(words::check_up::END_UNUSED),
    function::<ForgotPassword>(Access::Anyone, "/forgot-password").gives_back(&["email"]),
    function::<RatePassword>(Access::Anyone, "/register"),
    function::<Register>(Access::Anyone, "/register").gives_back(&["name", "email"]),
    function::<Rename>(Access::SignedIn, "/account").gives_back(&["name"]),
    function::<ReportSignIn>(Access::Anyone, "/report-sign-in"),
    function::<ResendVerification>(Access::SignedIn, "/"),
    function::<ResetPassword>(Access::Anyone, "/reset-password"),
    function::<ReviewEvents>(Access::SignedIn, "/"),
    function::<SessionStatus>(Access::Anyone, "/"),
    function::<SignIn>(Access::Anyone, "/login").gives_back(&["email", "remember"]),
    function::<SignOut>(Access::SignedIn, "/"),
    function::<Stay>(Access::SignedIn, "/"),
    function::<UndoEmailChange>(Access::Anyone, "/undo-email-change"),
    function::<VerifyEmail>(Access::Anyone, "/verify-email"),
];

const fn function<F: ServerFn>(access: Access, page: &'static str) -> Function {
    Function { path: F::PATH, access, page, given_back: &[], button: None }
}
