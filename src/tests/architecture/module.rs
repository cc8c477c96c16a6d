//! What is written in a module, and the paths of modules.

use std::collections::BTreeSet;

/// The name of an import that brings in all names of a module.
pub const GLOB: &str = "*";

/// A module, in a file of its own or inside braces.
#[derive(Debug, Default)]
pub struct Module {
    pub file: String,
    /// Names that are defined here, without those of modules.
    pub items: BTreeSet<String>,
    pub imports: Vec<Import>,
    pub mentions: Vec<Mention>,
    /// Names of local variables.
    pub variables: BTreeSet<String>,
}

/// One name that a `use` brings in.
#[derive(Debug)]
pub struct Import {
    /// The name that it has here.
    pub name: String,
    pub path: Vec<String>,
    pub line: usize,
    /// A re-export.
    pub public: bool,
    /// In the body of a function.
    pub local: bool,
}

/// A path in code: a type, a call, a constant.
#[derive(Debug)]
pub struct Mention {
    /// As it is written.
    pub text: String,
    /// Seen from the module: an import in the body of a function is put in the place of its name.
    pub path: Vec<String>,
    pub line: usize,
}

/// The module path of a file: `server::sessions` for `src/server/sessions/mod.rs`, nothing for
/// `src/lib.rs`.
pub fn module_of(file: &str) -> String {
    let path = file.strip_prefix("src/").unwrap_or(file);
    let path = path.strip_suffix(".rs").unwrap_or(path);
    let path = path.strip_suffix("/mod").unwrap_or(path);
    if path == "lib" { String::new() } else { path.replace('/', "::") }
}

/// The path of `name` in `module`.
pub fn join(module: &str, name: &str) -> String {
    if module.is_empty() { name.to_owned() } else { format!("{module}::{name}") }
}

/// Whether `path` is `module` or below it.
pub fn is_within(path: &str, module: &str) -> bool {
    path.strip_prefix(module).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}
