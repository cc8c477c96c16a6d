//! Which file depends on which, and where they do so in a circle.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    module::{GLOB, Import, Module, join},
    resolve::Place,
    source::Tree,
};

/// A line for which a file depends on another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reason {
    pub line: usize,
    /// As it is written there.
    pub text: String,
    /// What it leads to, by the module that defines it.
    pub item: String,
}

/// The files, and what leads from one to another.
#[derive(Debug, Default)]
pub struct Graph {
    /// By the file that depends and the one that it depends on.
    pub arrows: BTreeMap<(String, String), BTreeSet<Reason>>,
}

impl Graph {
    pub fn of(tree: &Tree) -> Self {
        let mut graph = Self::default();
        // One line for an item will do; imports come first, as they are what one would change.
        let mut known = BTreeSet::new();
        for (path, module) in &tree.modules {
            for (line, text, place) in imports(tree, path, module).chain(mentions(tree, path, module)) {
                let (target, item) = match place {
                    Place::Module(target) => (target.clone(), target),
                    Place::Item { module, name } => (module.clone(), join(&module, &name)),
                    Place::Outside => continue,
                };
                let Some(target) = tree.modules.get(&target) else { continue };
                if target.file != module.file && known.insert((&module.file, item.clone())) {
                    let arrow = (module.file.clone(), target.file.clone());
                    graph.arrows.entry(arrow).or_default().insert(Reason { line, text, item });
                }
            }
        }
        graph
    }

    /// Files that depend on each other in a circle.
    pub fn circles(&self) -> Vec<BTreeSet<&str>> {
        circles(self.arrows.keys().map(|(from, to)| (from.as_str(), to.as_str())))
    }

    /// The files of each circle, with the lines that close it.
    pub fn describe_circles(&self) -> Vec<String> {
        let circles = self.circles();
        circles.iter().map(|circle| self.describe_circle(circle)).collect()
    }

    fn describe_circle(&self, circle: &BTreeSet<&str>) -> String {
        let mut text = String::from("a circle of files:\n");
        circle.iter().for_each(|file| text += &format!("  {file}\n"));
        let inside = |file: &String| circle.contains(file.as_str());
        for ((from, to), reasons) in self.arrows.iter().filter(|((from, to), _)| inside(from) && inside(to)) {
            for Reason { line, text: code, .. } in reasons {
                text += &format!("    {from}:{line}: {code} (in {to})\n");
            }
        }
        text
    }
}

type Finding = (usize, String, Place);

/// Imports that are a dependency. A re-export only gives a name. What is imported as a module counts by
/// what is used of it, if one can see that.
fn imports<'a>(tree: &'a Tree, path: &'a str, module: &'a Module) -> impl Iterator<Item = Finding> + 'a {
    module.imports.iter().filter(|import| !import.public).filter_map(move |import| {
        let place = tree.resolve(path, &import.path);
        let by_its_parts = matches!(place, Place::Module(_)) && is_prefix(import, module);
        let text = match (import.path.last(), import.name.as_str()) {
            (_, GLOB) => format!("use {}::*", import.path.join("::")),
            (Some(last), name) if last != name => format!("use {} as {name}", import.path.join("::")),
            _ => format!("use {}", import.path.join("::")),
        };
        (!by_its_parts).then_some((import.line, text, place))
    })
}

/// Whether there are paths that begin with an import.
fn is_prefix(import: &Import, module: &Module) -> bool {
    let begins = |path: &str| path.split_once("::").is_some_and(|(first, _)| first == import.name);
    module.mentions.iter().any(|mention| begins(&mention.text))
        || module.imports.iter().any(|other| other.path.len() > 1 && other.path[0] == import.name)
}

/// Paths in code that are a dependency.
fn mentions<'a>(tree: &'a Tree, path: &'a str, module: &'a Module) -> impl Iterator<Item = Finding> + 'a {
    module.mentions.iter().filter_map(move |mention| {
        // A variable may be called like a function.
        if module.variables.contains(&mention.text) {
            return None;
        }
        let place = tree.resolve(path, &mention.path);
        let item = matches!(place, Place::Item { .. });
        item.then(|| (mention.line, mention.text.clone(), place))
    })
}

/// The largest sets of which each member can be reached from each other.
pub fn circles<'a>(arrows: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<BTreeSet<&'a str>> {
    let mut next: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    arrows.into_iter().for_each(|(from, to)| next.entry(from).or_default().push(to));
    let reached: BTreeMap<_, _> = next.keys().map(|start| (*start, reachable(start, &next))).collect();
    let meets = |from: &str, to: &str| reached.get(from).is_some_and(|reached| reached.contains(to));
    let circles: BTreeSet<BTreeSet<_>> = next
        .keys()
        .map(|one| next.keys().filter(|other| meets(one, other) && meets(other, one)).copied().collect())
        .collect();
    circles.into_iter().filter(|circle| circle.len() > 1).collect()
}

fn reachable<'a>(start: &str, next: &BTreeMap<&'a str, Vec<&'a str>>) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::new();
    let mut open: Vec<&str> = next.get(start).into_iter().flatten().copied().collect();
    while let Some(place) = open.pop() {
        if found.insert(place) {
            open.extend(next.get(place).into_iter().flatten());
        }
    }
    found
}
