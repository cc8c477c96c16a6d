//! The table of scenarios, in the order in which `make torture` runs them.

use super::{kills, outages, scenario::Scenario};

pub const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "outages",
        about: "two servers behind nginx, on PostgreSQL and Valkey, fail one after the other",
        takes: "1.5 minutes",
        rules: outages::RULES,
        run: |run| Box::pin(outages::run(run)),
    },
    Scenario {
        name: "kills",
        about: "a server is killed 200 times in the middle of writes, on SQLite and on PostgreSQL",
        takes: "6 minutes",
        rules: kills::RULES,
        run: |run| Box::pin(kills::run(run)),
    },
];
