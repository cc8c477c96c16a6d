//! The table of layers, and what goes against it.

use std::collections::BTreeSet;

use super::{
    graph::{Graph, Reason, circles},
    module::{is_within, module_of},
    source::Tree,
};

/// Modules that only declare others: the crate itself, and the server.
const EXEMPT: &[&str] = &["", "server"];

/// From top to bottom. An entry is a module with all that is below it; of several, the longest holds.
/// The entries of a layer may import each other, but not in a circle.
#[derive(Clone, Copy, Debug)]
pub struct Layers<'a>(pub &'a [&'a [&'a str]]);

/// Where a module stands.
#[derive(Clone, Copy)]
struct Rank<'a> {
    /// Counted from the top.
    layer: usize,
    entry: &'a str,
}

/// What leads from one file to another, with the ranks of both.
struct Arrow<'a> {
    file: &'a str,
    from: Rank<'a>,
    to: Rank<'a>,
    reasons: &'a BTreeSet<Reason>,
}

impl<'a> Layers<'a> {
    /// Everything that goes against the table.
    pub fn judge(self, tree: &Tree, graph: &Graph) -> Vec<String> {
        [self.uncovered(tree), self.upward(graph), self.circles(graph)].concat()
    }

    /// How many files depend on a file above them.
    pub fn count_upward(self, graph: &Graph) -> usize {
        self.arrows(graph).filter(Arrow::is_upward).count()
    }

    fn rank(self, module: &str) -> Option<Rank<'a>> {
        let layers = self.0.iter().enumerate();
        let ranks =
            layers.flat_map(|(layer, entries)| entries.iter().map(move |entry| Rank { layer, entry }));
        ranks.filter(|rank| is_within(module, rank.entry)).max_by_key(|rank| rank.entry.len())
    }

    fn arrows<'b>(self, graph: &'b Graph) -> impl Iterator<Item = Arrow<'b>>
    where
        'a: 'b,
    {
        graph.arrows.iter().filter_map(move |((from, to), reasons)| {
            let rank = |file| self.rank(&module_of(file));
            Some(Arrow { file: from, from: rank(from)?, to: rank(to)?, reasons })
        })
    }

    fn uncovered(self, tree: &Tree) -> Vec<String> {
        let files = tree.files().into_iter();
        let files =
            files.filter(|(_, module)| !EXEMPT.contains(&module.as_str()) && self.rank(module).is_none());
        files.map(|(file, module)| format!("{file}: no layer has {module}")).collect()
    }

    fn upward(self, graph: &Graph) -> Vec<String> {
        let arrows = self.arrows(graph).filter(Arrow::is_upward);
        arrows.flat_map(|arrow| arrow.tell(", which stands above it")).collect()
    }

    /// Circles of entries within a layer.
    fn circles(self, graph: &Graph) -> Vec<String> {
        let arrows: Vec<_> = self.arrows(graph).filter(Arrow::is_level).collect();
        let circles = circles(arrows.iter().map(|arrow| (arrow.from.entry, arrow.to.entry)));
        circles.iter().map(|circle| describe_circle(circle, &arrows)).collect()
    }
}

fn describe_circle(circle: &BTreeSet<&str>, arrows: &[Arrow<'_>]) -> String {
    let names: Vec<_> = circle.iter().copied().collect();
    let inside = |arrow: &&Arrow<'_>| [arrow.from, arrow.to].iter().all(|rank| circle.contains(rank.entry));
    let lines: Vec<_> = arrows.iter().filter(inside).flat_map(|arrow| arrow.tell("")).collect();
    format!("a circle within a layer: {}\n    {}", names.join(", "), lines.join("\n    "))
}

impl Arrow<'_> {
    fn is_upward(&self) -> bool {
        self.to.layer < self.from.layer
    }

    /// To another entry of the same layer.
    fn is_level(&self) -> bool {
        self.to.layer == self.from.layer && self.to.entry != self.from.entry
    }

    /// A line of text for each reason.
    fn tell(&self, end: &str) -> Vec<String> {
        let line = |Reason { line, item, .. }: &Reason| format!("{}:{line}: imports {item}{end}", self.file);
        self.reasons.iter().map(line).collect()
    }
}
