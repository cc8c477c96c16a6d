use std::fmt;

/// Who looks at a page, as far as the access policy asks. A page carries it as an attribute, so that
/// the browser judges with the same values as the server did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Viewer {
    #[default]
    Anonymous,
    SignedIn {
        admin: bool,
        /// Authenticated not longer ago than `sessions.step_up_after`.
        recently_authenticated: bool,
    },
}

impl Viewer {
    /// Reads what [`Viewer`]'s `Display` wrote; anything else is nobody.
    pub fn parse(text: &str) -> Self {
        let has = |word| text.split(' ').any(|other| other == word);
        if has("signed-in") {
            Self::SignedIn { admin: has("admin"), recently_authenticated: has("recent") }
        } else {
            Self::Anonymous
        }
    }
}

impl fmt::Display for Viewer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anonymous => f.write_str("anonymous"),
            Self::SignedIn { admin, recently_authenticated } => {
                f.write_str("signed-in")?;
                f.write_str(if *admin { " admin" } else { "" })?;
                f.write_str(if *recently_authenticated { " recent" } else { "" })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_carries_its_viewer() {
        let flags = [(false, false), (false, true), (true, false), (true, true)];
        let signed_in =
            flags.map(|(admin, recently_authenticated)| Viewer::SignedIn { admin, recently_authenticated });
        for viewer in signed_in.into_iter().chain([Viewer::Anonymous]) {
            assert_eq!(Viewer::parse(&viewer.to_string()), viewer);
        }
        assert_eq!(Viewer::parse("admin"), Viewer::Anonymous);
    }
}
