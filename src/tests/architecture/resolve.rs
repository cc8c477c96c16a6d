//! Finds the module in which the item of a path is defined, through re-exports.

use std::collections::BTreeSet;

use super::{
    module::{GLOB, join},
    source::Tree,
};

/// Where a path leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// To a module.
    Module(String),
    /// To an item, in the module that defines it.
    Item { module: String, name: String },
    /// To another crate, or to what is no path at all, such as a variable.
    Outside,
}

impl Tree {
    /// Where `path` leads that is written in the module `from`.
    pub fn resolve(&self, from: &str, path: &[String]) -> Place {
        Search { tree: self, seen: BTreeSet::new() }.path(from, path, true)
    }
}

struct Search<'a> {
    tree: &'a Tree,
    /// Names that have been looked for, each in its module: imports may lead in a circle.
    seen: BTreeSet<(String, String, bool)>,
}

impl Search<'_> {
    /// `whole` unless more follows than the path: what it leads to is a module or a type then.
    fn path(&mut self, from: &str, path: &[String], whole: bool) -> Place {
        let (start, rest) = anchor(from, path);
        let anchored = rest.len() < path.len();
        let mut place = Place::Module(start);
        for (index, name) in rest.iter().enumerate() {
            // What follows the name of an item is a variant or a function of it.
            let Place::Module(module) = &place else { break };
            let last = whole && index + 1 == rest.len();
            place = match self.name(module, name, last) {
                Some(found) => found,
                None if index == 0 && !anchored => Place::Outside,
                // A macro has written it.
                None => Place::Item { module: module.clone(), name: name.clone() },
            };
        }
        place
    }

    /// What `name` means in `module`. Of a module and a function with the same name, the `last` of a path
    /// is the function, and any other the module.
    fn name(&mut self, module: &str, name: &str, last: bool) -> Option<Place> {
        if !self.seen.insert((module.to_owned(), name.to_owned(), last)) {
            return None;
        }
        let child = Some(join(module, name)).filter(|child| self.tree.modules.contains_key(child));
        let child = child.map(Place::Module);
        let item = self.tree.modules.get(module)?.items.contains(name);
        let item = item.then(|| Place::Item { module: module.to_owned(), name: name.to_owned() });
        let (first, second) = if last { (item, child) } else { (child, item) };
        first
            .or_else(|| self.imported(module, name, last))
            .or(second)
            .or_else(|| self.imported_with_all(module, name, last))
    }

    fn imported(&mut self, module: &str, name: &str, last: bool) -> Option<Place> {
        let imports = &self.tree.modules.get(module)?.imports;
        let import = imports.iter().find(|import| import.name == name && !import.local)?;
        Some(self.path(module, &import.path, last))
    }

    fn imported_with_all(&mut self, module: &str, name: &str, last: bool) -> Option<Place> {
        let imports = &self.tree.modules.get(module)?.imports;
        imports.iter().filter(|import| import.name == GLOB).find_map(|import| {
            match self.path(module, &import.path, false) {
                Place::Module(target) => self.name(&target, name, last),
                Place::Item { .. } | Place::Outside => None,
            }
        })
    }
}

/// The module that `crate`, `self` and `super` name at the beginning of a path, and the rest of the path.
fn anchor<'a>(from: &str, path: &'a [String]) -> (String, &'a [String]) {
    let (mut module, mut rest) = (from, path);
    while let Some((first, after)) = rest.split_first() {
        module = match first.as_str() {
            "crate" => "",
            "self" => module,
            "super" => module.rsplit_once("::").map_or("", |(parent, _)| parent),
            _ => break,
        };
        rest = after;
    }
    (module.to_owned(), rest)
}
