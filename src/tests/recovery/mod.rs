//! Accounts that people can keep: mails, verification, recovery, leaving.

mod change_email;
mod check_up;
mod delete_account;
mod disabled_accounts;
mod export;
mod invalid_links;
mod invitations;
mod journey;
mod mailbox;
mod operator;
mod register_by_mail;
mod report_sign_in;
mod reset_password;
mod verify_email;
