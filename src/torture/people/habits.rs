//! What people do, and how often.

use std::ops::Range;

use rand::{RngExt, rngs::StdRng};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    Read,
    Rename,
    RenameWhileReading,
    LookFromOutside,
    SignIn,
    SignInAgain,
    SignOut,
    EndOthers,
    EndAnother,
    Confirm,
    ChangePassword,
    EndWhileAnotherConfirms,
    /// Someone new registers.
    Register,
}

#[derive(Clone, Debug)]
pub struct Habits {
    /// How long a person looks at a page, in milliseconds.
    pub thinking: Range<u64>,
    /// How often each is done, of the sum of all.
    deeds: &'static [(u32, Deed)],
}

impl Habits {
    /// Mostly reads. What needs the password is rare, since hashing it is the most expensive of all.
    pub const ORDINARY: Self = Self {
        thinking: 80..320,
        deeds: &[
            (687, Deed::Read),
            (130, Deed::Rename),
            (60, Deed::RenameWhileReading),
            (30, Deed::LookFromOutside),
            (30, Deed::SignIn),
            (10, Deed::SignInAgain),
            (15, Deed::SignOut),
            (12, Deed::EndOthers),
            (12, Deed::EndAnother),
            (8, Deed::Confirm),
            (6, Deed::ChangePassword),
            (17, Deed::EndWhileAnotherConfirms),
        ],
    };

    /// Mostly writes, and without much thought.
    pub const WRITING: Self = Self {
        thinking: 10..80,
        deeds: &[
            (15, Deed::Read),
            (25, Deed::Rename),
            (5, Deed::LookFromOutside),
            (15, Deed::SignIn),
            (3, Deed::SignInAgain),
            (15, Deed::SignOut),
            (5, Deed::EndOthers),
            (5, Deed::EndAnother),
            (2, Deed::Confirm),
            (5, Deed::ChangePassword),
            (5, Deed::Register),
        ],
    };

    pub fn choose(&self, random: &mut StdRng) -> Deed {
        let sum = self.deeds.iter().map(|(weight, _)| weight).sum();
        let mut left = random.random_range(0..sum);
        for (weight, deed) in self.deeds {
            match left.checked_sub(*weight) {
                Some(rest) => left = rest,
                None => return *deed,
            }
        }
        Deed::Read
    }
}
