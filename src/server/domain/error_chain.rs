use std::error::Error;

/// An error and its causes in one line, for the log. Many libraries repeat the cause in the error.
pub fn error_chain(error: &dyn Error) -> String {
    let mut line = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let text = cause.to_string();
        if !line.ends_with(&text) {
            line.push_str(": ");
            line.push_str(&text);
        }
        source = cause.source();
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("{text}")]
    struct Link {
        text: &'static str,
        source: Option<Box<Link>>,
    }

    fn chain(texts: &[&'static str]) -> String {
        let link = |source, text: &&'static str| Some(Box::new(Link { text, source }));
        error_chain(&*texts.iter().rev().fold(None, link).expect("an error"))
    }

    #[test]
    fn a_cause_is_said_once() {
        assert_eq!(chain(&["no backup", "no disk", "torn"]), "no backup: no disk: torn");
        assert_eq!(chain(&["no connection: refused", "refused", "refused"]), "no connection: refused");
        assert_eq!(
            chain(&["no query: (code: 26) no database", "(code: 26) no database"]),
            "no query: (code: 26) no database"
        );
    }
}
