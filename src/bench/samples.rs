use std::time::{Duration, Instant};

/// How long something took, again and again.
#[derive(Debug, Default)]
pub struct Samples(Vec<Duration>);

impl Samples {
    pub async fn time<T>(&mut self, work: impl Future<Output = T>) -> T {
        let began = Instant::now();
        let done = work.await;
        self.0.push(began.elapsed());
        done
    }

    /// Adds one that was measured already, unless it was to warm up.
    pub fn add(&mut self, took: Duration, counts: bool) {
        if counts {
            self.0.push(took);
        }
    }

    /// The head of the table.
    pub fn header() {
        println!("{:<38} {:>9} {:>9} {:>9}", "", "median", "p99", "slowest");
    }

    /// A line of the table.
    pub fn print(mut self, name: &str) {
        self.0.sort_unstable();
        // The nearest rank below.
        let at = |percent: usize| {
            let took = self.0.get(self.0.len().saturating_sub(1) * percent / 100);
            took.map_or(0.0, |took| took.as_secs_f64() * 1e6)
        };
        println!("{name:<38} {:>9.1} {:>9.1} {:>9.1}", at(50), at(99), at(100));
    }
}
