//! What a mail says: found out when it is sent, so that a request takes as long whether there is an account or not,
//! and no token is stored in the queue. Each attempt makes a new token, which ends the one of the attempt before.

use crate::{
    model::SecurityEventKind,
    server::{
        accounts::{Email, tokens},
        credentials::Purpose,
        db::{
            DatabaseError,
            accounts::{self, StoredAccount},
            events,
            mailed_tokens::TokenRow,
            mails::QueuedMail,
            registrations,
        },
        domain::{
            Account, MailContent, Origin, SecurityEvent, Timestamp, device_name, display_time, plain_text,
        },
        state::AppState,
    },
    words::mails::{self as words, MailOrigin, MailText},
};

/// The words of a mail with its link, and to whom it goes.
#[derive(Debug)]
pub struct Composed {
    pub recipient: String,
    pub text: MailText,
}

/// Makes a mail; `None` if there is nothing to say any more.
pub async fn compose(state: &AppState, mail: &QueuedMail) -> Result<Option<Composed>, DatabaseError> {
    let composer = Composer { state, mail };
    let text = match &mail.content {
        None => None,
        Some(MailContent::Registration { origin }) => composer.registration(origin).await?,
        Some(MailContent::VerifyEmail) => composer.verify_email().await?,
        Some(MailContent::ResetPassword { origin }) => return composer.reset_password(origin).await,
        Some(MailContent::EmailChange { origin, credential_version }) => {
            composer.email_change(origin, *credential_version).await?
        }
        Some(MailContent::EmailChanged { origin, new_email }) => {
            composer.email_changed(origin, new_email).await?
        }
        Some(MailContent::PasswordChanged { origin }) => {
            Some(words::password_changed_mail(shown(origin), composer.link("/forgot-password")))
        }
        Some(MailContent::NewDevice { origin, session }) => composer.new_device(origin, session).await?,
        Some(MailContent::AccountDeletion { origin, delete_at }) => {
            let time = display_time(Timestamp::from_millis(*delete_at)).exact;
            let is_kept = composer.account().await?.is_none_or(|stored| stored.delete_at.is_none());
            (!is_kept).then(|| words::account_deletion_mail(shown(origin), &time, composer.link("/login")))
        }
        Some(MailContent::AccountDeleted) => {
            Some(words::account_deleted_mail(&display_time(mail.created_at).exact))
        }
        Some(MailContent::Invitation) => composer.invitation().await?,
    };
    Ok(text.map(|text| Composed { recipient: mail.recipient.clone(), text }))
}

struct Composer<'a> {
    state: &'a AppState,
    mail: &'a QueuedMail,
}

