//! SQL that is written once for both databases.

/// The SQL of one of the two databases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    Sqlite,
    Postgres,
}

/// An SQL statement with the parameters `$1`, `$2`, …
#[derive(Clone, Copy, Debug)]
pub struct Statement {
    sqlite: &'static str,
    postgres: &'static str,
}

impl Statement {
    /// A statement that is the same for both databases.
    pub const fn new(sql: &'static str) -> Self {
        Self { sqlite: sql, postgres: sql }
    }

    /// A statement that the two databases spell differently.
    pub const fn per_dialect(sqlite: &'static str, postgres: &'static str) -> Self {
        Self { sqlite, postgres }
    }

    /// A statement that only PostgreSQL needs, such as one that takes a lock: in SQLite a transaction has the
    /// whole database to itself.
    pub const fn only_postgres(sql: &'static str) -> Self {
        Self { sqlite: "", postgres: sql }
    }

    /// Its text; empty if there is nothing to do.
    pub fn text(self, dialect: Dialect) -> &'static str {
        match dialect {
            Dialect::Sqlite => self.sqlite,
            Dialect::Postgres => self.postgres,
        }
    }

    /// Gives `$1` a value.
    pub fn bind(self, parameter: impl Into<Parameter>) -> Query {
        self.query().bind(parameter)
    }

    /// The statement without parameters.
    pub fn query(self) -> Query {
        Query { statement: self, parameters: Vec::new() }
    }
}

/// A value of one of the two types that columns have.
#[derive(Clone, Debug)]
pub enum Parameter {
    Text(Option<String>),
    Integer(Option<i64>),
}

impl From<&str> for Parameter {
    fn from(text: &str) -> Self {
        Self::Text(Some(text.to_owned()))
    }
}

impl From<String> for Parameter {
    fn from(text: String) -> Self {
        Self::Text(Some(text))
    }
}

impl From<Option<&str>> for Parameter {
    fn from(text: Option<&str>) -> Self {
        Self::Text(text.map(str::to_owned))
    }
}

impl From<i64> for Parameter {
    fn from(integer: i64) -> Self {
        Self::Integer(Some(integer))
    }
}

impl From<Option<i64>> for Parameter {
    fn from(integer: Option<i64>) -> Self {
        Self::Integer(integer)
    }
}

/// A statement with values for its parameters.
#[derive(Clone, Debug)]
pub struct Query {
    pub(super) statement: Statement,
    pub(super) parameters: Vec<Parameter>,
}

impl Query {
    /// Gives the next parameter a value.
    pub fn bind(mut self, parameter: impl Into<Parameter>) -> Self {
        self.parameters.push(parameter.into());
        self
    }
}
