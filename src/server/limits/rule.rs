//! How often is too often; without I/O.

use std::time::Duration;

use crate::server::{config::LimitsConfig, db::limits::Counter, domain::Timestamp};

/// How often something may be attempted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Some attempts within a moment, and one more after each interval: the generic cell rate algorithm, for
    /// which a time is enough.
    Bucket { burst: u32, interval: Duration },
    /// Some attempts without a delay. Each further one delays the next, twice as long each time up to a maximum.
    /// One is forgotten after each interval of decay.
    Delays { attempts: u32, delay: Duration, max_delay: Duration, decay: Duration },
}

impl Rule {
    /// Wrong passwords of an address; `None` if that is not limited.
    pub fn of_passwords(config: &LimitsConfig) -> Option<Self> {
        Self::bucket(config.sign_in_burst, config.sign_in_interval)
    }

    /// Registrations of an address; `None` if that is not limited.
    pub fn of_registrations(config: &LimitsConfig) -> Option<Self> {
        Self::bucket(config.register_burst, config.register_interval)
    }

    /// Mails that an address asks for; `None` if that is not limited.
    pub fn of_mails_from(config: &LimitsConfig) -> Option<Self> {
        Self::bucket(config.mails_from_burst, config.mails_from_interval)
    }

    /// Mails that are asked for to one email address; `None` if that is not limited.
    pub fn of_mails_to(config: &LimitsConfig) -> Option<Self> {
        Self::bucket(config.mails_to_burst, config.mails_to_interval)
    }

    /// Mails to an account about new devices; `None` if that is not limited.
    pub fn of_notices(config: &LimitsConfig) -> Option<Self> {
        Self::bucket(config.notices_burst, config.notices_interval)
    }

    /// Wrong passwords for an account; `None` if that is not limited.
    pub fn of_account(config: &LimitsConfig) -> Option<Self> {
        let &LimitsConfig { account_attempts: attempts, account_delay: delay, .. } = config;
        let (max_delay, decay) = (config.account_max_delay, config.account_decay);
        (attempts > 0).then_some(Self::Delays { attempts, delay, max_delay, decay })
    }

    /// Wrong passwords for an account in all browsers that are known together; `None` if that is not limited.
    pub fn of_devices(config: &LimitsConfig) -> Option<Self> {
        Self::bucket(config.devices_burst, config.devices_interval)
    }

    /// Passwords for an account that are hashed before those of strangers; `None` if all are.
    pub fn of_known(config: &LimitsConfig) -> Option<Self> {
        Self::bucket(config.known_burst, config.known_interval)
    }

    fn bucket(burst: u32, interval: Duration) -> Option<Self> {
        (burst > 0).then_some(Self::Bucket { burst, interval })
    }

    /// How long the next attempt has to wait; `None` if it may be made now. Never longer than the rule can demand,
    /// also after the clock was set back or the rule was changed.
    pub fn wait(self, counter: Counter, now: Timestamp) -> Option<Duration> {
        let wait = match self {
            Self::Bucket { .. } => self.counted(counter, now) + self.step() - self.capacity(),
            Self::Delays { max_delay, .. } => {
                counter.next_at.millis().saturating_sub(now.millis()).min(millis(max_delay))
            }
        };
        u64::try_from(wait).ok().filter(|wait| *wait > 0).map(Duration::from_millis)
    }

    /// The counter after an attempt.
    pub fn charge(self, counter: Counter, now: Timestamp) -> Counter {
        let counted = (self.counted(counter, now) + self.step()).min(self.capacity());
        let next_at = match self {
            Self::Bucket { .. } => now,
            Self::Delays { attempts, delay, max_delay, .. } => {
                let made = u32::try_from(counted.unsigned_abs().div_ceil(self.step().unsigned_abs().max(1)));
                match delay_after(made.unwrap_or(u32::MAX), attempts, delay, max_delay) {
                    // Not even now: of two attempts at the same moment, either may be charged first.
                    Duration::ZERO => Timestamp::from_millis(0),
                    delay => now + delay,
                }
            }
        };
        Counter { empty_at: Timestamp::from_millis(now.millis().saturating_add(counted)), next_at }
    }

    /// The counter without an attempt that left it as `charged`. Others may have been made since.
    pub fn give_back(self, counter: Counter, charged: Counter) -> Counter {
        let empty_at = Timestamp::from_millis(counter.empty_at.millis().saturating_sub(self.step()));
        let is_last = counter.next_at == charged.next_at;
        Counter { empty_at, next_at: if is_last { Timestamp::from_millis(0) } else { counter.next_at } }
    }

    /// What is counted, as milliseconds until it is forgotten.
    fn counted(self, counter: Counter, now: Timestamp) -> i64 {
        counter.empty_at.millis().saturating_sub(now.millis()).clamp(0, self.capacity())
    }

