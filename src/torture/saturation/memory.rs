//! How much memory a server takes, from the outside.

use std::{
    fs,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

const INTERVAL: Duration = Duration::from_millis(500);

/// What it took, in KiB, at regular times.
#[derive(Debug, Default)]
pub struct Memory(Mutex<Vec<f64>>);

impl Memory {
    /// Measures a process again and again, until `stop`.
    pub async fn measure(&self, process: u32, stop: &CancellationToken) {
        while stop.run_until_cancelled(sleep(INTERVAL)).await.is_some() {
            if let Some(size) = resident(process) {
                self.0.lock().unwrap_or_else(PoisonError::into_inner).push(size);
            }
        }
    }

    /// What it took in each tenth of the time on average, in MiB; nothing where there is no `/proc`.
    pub fn tenths(&self) -> Vec<f64> {
        let sizes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let tenths = sizes.chunks_exact((sizes.len() / 10).max(1)).take(10);
        tenths.map(|sizes| sizes.iter().sum::<f64>() / sizes.len() as f64 / 1024.0).collect()
    }
}

/// The resident memory of a process, in KiB.
fn resident(process: u32) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse().ok()
}
