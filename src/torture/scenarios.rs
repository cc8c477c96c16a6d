//! The table of scenarios, in the order in which `make torture` runs them.

use super::{hang_ups, kills, outages, scenario::Scenario, slow_clients};

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
    Scenario {
        name: "slow-clients",
        about: "3,000 clients send and read slowly, while others browse",
        takes: "2 minutes",
        rules: slow_clients::RULES,
        run: |run| Box::pin(slow_clients::run(run)),
    },
    Scenario {
        name: "hang-ups",
        about: "100,000 requests, of which a fifth hang up midway",
        takes: "1 minute",
        rules: hang_ups::RULES,
        run: |run| Box::pin(hang_ups::run(run)),
    },
];
