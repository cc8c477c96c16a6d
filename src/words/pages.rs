//! Labels and texts of pages, in a module for each. `TITLE` is the title of the page, its heading, and the
//! text of links to it. `BUSY` is shown on the button while its form is being sent.

/// Around every page.
pub mod layout {
    pub const SKIP_TO_CONTENT: &str = "Skip to content";
    /// Names the navigation for screen readers.
    pub const NAVIGATION: &str = super::account::TITLE;
    pub const SIGN_OUT: &str = "Sign out";
}

pub mod home {
    pub const TITLE: &str = "Home";
    /// Before the name.
    pub const GREETING: &str = "Hello, ";
    /// Around the email address.
    pub const SIGNED_IN_AS: [&str; 2] = ["You are signed in as ", "."];
    pub const THIS_SESSION: &str = "This session";
    pub const DEVICE: &str = "Device";
    pub const STARTED: &str = "Started";
    pub const LAST_ACTIVE: &str = super::sessions::LAST_ACTIVE;
    pub const ENDS: &str = "Ends";
    /// After the time at which the session ends, if activity extends it.
    pub const WITHOUT_ACTIVITY: &str = " without activity";

    /// Whether the session outlives the browser.
    pub fn lifetime(remembered: bool) -> &'static str {
        if remembered { "Stays signed in on this device." } else { "Ends when you close the browser." }
    }
}

pub mod account {
    pub const TITLE: &str = "Account";
    /// Around the email address.
    pub const SIGNED_IN_AS: [&str; 2] = ["Signed in as ", "."];
    pub const SUBMIT: &str = "Change name";
    pub const BUSY: &str = "Changing your name…";
    pub const YOUR_NAME: &str = "Profile";
    pub const CHANGE_EMAIL: &str = "Change email address";
    pub const CHANGE_EMAIL_BUSY: &str = "Sending an email…";
    pub const CHANGE_EMAIL_HINT: &str = "We send a link to the new address. It counts once you have opened it. You can \
        undo the change from the old address for 7 days.";
    pub const DATA: &str = "Your data";
    pub const DATA_HINT: &str = "Your profile, your sessions and your activity, as a JSON file.";
    pub const DOWNLOAD: &str = "Download my data";
    pub const DELETE: &str = "Delete account";
    pub const DELETE_BUSY: &str = "Deleting your account…";
    /// Around the email address, which is to be typed.
    pub const DELETE_HINT: [&str; 2] = [
        "You will be signed out everywhere. After a day, your account and everything in it are deleted; until then, \
        signing in restores it. To confirm, type ",
        " below.",
    ];
}

/// The security check-up on the home page.
pub mod check_up {
    pub const TITLE: &str = "Security check-up";
    pub const CLEAN: &str = "Nothing to do. Your account is in good order.";
    pub const UNVERIFIED: &str = "Your email address is not confirmed. Open the link in our email, so that a new password can reach you.";
    pub const RESEND: &str = "Send the link again";
    pub const COMMON_PASSWORD: &str =
        "Your password is on lists of common and stolen ones, which are tried first. Choose another.";
    pub const END_UNUSED: &str = "Sign out unused devices";
    pub const REVIEW: &str = "It was all me";
    pub const SEE_ACTIVITY: &str = "See activity";

    pub fn unused(count: usize) -> String {
        if count == 1 {
            "You are still signed in on a device that you have not used for a month.".to_owned()
        } else {
            format!("You are still signed in on {count} devices that you have not used for a month.")
        }
    }

    pub fn alarming(count: u32) -> String {
        if count == 1 {
            "Was this you? There was an unusual event in your account this week.".to_owned()
        } else {
            format!("Was this you? There were {count} unusual events in your account this week.")
        }
    }
}

pub mod security {
    pub const TITLE: &str = "Security";
    pub const CHANGE_PASSWORD: &str = "Change your password";
    pub const HINT: &str = "You will stay signed in here and be signed out everywhere else.";
    pub const SUBMIT: &str = "Change password";
    pub const BUSY: &str = "Changing your password…";
}

pub mod sessions {
    pub const TITLE: &str = "Sessions";
    pub const LEAD: &str =
        "Where you are signed in. If you do not recognise a session, end it and change your password.";
    pub const THIS_DEVICE: &str = "This device";
    pub const ADDRESS: &str = "Address";
    pub const SIGNED_IN: &str = "Signed in";
    pub const LAST_ACTIVE: &str = "Last active";
    pub const METHOD: &str = "Method";
    pub const END_SESSION: &str = "End session";
    pub const END_OTHERS: &str = "Sign out everywhere else";
    pub const NO_OTHERS: &str = "You are not signed in anywhere else.";

    /// How the session was signed in.
    pub fn methods(methods: &[&str], remembered: bool) -> String {
        methods.join(", ") + if remembered { " (kept signed in)" } else { "" }
    }
}

pub mod activity {
    pub const TITLE: &str = "Activity";
    pub const LEAD: &str =
        "Recent activity in your account. If something here was not you, change your password.";
    pub const EMPTY: &str = "Nothing here.";
    /// Names the links to parts of the list for screen readers.
    pub const SHOW: &str = "Show";
    pub const ALL: &str = "All activity";
    pub const SIGN_INS: &str = "Sign-ins only";
    /// Between the times of the first and of the last of several repeats.
    pub const LAST: &str = ", last ";

    /// Where an event came from; its time follows.
    pub fn origin(device: &str, address: &str) -> String {
        [device, address, ""].join(", ")
    }

    /// What has happened, and how often.
    pub fn repeated(what: &str, count: u64) -> String {
        if count > 1 { format!("{what} ({count} times)") } else { what.to_owned() }
    }
}

