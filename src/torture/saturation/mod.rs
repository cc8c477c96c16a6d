//! 500 clients at 70 % of what a server can do, for five minutes; then a flood of sign-ins.

mod flood;
mod load;
mod memory;

use std::{
    io,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{task::spawn_blocking, time::sleep};
use tokio_util::sync::CancellationToken;

use self::{
    flood::{KNOWN, KNOWN_DEVICE, REFUSED},
    load::{CLIENTS, Load, PERSON, Rows, SERVED, address},
    memory::Memory,
};
use crate::{
    Failure, progress, scenario::Run, server::Server, statistics::Row, violations::Rule, visitor::Visitor,
};

const MEMORY: Rule = Rule("Memory grows by less than 5 % after warming up");
const LATENCY: Rule = Rule("Pages are served in 20 ms during the flood (p99)");
const RECOVERS: Rule =
    Rule("2 s after the flood, who comes with a device that is not known signs in within a second");
pub const RULES: &[Rule] = &[SERVED, MEMORY, LATENCY, REFUSED, KNOWN_DEVICE, RECOVERS, Rule::PROCESSES];

const SECONDS: u64 = 300;
const FLOOD: Duration = Duration::from_secs(60);
const SATURATING: Duration = Duration::from_secs(8);
const STEADY_SHARE: f64 = 0.7;
/// Of what is served at saturation, how much people ask for during the flood: its hashes take the processor.
const FLOOD_SHARE: f64 = 0.1;
/// Sign-ins of the flood, of those that can be judged.
const FLOOD_FACTOR: f64 = 10.0;
const MAX_GROWTH: f64 = 0.05;
const MAX_LATENCY: Duration = Duration::from_millis(20);
const RECOVERY: Duration = Duration::from_secs(2);
const AFTERWARDS: Duration = Duration::from_secs(5);
const MAX_SIGN_IN: Duration = Duration::from_secs(1);

const SATURATED: Rows = Rows { pages: "pages, saturated", changes: "changes, saturated" };
const STEADY: Rows = Rows { pages: "pages at 70 %", changes: "changes at 70 %" };
const HASHING: &str = "sign-ins, as many as can be judged";
const FLOODED: Rows = Rows { pages: "pages during the flood", changes: "changes during the flood" };
const SIGN_INS: &str = "sign-ins of the flood";
const DEVICE: &str = "known device during the flood";
const AFTER: Rows = Rows { pages: "pages after the flood", changes: "changes after the flood" };
const SIGN_INS_AFTER: &str = "sign-ins after the flood";

/// # Errors
/// If something cannot be started.
pub async fn run(run: Arc<Run>) -> Result<(), Failure> {
    let server = Arc::new(run.server("the server", &[])?);
    let started = server.clone();
    spawn_blocking(move || started.start()).await??;
    let load = Arc::new(Load::start(&run, server.target()).await?);
    let known = load::register(load.target, KNOWN, address(4, 0)).await?;
    let time = Duration::from_secs(run.seconds.unwrap_or(SECONDS));

    run.say(&format!("{CLIENTS} clients look at pages as fast as they can"));
    let saturated = observed(&load, SATURATED.pages, load.drive(SATURATED, None, SATURATING)).await;
    keep_busy(&load, &server, saturated, time).await?;
    let waits = flooded(&load, saturated, known).await;
    sleep(RECOVERY).await;
    recovered(&load, saturated).await;

    let stopped = server.clone();
    let (ended, faults) =
        spawn_blocking(move || Ok::<_, io::Error>((stopped.stop()?, server.faults()?))).await??;
    for fault in ended.err().into_iter().chain(faults) {
        run.violations.add(Rule::PROCESSES, &fault);
    }
    print(&load, time, &waits);
    Ok(())
}

/// The long part.
async fn keep_busy(load: &Arc<Load>, server: &Server, saturated: f64, time: Duration) -> Result<(), Failure> {
    let rate = saturated * STEADY_SHARE;
    load.run.say(&format!(
        "{saturated:.0} pages per second are served; for {} s, {rate:.0} per second are asked for",
        time.as_secs()
    ));
    let (memory, stop, process) = (Memory::default(), CancellationToken::new(), server.id()?);
    let drive = async {
        let served = observed(load, STEADY.pages, load.drive(STEADY, Some(rate), time)).await;
        stop.cancel();
        served
    };
    let (served, ()) = tokio::join!(drive, memory.measure(process, &stop));
    load.run.say(&format!("{served:.0} per second were served"));
    judge_memory(load, &memory.tenths());
    Ok(())
}

/// The first two tenths of the time are for warming up.
fn judge_memory(load: &Load, tenths: &[f64]) {
    let (Some(first), Some(last)) = (tenths.get(2), tenths.last()) else {
        return load.run.say("memory cannot be measured on this system");
    };
    let growth = last / first - 1.0;
    let all: Vec<_> = tenths.iter().map(|size| format!("{size:.1}")).collect();
    let text =
        format!("memory in each tenth of the time, in MiB: {} ({:+.1} %)", all.join(" "), growth * 100.0);
    load.run.say(&text);
    if growth >= MAX_GROWTH {
        load.run.violations.add(MEMORY, &text);
    }
}

/// Returns how long someone with a known device waited for each sign-in.
async fn flooded(load: &Arc<Load>, saturated: f64, known: Visitor) -> Vec<Duration> {
    let capacity = observed(load, HASHING, flood::capacity(load, HASHING)).await;
    let (rate, asked) = (capacity * FLOOD_FACTOR, saturated * FLOOD_SHARE);
    load.run.say(&format!(
        "{capacity:.0} sign-ins per second can be judged; for {} s, {rate:.0} per second come, each from an address of \
         its own, and {asked:.0} pages per second are asked for",
        FLOOD.as_secs()
    ));
    let end = Instant::now() + FLOOD;
    let all = async {
        tokio::join!(
            flood::flood(load, SIGN_INS, rate, FLOOD),
            load.drive(FLOODED, Some(asked), FLOOD),
            flood::sign_in_meanwhile(load.clone(), known, DEVICE, end),
        )
    };
    let ((), _, waits) = observed(load, FLOODED.pages, all).await;
    let latency = load.statistics.row(FLOODED.pages).percentile(99);
    let text = format!("p99 of pages during the flood: {:.1} ms", latency.as_secs_f64() * 1e3);
    load.run.say(&text);
    if latency > MAX_LATENCY {
        load.run.violations.add(LATENCY, &text);
    }
    waits
}

/// Soon after the flood.
async fn recovered(load: &Arc<Load>, saturated: f64) {
    let mut stranger = Visitor::new(load.target, address(5, 0));
    let began = Instant::now();
    // The account that was attacked lets unknown devices wait longer: that is what its limit is for.
    let is_in = flood::sign_in(load, &mut stranger, PERSON, SIGN_INS_AFTER, began + MAX_SIGN_IN).await;
    let took = began.elapsed();
    if !is_in || took > MAX_SIGN_IN {
        load.run.violations.add(RECOVERS, &format!("signed in: {is_in}, after {} ms", took.as_millis()));
    }
    let rate = saturated * STEADY_SHARE;
    observed(load, AFTER.pages, load.drive(AFTER, Some(rate), AFTERWARDS)).await;
}

/// Works, while it is measured whether the machine keeps up, and said how it goes.
async fn observed<T>(load: &Load, row: &'static str, work: impl Future<Output = T>) -> T {
    let stop = CancellationToken::new();
    let lag = progress::measure_lag(&stop, |_, lag| load.statistics.lagged(row, lag));
    let describe = || {
        let total = load.statistics.total();
        format!(
            "  {} requests: {} ok, {} limited, {} unavailable, {} broken; {} violations",
            total.requests,
            total.ok,
            total.limited,
            total.unavailable,
            total.broken,
            load.run.violations.total()
        )
    };
    let work = async {
        let result = work.await;
        stop.cancel();
        result
    };
    let (result, (), ()) = tokio::join!(work, lag, load.run.progress.report(&stop, describe));
    result
}

fn print(load: &Load, time: Duration, waits: &[Duration]) {
    let row = |name, time| Row { name, time, is_disturbed: false };
    load.statistics.print(&[
        row(SATURATED.pages, SATURATING),
        row(SATURATED.changes, SATURATING),
        row(STEADY.pages, time),
        row(STEADY.changes, time),
        row(HASHING, flood::MEASURED),
        row(FLOODED.pages, FLOOD),
        row(FLOODED.changes, FLOOD),
        row(SIGN_INS, FLOOD),
        row(DEVICE, FLOOD),
        row(SIGN_INS_AFTER, MAX_SIGN_IN),
        row(AFTER.pages, AFTERWARDS),
        row(AFTER.changes, AFTERWARDS),
    ]);
    let seconds = |wait: Option<&Duration>| wait.map_or(0.0, Duration::as_secs_f64);
    println!(
        "\nWith a known device {} sign-ins, with all their attempts {:.2} s in the median, {:.2} s at most.",
        waits.len(),
        seconds(waits.get(waits.len() / 2)),
        seconds(waits.last())
    );
}