    /// What an attempt counts, in milliseconds.
    fn step(self) -> i64 {
        match self {
            Self::Bucket { interval, .. } => millis(interval),
            Self::Delays { decay, .. } => millis(decay),
        }
    }

    /// The most that can be counted, in milliseconds: more attempts than for the longest delay change nothing.
    fn capacity(self) -> i64 {
        let attempts = match self {
            Self::Bucket { burst, .. } => burst,
            Self::Delays { attempts, delay, max_delay, .. } => {
                let doublings = max_delay.as_millis().div_ceil(delay.as_millis().max(1));
                attempts.saturating_add(doublings.next_power_of_two().ilog2())
            }
        };
        self.step().saturating_mul(i64::from(attempts)).min(i64::MAX / 4)
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX / 4).min(i64::MAX / 4)
}

/// The delay after `made` attempts, of which `attempts` have none between them.
fn delay_after(made: u32, attempts: u32, delay: Duration, max_delay: Duration) -> Duration {
    match made.checked_sub(attempts) {
        None => Duration::ZERO,
        Some(doublings) => delay.saturating_mul(2_u32.saturating_pow(doublings)).min(max_delay),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_millis(1_764_000_000_000);
    const HOUR: Duration = Duration::from_hours(1);
    const BUCKET: Rule = Rule::Bucket { burst: 3, interval: Duration::from_secs(10) };
    const DELAYS: Rule = Rule::Delays {
        attempts: 2,
        delay: Duration::from_secs(15),
        max_delay: Duration::from_mins(15),
        decay: HOUR,
    };

    /// Attempts as soon as each may be made; returns how long each had to wait, in seconds.
    fn waits(rule: Rule, count: usize) -> Vec<u64> {
        let (mut counter, mut now) = (Counter::EMPTY, START);
        let attempt = |_| {
            let wait = rule.wait(counter, now).unwrap_or_default();
            now = now + wait;
            assert_eq!(rule.wait(counter, now), None);
            counter = rule.charge(counter, now);
            wait.as_secs()
        };
        (0..count).map(attempt).collect()
    }

    #[test]
    fn a_bucket_holds_a_burst_and_drains() {
        assert_eq!(waits(BUCKET, 6), [0, 0, 0, 10, 10, 10]);
    }

    #[test]
    fn delays_double_up_to_the_maximum() {
        assert_eq!(waits(DELAYS, 11), [0, 0, 15, 30, 60, 120, 240, 480, 900, 900, 900]);
    }

    #[test]
    fn attempts_without_a_delay_do_not_delay_others_of_the_same_moment() {
        let counter = DELAYS.charge(Counter::EMPTY, START + Duration::from_millis(5));
        assert_eq!(DELAYS.wait(counter, START), None);
    }

    #[test]
    fn attempts_are_forgotten_one_by_one() {
        let mut counter = (0..3).fold(Counter::EMPTY, |counter, _| DELAYS.charge(counter, START));
        assert_eq!(DELAYS.wait(counter, START), Some(Duration::from_secs(30)));
        counter = DELAYS.charge(counter, START + 2 * HOUR);
        assert_eq!(DELAYS.wait(counter, START + 2 * HOUR), Some(Duration::from_secs(15)), "the second again");
        assert!(counter.empty_at <= START + 4 * HOUR);
    }

    #[test]
    fn what_is_given_back_was_never_counted() {
        for rule in [BUCKET, DELAYS] {
            let before = rule.charge(Counter::EMPTY, START);
            let charged = rule.charge(before, START);
            let after = rule.give_back(charged, charged);
            assert_eq!((after.empty_at, rule.wait(after, START)), (before.empty_at, None), "{rule:?}");
        }
        let (mine, other) = (DELAYS.charge(Counter::EMPTY, START), START + Duration::from_secs(1));
        let delayed = DELAYS.charge(mine, other);
        assert_eq!(DELAYS.give_back(delayed, mine).next_at, delayed.next_at, "the delay of another stays");
    }

    #[test]
    fn nobody_waits_longer_because_the_clock_was_set_back() {
        for (rule, longest) in [(BUCKET, 10), (DELAYS, 900)] {
            let counter = (0..20).fold(Counter::EMPTY, |counter, _| rule.charge(counter, START + 24 * HOUR));
            let wait = rule.wait(counter, START).expect("it has to wait");
            assert_eq!(wait.as_secs(), longest, "{rule:?}");
        }
    }

    #[test]
    fn no_setting_overflows() {
        let longest = Duration::MAX;
        for rule in [
            Rule::Bucket { burst: u32::MAX, interval: longest },
            Rule::Delays { attempts: u32::MAX, delay: longest, max_delay: longest, decay: longest },
            Rule::Delays { attempts: 1, delay: Duration::from_millis(1), max_delay: longest, decay: longest },
        ] {
            let counter = rule.charge(rule.charge(Counter::EMPTY, START), START);
            rule.wait(counter, START);
            rule.give_back(counter, counter);
        }
    }
}
