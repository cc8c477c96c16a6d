//! Why a mail was not sent, in full for the operator, and for the log.

/// Why a mail was not sent.
#[derive(Debug, thiserror::Error)]
#[error("{reason}")]
pub struct SendError {
    is_permanent: bool,
    reason: String,
    /// Of the answer of a mail server.
    code: Option<u16>,
}

impl SendError {
    /// It may be taken later: the server is down or busy, or the disk is full.
    pub fn temporary(reason: String) -> Self {
        Self { is_permanent: false, reason, code: None }
    }

    /// It will never be taken: the address does not exist, or the server refuses mails like this.
    pub fn permanent(reason: String) -> Self {
        Self { is_permanent: true, reason, code: None }
    }

    pub(super) fn with_code(self, code: Option<u16>) -> Self {
        Self { code, ..self }
    }

    pub fn is_permanent(&self) -> bool {
        self.is_permanent
    }

    /// For the log, where email addresses do not belong: mail servers repeat them in their answers.
    pub fn without_answer(&self) -> String {
        match self.code {
            Some(code) => format!("the mail server has answered {code}"),
            None => self.reason.clone(),
        }
    }
}
