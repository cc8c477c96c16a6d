//! A server under stress, in scenarios: `make torture` runs all of them in turn, `make torture SCENARIO=kills` one.
//! Each prints a table, and says of each of its rules whether it holds; if one does not, the exit code is 1.
//!
//! `-- --help` lists the scenarios. `TORTURE_SEED` repeats the random choices of an earlier run, and `TORTURE_LOGS`
//! keeps the folders of all servers even if nothing is wrong.
//!
//! A scenario is a module with two public items, and a line in the table of `scenarios.rs`:
//!
//! ```ignore
//! pub const RULES: &[Rule] = &[Rule::PROCESSES, OTHERS_ARE_SERVED];
//! pub async fn run(run: Arc<Run>) -> Result<(), Failure>
//! ```
//!
//! It starts servers with `run.server("the server", &environment)?.start()?` (blocking), says what happens with
//! `run.say("…")`, counts requests in a `Statistics` of its own and prints it in the end, and reports each violation
//! with `run.violations.add(RULE, "evidence")`. It takes a bounded time, says something every few seconds, uses only
//! loopback and `run.folder`, and ends what it has started. An error means that it could not be carried out.

mod answer;
mod client;
mod database;
mod disk;
mod hang_ups;
mod kills;
mod observed;
mod outages;
mod people;
mod progress;
mod saturation;
mod scenario;
mod scenarios;
mod server;
mod slow_clients;
mod statistics;
mod violations;
mod visitor;

#[path = "../tests/support/servers/mod.rs"]
mod servers;
#[path = "../tests/support/site.rs"]
mod site;

use std::{
    env,
    error::Error,
    fs,
    hash::{BuildHasher, RandomState},
    path::Path,
    process::ExitCode,
    sync::Arc,
    time::Instant,
};

use clap::{Parser, builder::PossibleValuesParser};

use self::{
    progress::Progress,
    scenario::{Run, Scenario},
    scenarios::SCENARIOS,
    violations::Violations,
};

type Failure = Box<dyn Error + Send + Sync>;

#[derive(Debug, Parser)]
#[command(name = "torture", about = "A server under stress, in scenarios", after_help = list())]
struct Arguments {
    /// All of them, if none is named
    #[arg(value_parser = PossibleValuesParser::new(SCENARIOS.iter().map(|scenario| scenario.name)))]
    scenario: Vec<String>,
    /// How long the steady part of a scenario takes, where it has one
    #[arg(long)]
    seconds: Option<u64>,
    /// How often a server is killed on each database
    #[arg(long)]
    kills: Option<u32>,
    /// Given by `cargo bench`
    #[arg(long, hide = true)]
    bench: bool,
}

#[tokio::main]
async fn main() -> Result<ExitCode, Failure> {
    let arguments = Arguments::parse();
    let folder = tempfile::Builder::new().prefix("vestibule-torture-").tempdir()?;
    let result = tokio::select! {
        result = torture(folder.path(), &arguments) => result,
        interrupted = tokio::signal::ctrl_c() => {
            interrupted?;
            return Ok(ExitCode::FAILURE);
        }
    };
    let passed = matches!(result, Ok(true));
    if !passed || env::var_os("TORTURE_LOGS").is_some() {
        println!("\nThe logs of all servers are in {}", folder.keep().display());
    }
    result.map(|passed| if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// True if everything was as it must be.
async fn torture(folder: &Path, arguments: &Arguments) -> Result<bool, Failure> {
    let (program, site) = (folder.join("vestibule"), folder.join("site"));
    fs::copy(env!("CARGO_BIN_EXE_vestibule"), &program)?;
    site::build(&site)?;
    let seed = seed()?;
    let chosen = |scenario: &&Scenario| {
        arguments.scenario.is_empty() || arguments.scenario.iter().any(|name| name == scenario.name)
    };
    let mut broken = Vec::new();
    for scenario in SCENARIOS.iter().filter(chosen) {
        let run = Arc::new(Run {
            folder: folder.join(scenario.name),
            program: program.clone(),
            site: site.clone(),
            seconds: arguments.seconds,
            kills: arguments.kills,
            seed,
            violations: Arc::new(Violations::default()),
            progress: Progress::start(),
        });
        fs::create_dir(&run.folder)?;
        if !try_out(scenario, &run).await {
            broken.push(scenario.name);
        }
    }
    if !broken.is_empty() {
        println!("\nNot as it must be: {}", broken.join(", "));
    }
    Ok(broken.is_empty())
}

async fn try_out(scenario: &Scenario, run: &Arc<Run>) -> bool {
    let began = Instant::now();
    println!("\n==> {}: {} (about {})\n", scenario.name, scenario.about, scenario.takes);
    let done = (scenario.run)(run.clone()).await;
    run.violations.print(scenario.rules);
    if let Err(error) = &done {
        println!("\nThe scenario could not be carried out to its end: {error}");
    }
    println!("\n{} took {:.0} s", scenario.name, began.elapsed().as_secs_f64());
    done.is_ok() && run.violations.are_none()
}

fn list() -> String {
    let lines = SCENARIOS.iter().map(|scenario| {
        let Scenario { name, about, takes, .. } = scenario;
        format!("  {name:<14} {about} (about {takes})")
    });
    format!("Scenarios:\n{}", lines.collect::<Vec<_>>().join("\n"))
}

fn seed() -> Result<u64, Failure> {
    let seed = env::var("TORTURE_SEED").ok();
    Ok(seed.map_or_else(|| Ok(RandomState::new().hash_one("seed")), |seed| seed.parse())?)
}
