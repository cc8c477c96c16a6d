//! Reads the sources: all modules of the crate.

use std::{collections::BTreeMap, fs, path::Path};

use super::{
    module::{Module, is_within, module_of},
    parse,
};

/// Other crates, or the tests of this one: nothing depends on them.
const OTHERS: &[&str] =
    &["src/tests/", "src/bench/", "src/torture/", "src/tools/", "src/client/", "src/main.rs"];

/// All modules, by their paths below `crate`.
#[derive(Debug, Default)]
pub struct Tree {
    pub modules: BTreeMap<String, Module>,
}

impl Tree {
    /// The files below `root/src`.
    pub fn read(root: &Path) -> Self {
        let mut sources = BTreeMap::new();
        read_directory(&root.join("src"), "src", &mut sources);
        let sources = sources.iter().map(|(file, text)| (file.as_str(), text.as_str()));
        Self::from_sources(sources)
    }

    /// From the text of each file, by its path: `src/server/mod.rs`.
    pub fn from_sources<'a>(sources: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut tree = Self::default();
        let mut tests = Vec::new();
        for (file, text) in sources {
            if OTHERS.iter().any(|other| file.starts_with(other)) {
                continue;
            }
            let parsed = parse::file(file, text).unwrap_or_else(|error| panic!("{file}: {error}"));
            tree.modules.extend(parsed.modules);
            tests.extend(parsed.tests);
        }
        tree.modules.retain(|path, _| !tests.iter().any(|test| is_within(path, test)));
        tree
    }

    /// The module that each file is.
    pub fn files(&self) -> BTreeMap<&str, String> {
        self.modules.values().map(|module| (module.file.as_str(), module_of(&module.file))).collect()
    }
}

fn read_directory(directory: &Path, name: &str, sources: &mut BTreeMap<String, String>) {
    let entries = fs::read_dir(directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
    for entry in entries {
        let entry = entry.expect("a directory can be listed");
        let (path, name) = (entry.path(), format!("{name}/{}", entry.file_name().display()));
        if path.is_dir() {
            read_directory(&path, &name, sources);
        } else if name.ends_with(".rs") {
            let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
            sources.insert(name, text);
        }
    }
}
