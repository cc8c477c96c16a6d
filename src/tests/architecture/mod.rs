//! Keeps the direction of dependencies in `src`: files do not depend on each other in a circle, and
//! nothing depends on what stands above it in the table of layers.
//!
//! A file depends on the files that define what it names: in a `use`, also one in the body of a function,
//! or by a path in code. A re-export is followed to the definition, and is no dependency itself.

mod graph;
mod layers;
mod module;
mod parse;
mod resolve;
mod self_test;
mod source;
mod syntax;

use std::path::Path;

use self::{graph::Graph, layers::Layers, source::Tree};

/// Each line may import from those below it, and from itself as long as there is no circle.
const LAYERS: Layers<'_> = Layers(&[
    &["server::cli"],
    &["server::startup"],
    &["server::http"],
    &["pages"],
    &["islands"],
    &["browser"],
    &["api"],
    &["server::function"],
    &["server::accounts"],
    &["server::caller"],
    &["server::state", "server::error"],
    &["server::sessions", "server::credentials", "server::limits", "server::mail"],
    &["server::audit"],
    &["server::db"],
    &["server::telemetry"],
    &["server::log_writer", "server::config"],
    &["server::signing_keys"],
    &["server::private_files", "server::memory_limit", "server::system"],
    &["server::domain"],
    &["components"],
    &["access"],
    &["words"],
    &["model", "password_input"],
]);

fn sources() -> (Tree, Graph) {
    let tree = Tree::read(Path::new(env!("CARGO_MANIFEST_DIR")));
    let graph = Graph::of(&tree);
    assert!(!graph.arrows.is_empty(), "there are no sources");
    (tree, graph)
}

#[test]
fn no_files_depend_on_each_other_in_a_circle() {
    let (_, graph) = sources();
    let circles = graph.describe_circles();
    assert!(circles.is_empty(), "\n{}", circles.join("\n"));
}

#[test]
fn nothing_depends_on_what_stands_above_it() {
    let (tree, graph) = sources();
    let findings = LAYERS.judge(&tree, &graph);
    assert!(findings.is_empty(), "\n{}", findings.join("\n"));
}

#[test]
#[ignore = "prints figures, and judges nothing: run it with --nocapture"]
fn figures() {
    let (tree, graph) = sources();
    let circles = graph.circles();
    println!("files: {}", tree.files().len());
    println!("arrows between files: {}", graph.arrows.len());
    println!("files in circles: {}", circles.iter().map(|circle| circle.len()).sum::<usize>());
    for circle in circles {
        println!("  circle: {}", circle.into_iter().collect::<Vec<_>>().join(" "));
    }
    println!("upward arrows: {}", LAYERS.count_upward(&graph));
}
