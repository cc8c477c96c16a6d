//! What is known about an account: which names and passwords it can have by now.
//!
//! A change that was acknowledged has happened; one that was not may have happened.

/// Nothing that a dictionary would reject, and not the name or the address.
const FIRST_PASSWORD: &str = "violet anchor seldom";

#[derive(Debug)]
pub struct Account {
    pub number: u64,
    pub email: String,
    /// How many names were tried, apart from the one it was registered with.
    attempted_names: u64,
    acknowledged_names: u64,
    /// The number of the last name that was acknowledged or seen: it never goes back before that.
    known_name: u64,
    /// Those that may be the right one.
    passwords: Vec<String>,
    attempted_passwords: u64,
    acknowledged_passwords: u64,
}

impl Account {
    pub fn new(number: u64) -> Self {
        Self {
            number,
            email: format!("person{number}@example.org"),
            attempted_names: 0,
            acknowledged_names: 0,
            known_name: 0,
            passwords: vec![FIRST_PASSWORD.to_owned()],
            attempted_passwords: 0,
            acknowledged_passwords: 0,
        }
    }

    /// The name that was tried last.
    pub fn last_name(&self) -> String {
        format!("{}{}", self.name_start(), self.attempted_names)
    }

    /// A name that it never had.
    pub fn next_name(&mut self) -> String {
        self.attempted_names += 1;
        self.last_name()
    }

    pub fn name_was_acknowledged(&mut self) {
        self.acknowledged_names += 1;
        self.known_name = self.attempted_names;
    }

    pub fn known_name(&self) -> u64 {
        self.known_name
    }

    /// Judges a name that was read. `known` is the known name when reading began.
    ///
    /// # Errors
    /// What it should have been.
    pub fn check_name(&mut self, name: &str, known: u64) -> Result<(), String> {
        self.known_name = self.known_name.max(self.number_of(name, known)?);
        Ok(())
    }

    /// Judges the name that the account has in the end.
    ///
    /// # Errors
    /// What it should have been.
    pub fn check_last_name(&self, name: &str) -> Result<(), String> {
        self.number_of(name, self.known_name).map(drop)
    }

    pub fn password(&self) -> &str {
        self.passwords.first().map_or("", String::as_str)
    }

    pub fn is_password_certain(&self) -> bool {
        self.passwords.len() == 1
    }

    pub fn next_password(&mut self) -> String {
        self.attempted_passwords += 1;
        format!("{FIRST_PASSWORD} {}", self.attempted_passwords)
    }

    pub fn password_was_acknowledged(&mut self, new: String) {
        self.acknowledged_passwords += 1;
        self.passwords = vec![new];
    }

    pub fn password_may_have_changed(&mut self, new: String) {
        self.passwords.push(new);
    }

    /// Signing in has shown which one is right.
    pub fn password_is_right(&mut self) {
        self.passwords.truncate(1);
    }

    /// The other one is tried next.
    pub fn password_was_refused(&mut self) {
        self.passwords.rotate_left(1);
    }

    /// It is wrong for good; `false` if it was the last.
    pub fn password_is_wrong(&mut self) -> bool {
        self.passwords.len() > 1 && {
            self.passwords.remove(0);
            true
        }
    }

    pub fn acknowledged_names(&self) -> u64 {
        self.acknowledged_names
    }

    pub fn acknowledged_passwords(&self) -> u64 {
        self.acknowledged_passwords
    }

    /// Judges how many entries the audit log has: at least one for each change that was acknowledged, at most
    /// one for each that was tried.
    ///
    /// # Errors
    /// What it should have been.
    pub fn check_events(&self, names: u64, passwords: u64) -> Result<(), String> {
        let name_range = self.acknowledged_names..=self.attempted_names;
        let password_range = self.acknowledged_passwords..=self.attempted_passwords;
        if name_range.contains(&names) && password_range.contains(&passwords) {
            return Ok(());
        }
        Err(format!(
            "the audit log has {names} changed names, which must be {name_range:?}, and {passwords} changed \
             passwords, which must be {password_range:?}"
        ))
    }

    fn number_of(&self, name: &str, known: u64) -> Result<u64, String> {
        let possible = known..=self.attempted_names;
        let number = name.strip_prefix(&self.name_start()).and_then(|number| number.parse().ok());
        number
            .filter(|number| possible.contains(number))
            .ok_or_else(|| format!("the name is {name:?}, and must have a number of {possible:?}"))
    }

    fn name_start(&self) -> String {
        format!("Person {} name ", self.number)
    }
}
