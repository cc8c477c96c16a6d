//! What the application keeps in a session, by typed keys.

use std::{fmt, marker::PhantomData};

/// Prefix of the names of values that survive sign-in.
const SURVIVES: &str = "keep:";

/// The name and the type of a value: declared once as a constant, and used wherever the value is
/// read or written.
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use vestibule::{model::AppError, server::sessions::{RequestSession, Key}};
///
/// #[derive(Serialize, Deserialize)]
/// enum Theme { Light, Dark }
///
/// const CART: Key<Vec<u32>> = Key::new("cart");
/// const THEME: Key<Theme> = Key::surviving_sign_in("keep:theme");
///
/// async fn choose(session: &RequestSession) -> Result<(), AppError> {
///     session.insert(&THEME, &Theme::Dark).await?;
///     let theme: Option<Theme> = session.get(&THEME).await?;
///     let cart: Option<Vec<u32>> = session.remove(&CART).await?;
///     Ok(())
/// }
/// ```
pub struct Key<T> {
    name: &'static str,
    value: PhantomData<fn() -> T>,
}

impl<T> Key<T> {
    /// A value that is dropped at sign-in, since another person may have put it there before (session
    /// fixation, ASVS 7.2.4).
    pub const fn new(name: &'static str) -> Self {
        assert!(!survives(name), "a name that begins with keep: is for surviving_sign_in");
        Self { name, value: PhantomData }
    }

    /// A value that survives sign-in on purpose, such as a preference; never one that says who a person
    /// is or what they may do. Its name begins with `keep:`.
    pub const fn surviving_sign_in(name: &'static str) -> Self {
        assert!(survives(name), "the name of a value that survives sign-in begins with keep:");
        Self { name, value: PhantomData }
    }

    pub fn name(&self) -> &'static str {
        self.name
    }
}

impl<T> fmt::Debug for Key<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({:?})", self.name)
    }
}

/// True if the value of this name survives sign-in.
pub(super) const fn survives(name: &str) -> bool {
    let (name, mark) = (name.as_bytes(), SURVIVES.as_bytes());
    let mut at = 0;
    while at < mark.len() {
        if at == name.len() || name[at] != mark[at] {
            return false;
        }
        at += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::survives;

    #[test]
    fn survivors_are_known_by_their_name() {
        for (name, expected) in
            [("keep:theme", true), ("keep:", true), ("keep", false), ("", false), ("theme", false)]
        {
            assert_eq!(survives(name), expected, "{name}");
        }
    }
}