impl Composer<'_> {
    async fn registration(&self, origin: &Origin) -> Result<Option<MailText>, DatabaseError> {
        let Ok(email) = Email::parse(&self.mail.recipient) else { return Ok(None) };
        if accounts::by_emails(&self.state.db, email.keys()).await?.is_some() {
            return Ok(Some(words::account_exists_mail(shown(origin), self.link("/login"))));
        }
        // Another registration may have taken its place: its password must not get the link that says when and from where
        // this one was made.
        let pending = registrations::find(&self.state.db, &email.key).await?;
        if pending.is_none_or(|pending| pending.created_at.millis() != origin.at) {
            return Ok(None);
        }
        let url = self.token(Purpose::Registration, tokens::of_address(&email, self.now()), None).await?;
        Ok(Some(words::registration_mail(shown(origin), url)))
    }

    async fn verify_email(&self) -> Result<Option<MailText>, DatabaseError> {
        let Some(stored) = self.account().await? else { return Ok(None) };
        if stored.email_verified_at.is_some() || stored.account.email != self.mail.recipient {
            return Ok(None);
        }
        let row = tokens::of_account(&stored.account, &stored.account.email, self.now());
        let url = self.token(Purpose::VerifyEmail, row, None).await?;
        Ok(Some(words::verify_email_mail(url)))
    }

    /// To the address of the account, and never to what was typed: two addresses that are compared as one, such as
    /// with a letter that only looks like a k, may be the mailboxes of two people (CWE-640).
    async fn reset_password(&self, origin: &Origin) -> Result<Option<Composed>, DatabaseError> {
        let Ok(email) = Email::parse_existing(&self.mail.recipient) else { return Ok(None) };
        let found = accounts::by_emails(&self.state.db, email.keys()).await?;
        let Some(stored) = found.filter(|stored| stored.disabled_at.is_none()) else { return Ok(None) };
        let event = (self.mail.attempts == 0).then(|| SecurityEvent {
            at: Timestamp::from_millis(origin.at),
            account: Some(stored.account.id.clone()),
            session: None,
            address: origin.address.clone(),
            user_agent: origin.user_agent.clone(),
            kind: SecurityEventKind::PasswordResetRequested,
        });
        let recipient = stored.account.email.clone();
        let row = tokens::of_account(&stored.account, &recipient, self.now());
        let url = self.token(Purpose::ResetPassword, row, event).await?;
        Ok(Some(Composed { recipient, text: words::reset_password_mail(shown(origin), url) }))
    }

    async fn email_change(
        &self,
        origin: &Origin,
        credential_version: i64,
    ) -> Result<Option<MailText>, DatabaseError> {
        let Ok(email) = Email::parse(&self.mail.recipient) else { return Ok(None) };
        let Some(Account { id, .. }) = self.account().await?.map(|stored| stored.account) else {
            return Ok(None);
        };
        let owner = accounts::by_emails(&self.state.db, email.keys()).await?;
        if owner.is_some_and(|owner| owner.account.id != id) {
            return Ok(Some(words::address_taken_mail(shown(origin), self.link("/login"))));
        }
        let row = tokens::of_email_change(&id, credential_version, &email, self.now());
        let url = self.token(Purpose::EmailChange, row, None).await?;
        Ok(Some(words::email_change_mail(shown(origin), url)))
    }

    async fn email_changed(
        &self,
        origin: &Origin,
        new_email: &str,
    ) -> Result<Option<MailText>, DatabaseError> {
        let Ok(email) = Email::parse_existing(&self.mail.recipient) else { return Ok(None) };
        let Some(stored) = self.account().await? else { return Ok(None) };
        // Each change can be undone by itself.
        let subject = format!("{} {}", stored.account.id.as_str(), email.key);
        let at = Timestamp::from_millis(origin.at);
        let row = tokens::of_account(&stored.account, &self.mail.recipient, at);
        let row = TokenRow { subject, email_key: email.key, ..row };
        let url = self.token(Purpose::EmailChangeUndo, row, None).await?;
        Ok(Some(words::email_changed_mail(shown(origin), new_email, url)))
    }

    async fn new_device(&self, origin: &Origin, session: &str) -> Result<Option<MailText>, DatabaseError> {
        let Some(stored) = self.account().await? else { return Ok(None) };
        let row = tokens::of_account(&stored.account, &self.mail.recipient, self.now());
        let row = TokenRow { subject: session.to_owned(), ..row };
        let url = self.token(Purpose::SignInReport, row, None).await?;
        Ok(Some(words::new_device_mail(shown(origin), url)))
    }

    async fn invitation(&self) -> Result<Option<MailText>, DatabaseError> {
        let Ok(email) = Email::parse(&self.mail.recipient) else { return Ok(None) };
        let url = self.token(Purpose::Invitation, tokens::of_address(&email, self.now()), None).await?;
        Ok(Some(words::invitation_mail(url)))
    }

    /// The account that the mail is about; `None` if it is gone.
    async fn account(&self) -> Result<Option<StoredAccount>, DatabaseError> {
        match &self.mail.account {
            Some(id) => accounts::by_id(&self.state.db, id).await,
            None => Ok(None),
        }
    }

    fn now(&self) -> Timestamp {
        self.state.clock.now()
    }

    /// A link with a new token.
    async fn token(
        &self,
        purpose: Purpose,
        row: TokenRow,
        event: Option<SecurityEvent>,
    ) -> Result<String, DatabaseError> {
        let mut transaction = self.state.db.begin().await?;
        let (clock, entropy) = (&*self.state.clock, &*self.state.entropy);
        let token = tokens::issue(&mut transaction, clock, entropy, purpose, &row).await?;
        events::append_all(&mut transaction, event.as_slice()).await?;
        transaction.commit().await?;
        Ok(self.link(&tokens::path(purpose, &token)))
    }

    /// From the configuration, never from the request that has asked for the mail (CWE-640).
    fn link(&self, path: &str) -> String {
        self.state.config.public_url.link(path)
    }
}

fn shown(origin: &Origin) -> MailOrigin {
    MailOrigin {
        time: display_time(Timestamp::from_millis(origin.at)).exact,
        device: device_name(&origin.user_agent),
        address: plain_text(&origin.address).into_owned(),
    }
}