/// Links to the other pages of a long list.
pub mod paging {
    /// Names them for screen readers.
    pub const PAGES: &str = "Pages";
    pub const NEWER: &str = "Newer";
    pub const OLDER: &str = "Older";
}

pub mod confirm {
    pub const TITLE: &str = "Confirm that it is you";
    /// Beside a form that leads here first.
    pub const HINT: &str = "You will be asked for your password first, since you signed in a while ago.";
    pub const LEAD: &str = "Please enter your password to continue.";
    pub const SUBMIT: &str = "Confirm";
    pub const BUSY: &str = "Confirming…";
}

pub mod login {
    pub const TITLE: &str = "Sign in";
    pub const DESCRIPTION: &str = "Sign in to your account with your email address and password.";
    pub const LEAD: &str = "Good to see you again.";
    pub const KEEP_SIGNED_IN: &str = "Keep me signed in";
    pub const SUBMIT: &str = TITLE;
    pub const BUSY: &str = "Signing in…";
    /// Before the link to registration.
    pub const NO_ACCOUNT: &str = "New here? ";
    pub const FORGOT: &str = "Forgot your password?";
    /// In development, around the name of the folder.
    pub const OUTBOX: [&str; 2] = ["Development: mails are files in ", ". "];
    pub const LAST_MAIL: &str = "Open the last one";
}

pub mod register {
    pub const TITLE: &str = "Create an account";
    pub const DESCRIPTION: &str = "Create an account with your name, email address and a password.";
    pub const LEAD: &str = "It takes a minute.";
    pub const SUBMIT: &str = "Create account";
    pub const BUSY: &str = "Creating your account…";
    /// Before the link to sign-in.
    pub const HAS_ACCOUNT: &str = "Already have an account? ";
    pub const CHECK_MAIL: &str = "Check your email";
    pub const SENT: &str =
        "We have sent an email to the address that you entered. Open the link in it to finish.";
    /// Under what is shown after a mail was asked for.
    pub const NOTHING_ARRIVED: &str =
        "Nothing there after a few minutes? Look in your spam folder, and check that the address is right.";
    pub const CLOSED: &str = "New accounts cannot be created at the moment.";
    pub const INVITATION_ONLY: &str = "You need an invitation to create an account: open the link in it.";
}

pub mod forgot_password {
    pub const TITLE: &str = "Forgot your password?";
    pub const DESCRIPTION: &str = "Get a link to choose a new password.";
    pub const LEAD: &str = "Enter your email address, and we send you a link to choose a new password.";
    pub const SUBMIT: &str = "Send link";
    pub const BUSY: &str = "Sending the link…";
    pub const SENT: &str =
        "If there is an account with this address, we have sent a link to it. It works once, for 10 minutes.";
    /// Before the link to sign-in.
    pub const REMEMBERED: &str = "Remembered it? ";
}

pub mod reset_password {
    pub const TITLE: &str = "Choose a new password";
    /// Around the email address.
    pub const LEAD: [&str; 2] = ["For ", ". You will be signed out everywhere."];
    pub const SUBMIT: &str = "Change password";
    pub const BUSY: &str = "Changing your password…";
}

pub mod verify_email {
    pub const TITLE: &str = "Confirm your email address";
    pub const CREATE: &str = "Finish creating your account";
    pub const CHANGE: &str = "Confirm your new email address";
    /// Before the email address.
    pub const LEAD: &str = "Your address: ";
    pub const CREATE_HINT: &str = "Do this only if you have just registered here yourself.";
    pub const SUBMIT: &str = "Confirm";
    pub const BUSY: &str = "Confirming…";
}

pub mod undo_email_change {
    pub const TITLE: &str = "Undo the change of your email address";
    /// Around the email address.
    pub const LEAD: [&str; 2] =
        ["Your account gets the address ", " back, everyone is signed out, and you choose a new password."];
    pub const SUBMIT: &str = "Undo the change";
    pub const BUSY: &str = "Undoing the change…";
}

pub mod report_sign_in {
    pub const TITLE: &str = "This wasn't me";
    pub const LEAD: &str = "Everyone is signed out of your account, and you choose a new password.";
    pub const SUBMIT: &str = "Sign everyone out";
    pub const BUSY: &str = "Signing everyone out…";
}

/// A link of a mail that cannot be used, for whatever reason.
pub mod invalid_link {
    pub const TITLE: &str = "This link cannot be used";
    pub const LEAD: &str = "It may have expired, been used already, or been replaced by a newer one.";
    pub const HINT: &str = "Look for a newer email, or ask for another. If this one is new, allow cookies for this \
        site and open the link again.";
    pub const FORGOT: &str = "Ask for a link to choose a new password";
}

/// The last mail, in development.
pub mod outbox {
    pub const TITLE: &str = "The last mail";
    pub const NONE: &str = "No mail has been written since the server started.";
    pub const TO: &str = "To: ";
}

/// The dialogs that open shortly before a session ends.
pub mod session_end {
    /// Title of the dialog while the session can be extended.
    pub const STILL_THERE: &str = "Are you still there?";
    pub const STAY: &str = "Stay signed in";
    /// Title of the dialog when the session cannot be extended.
    pub const ABOUT_TO_END: &str = "Your session is about to end";
    /// Why the session cannot be extended; `SIGNED_OUT_IN` follows.
    pub const MAXIMUM_LENGTH: &str = "Sessions have a maximum length, even while they are in use. ";
    pub const CLOSE: &str = "Close";
    /// Around the time left.
    pub const SIGNED_OUT_IN: [&str; 2] =
        ["You will be signed out in ", ". What you have typed here is kept, except passwords."];
}
