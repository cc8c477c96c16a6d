//! Accounts that people can keep: mails, verification, recovery, leaving.

mod journey;
mod mailbox;
mod register_by_mail;
mod reset_password;
mod verify_email;
