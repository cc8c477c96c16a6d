//! A line every few seconds; and whether the machine keeps up.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::time::sleep;

use super::world::World;

const INTERVAL: Duration = Duration::from_secs(5);
/// How often it is measured how late a timer is.
const TICK: Duration = Duration::from_millis(20);

/// Measures until people stop: on a machine that is too busy, timers are late, as everything else is.
pub async fn measure_lag(world: Arc<World>) {
    while !world.stop.is_cancelled() {
        let began = Instant::now();
        sleep(TICK).await;
        let (phase, lag) = (world.timeline.phase_at(began), began.elapsed().saturating_sub(TICK));
        world.statistics.lagged(phase, lag);
    }
}

/// Prints until people stop.
pub async fn print(world: Arc<World>) {
    while world.stop.run_until_cancelled(sleep(INTERVAL)).await.is_some() {
        let total = world.statistics.total();
        let (ended, tried) = world.ended.counts();
        world.timeline.say(&format!(
            "  {} requests: {} ok, {} unavailable, {} bad gateway, {} broken, {} signed out; \
             {ended} ended sessions tried {tried} times; {} violations",
            total.requests,
            total.ok,
            total.unavailable,
            total.bad_gateway,
            total.broken,
            total.signed_out,
            world.violations.total()
        ));
    }
}
