//! Mails. Each is plain text and simple HTML of the same words.
//!
//! A mail to an address that is not known to be the person's says nothing that a stranger has typed: otherwise
//! strangers could write to anyone through this site.

use super::PRODUCT;

/// The words of a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailText {
    pub subject: String,
    pub paragraphs: Vec<String>,
    /// When, from which device, from where.
    pub facts: Vec<(&'static str, String)>,
    pub link: Option<MailLink>,
    /// After the link.
    pub closing: Vec<String>,
}

/// The one link of a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailLink {
    pub label: &'static str,
    pub url: String,
}

/// When, from which device, and from where something was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailOrigin {
    pub time: String,
    pub device: String,
    pub address: String,
}

const IGNORE: &str = "If this was not you, you can ignore this email: nothing has changed.";

/// At the end of each mail.
pub fn mail_footer(site: &str) -> String {
    format!("Sent by {PRODUCT}, {site}. Please do not reply to this email.")
}

fn mail(subject: String, paragraphs: &[&str], origin: Option<MailOrigin>) -> MailText {
    MailText {
        subject,
        paragraphs: paragraphs.iter().map(|text| (*text).to_owned()).collect(),
        facts: origin.map_or_else(Vec::new, |origin| {
            vec![("When", origin.time), ("Device", origin.device), ("Address", origin.address)]
        }),
        link: None,
        closing: Vec::new(),
    }
}

impl MailText {
    fn link(self, label: &'static str, url: String) -> Self {
        Self { link: Some(MailLink { label, url }), ..self }
    }

    fn closing(mut self, text: impl Into<String>) -> Self {
        self.closing.push(text.into());
        self
    }
}

/// Someone has registered with this address.
pub fn registration_mail(origin: MailOrigin, url: String) -> MailText {
    let text =
        ["Open the link and press the button there. Then you can sign in with the password you chose."];
    mail(format!("Finish creating your {PRODUCT} account"), &text, Some(origin))
        .link("Finish creating your account", url)
        .closing("The link works once, for 24 hours.")
        .closing("If this was not you, do not open it: without it, there is no account.")
}

/// Someone has registered with the address of an account.
pub fn account_exists_mail(origin: MailOrigin, url: String) -> MailText {
    let text = [
        "Someone tried to create an account with this email address. You already have one, so nothing has changed.",
        "If it was you: sign in, or choose “Forgot your password?” there.",
    ];
    mail(format!("You already have a {PRODUCT} account"), &text, Some(origin))
        .link("Sign in", url)
        .closing(IGNORE)
}

/// Another account was to get the address of this one.
pub fn address_taken_mail(origin: MailOrigin, url: String) -> MailText {
    let text = [
        "Someone tried to change the email address of their account to this one. It belongs to your account already, so nothing has changed.",
    ];
    mail("Your email address was entered elsewhere".into(), &text, Some(origin))
        .link("Sign in", url)
        .closing(IGNORE)
}

pub fn verify_email_mail(url: String) -> MailText {
    let text = [
        "Please confirm that this email address is yours. It is how you get back in when you forget your password.",
    ];
    mail("Confirm your email address".into(), &text, None)
        .link("Confirm email address", url)
        .closing("The link works once, for 24 hours.")
        .closing("If you have no account at this site, you can ignore this email.")
}

pub fn reset_password_mail(origin: MailOrigin, url: String) -> MailText {
    let text = ["Someone asked to reset the password of your account. If it was you, open the link."];
    mail(format!("Choose a new password for {PRODUCT}"), &text, Some(origin))
        .link("Choose a new password", url)
        .closing("The link works once, within 10 minutes. Only the newest link works.")
        .closing("If this was not you, you can ignore this email: your password has not changed.")
}

/// To the new address.
pub fn email_change_mail(origin: MailOrigin, url: String) -> MailText {
    let text = [
        "Open the link to make this the email address of your account. Until then, your old address stays in use.",
    ];
    mail("Confirm your new email address".into(), &text, Some(origin))
        .link("Confirm new email address", url)
        .closing("The link works once, for 24 hours.")
        .closing(IGNORE)
}

/// To the address before.
pub fn email_changed_mail(origin: MailOrigin, new_email: &str, url: String) -> MailText {
    let text = [
        format!("The email address of your account is now {new_email}. You sign in with that one."),
        "If this was you, there is nothing to do.".to_owned(),
    ];
    let text: Vec<&str> = text.iter().map(String::as_str).collect();
    mail("Your email address was changed".into(), &text, Some(origin))
        .link("Undo this change", url)
        .closing("If this was not you, open the link: this address is restored, everyone is signed out, and you choose a new password. It works once, for 7 days.")
}

pub fn password_changed_mail(origin: MailOrigin, url: String) -> MailText {
    let text = ["The password of your account was changed. If this was you, there is nothing to do."];
    mail("Your password was changed".into(), &text, Some(origin))
        .link("Reset your password", url)
        .closing("If this was not you, ask for a link to reset it right away: that signs out everyone else.")
}

pub fn new_device_mail(origin: MailOrigin, url: String) -> MailText {
    let text = [
        "Someone signed in to your account on a device that had not been used for it before. If this was you, there is nothing to do.",
    ];
    mail(format!("New sign-in to {PRODUCT}"), &text, Some(origin))
        .link("This wasn't me", url)
        .closing("The link signs everyone out, that device included, and lets you choose a new password. It works once, for 7 days.")
}

pub fn account_deletion_mail(origin: MailOrigin, delete_at: &str, url: String) -> MailText {
    let text = [
        format!("Your account will be deleted on {delete_at}, with everything in it."),
        "If you want to keep it, sign in before then.".to_owned(),
    ];
    let text: Vec<&str> = text.iter().map(String::as_str).collect();
    mail("Your account will be deleted".into(), &text, Some(origin))
        .link("Sign in and keep it", url)
        .closing("If this was not you, someone knows your password: sign in and change it, or reset it.")
}

pub fn account_deleted_mail(time: &str) -> MailText {
    let text = format!("Your account and everything in it were deleted on {time}.");
    mail(format!("Your {PRODUCT} account was deleted"), &[&text], None)
        .closing("If this was not you, someone knew your password: change it wherever else you use it.")
}

pub fn invitation_mail(url: String) -> MailText {
    let text = ["You are invited to create an account."];
    mail(format!("Your invitation to {PRODUCT}"), &text, None)
        .link("Create your account", url)
        .closing("The link works once, for 7 days.")
}
