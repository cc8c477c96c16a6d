//! The table of scenarios, in the order in which `make torture` runs them.

use super::{disk, hang_ups, kills, outages, saturation, scenario::Scenario, slow_clients};

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
    Scenario {
        name: "saturation",
        about: "500 clients at 70 % of what a server can do, then ten times more sign-ins than it can do",
        takes: "7 minutes",
        rules: saturation::RULES,
        run: |run| Box::pin(saturation::run(run)),
    },
    Scenario {
        name: "disk",
        about: "the disk is full, the database locked or read-only, the clock steps",
        takes: "2 minutes",
        rules: disk::RULES,
        run: |run| Box::pin(disk::run(run)),
    },
];
