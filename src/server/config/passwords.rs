//! How much work a password takes.

use serde::{Deserialize, Serialize};

use super::error::ConfigError;

/// Memory in KiB and passes of the settings that the OWASP Password Storage Cheat Sheet calls equivalent.
const RECOMMENDED: [(u32, u32); 5] = [(47_104, 1), (19_456, 2), (12_288, 3), (9_216, 4), (7_168, 5)];
const MAX_MEMORY: u32 = 4 * 1024 * 1024;
const MAX_PASSES: u32 = 100;
const MAX_LANES: u32 = 64;
const MAX_AT_A_TIME: usize = 1024;
const MAX_WAITING: usize = 10_000;

/// How passwords are hashed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PasswordsConfig {
    /// KiB of memory that a hash fills.
    pub memory: u32,
    /// How often it does.
    pub passes: u32,
    /// Into how many parts the memory is divided.
    pub lanes: u32,
    /// How many are hashed at a time; 0 for what [`Self::at_a_time`] finds.
    pub at_a_time: usize,
    /// How many may wait for each of those.
    pub waiting: usize,
}

impl PasswordsConfig {
    /// How many are hashed at a time on a machine with these cores and this memory, in bytes.
    pub fn at_a_time(&self, cores: usize, memory: Option<u64>) -> usize {
        if self.at_a_time > 0 {
            return self.at_a_time;
        }
        let each = u64::from(self.memory) * 1024;
        let fit =
            memory.map_or(usize::MAX, |memory| usize::try_from(memory / 2 / each).unwrap_or(usize::MAX));
        cores.min(fit).max(1)
    }

    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        let enough = |&(memory, passes): &(u32, u32)| self.memory >= memory && self.passes >= passes;
        if !RECOMMENDED.iter().any(enough) || self.memory > MAX_MEMORY {
            let least = RECOMMENDED.map(|(memory, passes)| format!("{memory} with {passes}")).join(", ");
            let problem = format!("at most {MAX_MEMORY}, and with passwords.passes at least one of: {least}");
            return Err(ConfigError::invalid("passwords.memory", problem));
        }
        if self.passes > MAX_PASSES {
            return Err(ConfigError::invalid("passwords.passes", format!("at most {MAX_PASSES}")));
        }
        if !(1..=MAX_LANES).contains(&self.lanes) {
            return Err(ConfigError::invalid("passwords.lanes", format!("between 1 and {MAX_LANES}")));
        }
        if self.at_a_time > MAX_AT_A_TIME {
            return Err(ConfigError::invalid("passwords.at_a_time", format!("at most {MAX_AT_A_TIME}")));
        }
        if self.waiting > MAX_WAITING {
            return Err(ConfigError::invalid("passwords.waiting", format!("at most {MAX_WAITING}")));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEFAULT: PasswordsConfig =
        PasswordsConfig { memory: 19_456, passes: 2, lanes: 1, at_a_time: 0, waiting: 16 };

    #[test]
    fn what_is_cheaper_than_recommended_is_refused() {
        let check = |memory, passes| PasswordsConfig { memory, passes, ..DEFAULT }.validate();
        for (memory, passes) in RECOMMENDED.into_iter().chain([(19_456, 3), (65_536, 1), (MAX_MEMORY, 100)]) {
            assert!(check(memory, passes).is_ok(), "{memory} with {passes}");
        }
        for (memory, passes) in
            [(19_456, 1), (19_455, 2), (7_167, 100), (0, 0), (MAX_MEMORY + 1, 1), (19_456, 101)]
        {
            assert!(check(memory, passes).is_err(), "{memory} with {passes}");
        }
        assert!(PasswordsConfig { lanes: 0, ..DEFAULT }.validate().is_err());
        assert!(PasswordsConfig { at_a_time: 100_000, ..DEFAULT }.validate().is_err());
        assert!(PasswordsConfig { waiting: 1_000_000, ..DEFAULT }.validate().is_err());
    }

    #[test]
    fn hashing_takes_half_of_the_memory_at_most() {
        let mebibytes = |count: u64| Some(count * 1024 * 1024);
        assert_eq!(DEFAULT.at_a_time(16, None), 16);
        assert_eq!(DEFAULT.at_a_time(16, mebibytes(64 * 1024)), 16);
        assert_eq!(DEFAULT.at_a_time(16, mebibytes(256)), 6, "6 × 19 MiB");
        assert_eq!(DEFAULT.at_a_time(16, mebibytes(16)), 1);
        assert_eq!(
            PasswordsConfig { at_a_time: 9, ..DEFAULT }.at_a_time(2, mebibytes(64)),
            9,
            "as the operator says"
        );
    }
}
