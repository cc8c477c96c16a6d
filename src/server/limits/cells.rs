//! Counters in this process, for as long as the database fails.

use std::collections::HashMap;

use super::subject::{Kind, Subject};
use crate::server::db::limits::Counter;

/// Counters of each kind, 16 bytes each. Keys of a kind that share one by chance are limited together.
const CELLS: usize = 1 << 14;

/// A table for each kind: what one rule has counted would say something else by another.
#[derive(Debug, Default)]
pub struct Cells(HashMap<Kind, Vec<Counter>>);

impl Cells {
    pub fn of(&mut self, subject: &Subject) -> &mut Counter {
        let cells = self.0.entry(subject.kind).or_insert_with(|| vec![Counter::EMPTY; CELLS]);
        &mut cells[subject.key.place(CELLS)]
    }
}

#[cfg(test)]
mod tests {
    use std::{net::IpAddr, sync::Arc, time::Duration};

    use super::*;
    use crate::server::{
        domain::Timestamp,
        limits::{
            rule::Rule,
            subject::{Counted, Keys},
        },
    };

    #[test]
    fn kinds_never_share_a_counter() {
        let (keys, address) = (Keys(Arc::new([])), IpAddr::from([203, 0, 113, 9]));
        let rule = Rule::Bucket { burst: 1, interval: Duration::from_secs(1) };
        let counted = Counter { empty_at: Timestamp::from_millis(1), next_at: Timestamp::from_millis(2) };
        let mut cells = Cells::default();
        let account = keys.subject(Counted::SignIn { email_key: "0" }, rule);
        *cells.of(&account) = counted;
        assert_eq!(*cells.of(&account), counted);
        for other in [
            Counted::SignInFrom(address),
            Counted::RegisterFrom(address),
            Counted::ConfirmFrom(address),
            Counted::Device { id: &[0; 16], email_key: "0" },
            Counted::Devices { email_key: "0" },
            Counted::Known { email_key: "0" },
        ] {
            // At the place of the counter that says something.
            let other = Subject { key: account.key, ..keys.subject(other, rule) };
            assert_eq!(*cells.of(&other), Counter::EMPTY, "{other:?}");
        }
    }
}
