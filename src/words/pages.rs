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
    pub const STEP_UP_HINT: &str =
        "You will be asked for your password first, since you signed in a while ago.";

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
    pub const LEAD: &str = "You signed in a while ago. Please enter your password to continue.";
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
}

pub mod register {
    pub const TITLE: &str = "Create an account";
    pub const DESCRIPTION: &str = "Create an account with your name, email address and a password.";
    pub const LEAD: &str = "It takes a minute.";
    pub const SUBMIT: &str = "Create account";
    pub const BUSY: &str = "Creating your account…";
    /// Before the link to sign-in.
    pub const HAS_ACCOUNT: &str = "Already have an account? ";
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
