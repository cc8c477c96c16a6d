//! What the application under test stores its data in: the environment variable `VESTIBULE_TEST_STORES`.

use std::env;

use vestibule::server::db::Dialect;

const VARIABLE: &str = "VESTIBULE_TEST_STORES";

const CHOICES: [(&str, Stores); 4] = [
    ("sqlite", Stores::in_database(Dialect::Sqlite)),
    ("postgres", Stores::in_database(Dialect::Postgres)),
    ("sqlite+valkey", Stores { database: Dialect::Sqlite, sessions_in_valkey: true }),
    ("postgres+valkey", Stores { database: Dialect::Postgres, sessions_in_valkey: true }),
];

/// A database, and where sessions are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stores {
    pub database: Dialect,
    /// Otherwise they are in the database.
    pub sessions_in_valkey: bool,
}

impl Stores {
    pub const fn in_database(database: Dialect) -> Self {
        Self { database, sessions_in_valkey: false }
    }

    /// Those that the variable names; SQLite if it is not set.
    pub fn chosen() -> Self {
        let Ok(name) = env::var(VARIABLE) else { return CHOICES[0].1 };
        let choice = CHOICES.into_iter().find(|(choice, _)| *choice == name);
        let names = CHOICES.map(|(choice, _)| choice).join(", ");
        choice.unwrap_or_else(|| panic!("{VARIABLE} is {name:?}, and must be one of {names}")).1
    }
}
