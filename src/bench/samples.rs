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
        println!("{name:<38} {:>9.1} {:>9.1} {:>9.1}", self.at(50), self.at(99), self.at(100));
    }

    /// A cell of another table.
    pub fn median_and_p99(mut self) -> String {
        self.0.sort_unstable();
        format!("{:.1} / {:.1}", self.at(50), self.at(99))
    }

    /// Half of them took longer, in milliseconds.
    pub fn median_millis(mut self) -> f64 {
        self.0.sort_unstable();
        self.at(50) / 1e3
    }

    /// A percentile of the sorted samples, in microseconds: the nearest rank below.
    fn at(&self, percent: usize) -> f64 {
        let took = self.0.get(self.0.len().saturating_sub(1) * percent / 100);
        took.map_or(0.0, |took| took.as_secs_f64() * 1e6)
    }
}
