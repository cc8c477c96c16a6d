//! Invented sources, for which the right answer is known.

use super::{graph::Graph, layers::Layers, source::Tree};

const LAYERS: Layers<'_> = Layers(&[&["pages"], &["api"], &["accounts", "sessions"], &["words"]]);

/// Sources with nothing wrong, which the tests change.
const CLEAN: &[(&str, &str)] = &[
    ("src/lib.rs", "pub mod accounts; pub mod api; pub mod pages; pub mod sessions; pub mod words;"),
    ("src/accounts/mod.rs", "mod sign_in; mod rules;\npub use sign_in::{Form as SignInForm, sign_in};"),
    (
        "src/accounts/sign_in.rs",
        "use std::fmt;\nuse super::rules;\nuse crate::sessions::Handle;\n\
         pub struct Form { pub handle: Handle }\npub fn sign_in() { rules::check() }",
    ),
    ("src/accounts/rules.rs", "use crate::words;\npub fn check() { words::text(); }"),
    ("src/api.rs", "pub async fn call() { use crate::accounts; accounts::sign_in() }"),
    (
        "src/pages.rs",
        "use crate::{accounts::SignInForm, api::call, words::*};\npub fn page(_: SignInForm) { text() }",
    ),
    ("src/sessions/mod.rs", "mod id;\npub(crate) use self::id::*;"),
    ("src/sessions/id.rs", "pub struct Handle;"),
    (
        "src/words.rs",
        "pub fn text() {}\n#[cfg(test)] mod cases { use crate::pages; }\nmod tests { use crate::api::call; }",
    ),
];

/// The clean sources with one file changed, or added.
fn tree(file: &'static str, text: &'static str) -> Tree {
    let others = CLEAN.iter().copied().filter(|(other, _)| *other != file);
    Tree::from_sources(others.chain([(file, text)]))
}

/// What is said of the clean sources with one file changed.
fn findings(file: &'static str, text: &'static str) -> Vec<String> {
    let tree = tree(file, text);
    let graph = Graph::of(&tree);
    [graph.describe_circles(), LAYERS.judge(&tree, &graph)].concat()
}

/// The files that `file` depends on, once it says `text`.
fn dependencies(file: &'static str, text: &'static str) -> Vec<String> {
    let graph = Graph::of(&tree(file, text));
    graph.arrows.into_keys().filter(|(from, _)| from == file).map(|(_, to)| to).collect()
}

#[test]
fn nothing_is_found_in_clean_sources() {
    let (file, text) = CLEAN[0];
    assert_eq!(findings(file, text), <[String; 0]>::default());
}

#[test]
fn the_arrows_of_clean_sources_are_known() {
    let (file, text) = CLEAN[0];
    let graph = Graph::of(&tree(file, text));
    let arrows: Vec<_> = graph.arrows.keys().map(|(from, to)| format!("{from} {to}")).collect();
    assert_eq!(
        arrows,
        [
            "src/accounts/rules.rs src/words.rs",
            "src/accounts/sign_in.rs src/accounts/rules.rs",
            "src/accounts/sign_in.rs src/sessions/id.rs",
            "src/api.rs src/accounts/sign_in.rs",
            "src/pages.rs src/accounts/sign_in.rs",
            "src/pages.rs src/api.rs",
            "src/pages.rs src/words.rs",
        ]
    );
}

#[test]
fn a_circle_is_found() {
    let found = findings("src/accounts/rules.rs", "\nuse super::sign_in::Form;\npub fn check(_: Form) {}");
    assert_eq!(
        found,
        ["a circle of files:\n  src/accounts/rules.rs\n  src/accounts/sign_in.rs\n    \
         src/accounts/rules.rs:2: use super::sign_in::Form (in src/accounts/sign_in.rs)\n    \
         src/accounts/sign_in.rs:5: rules::check (in src/accounts/rules.rs)\n"]
    );
}

#[test]
fn a_file_and_the_module_above_it_can_be_a_circle() {
    let text = "mod id;\npub use id::Handle;\npub struct Ids(Handle);";
    let tree = Tree::from_sources([
        ("src/sessions/mod.rs", text),
        ("src/sessions/id.rs", "use super::Ids;\npub struct Handle;"),
    ]);
    assert_eq!(Graph::of(&tree).circles().len(), 1);
}

#[test]
fn an_upward_arrow_is_found_through_a_re_export() {
    let found =
        findings("src/words.rs", "use crate::{\n    accounts::SignInForm as F,\n};\npub fn text() {}");
    assert!(
        found.contains(&"src/words.rs:2: imports accounts::sign_in::Form, which stands above it".to_owned()),
        "{found:?}"
    );
}

#[test]
fn an_upward_arrow_is_found_in_the_body_of_a_function() {
    let found = findings("src/sessions/id.rs", "pub struct Handle;\nfn f() {\n    use crate::api::call;\n}");
    assert!(
        found.contains(&"src/sessions/id.rs:3: imports api::call, which stands above it".to_owned()),
        "{found:?}"
    );
}

#[test]
fn a_call_through_a_module_leads_to_the_file_that_defines_the_function() {
    let to = ["src/accounts/sign_in.rs"];
    let file = "src/api.rs";
    assert_eq!(dependencies(file, "use crate::accounts;\nfn f() { accounts::sign_in() }"), to);
    assert_eq!(dependencies(file, "fn f() { use crate::accounts as a; if true { a::sign_in() } }"), to);
    assert_eq!(dependencies(file, "fn f() { crate::accounts::sign_in() }"), to);
    assert_eq!(dependencies(file, "fn f(form: super::accounts::SignInForm) {}"), to);
    assert_eq!(
        dependencies(file, "use crate::accounts;\nfn f() { view! { <p>{accounts::sign_in()}</p> } }"),
        to
    );
    assert_eq!(
        dependencies(file, "use crate::*;\nfn f() { accounts::sign_in() }"),
        ["src/accounts/sign_in.rs", "src/lib.rs"]
    );
}

#[test]
fn a_module_that_is_imported_for_no_visible_use_counts_itself() {
    assert_eq!(dependencies("src/api.rs", "use crate::accounts;"), ["src/accounts/mod.rs"]);
}

#[test]
fn what_only_looks_like_a_path_counts_for_nothing() {
    let sources = [
        "mod rules; mod sign_in;\npub use rules::check;\npub(super) fn f(check: u8) -> u8 { check }",
        "use http::http;\nfn f() { http::get() }",
        "mod rules;\nuse ::rules::check;\nfn f() { ::rules::check(); call!(::rules::check, 1) }",
    ];
    let found: Vec<_> = sources.map(|text| dependencies("src/accounts/mod.rs", text)).concat();
    assert_eq!(found, <[String; 0]>::default());
}

#[test]
fn a_name_of_another_crate_counts_for_nothing_where_a_parent_imports_it() {
    let tree = Tree::from_sources([
        ("src/pages/mod.rs", "mod home;\nuse leptos::View;"),
        ("src/pages/home.rs", "use super::View;"),
    ]);
    assert!(Graph::of(&tree).arrows.is_empty());
}

#[test]
fn a_module_can_be_imported_by_the_braces_after_it() {
    let text = "use crate::words::{self};\nfn f() { words::text() }";
    assert_eq!(findings("src/sessions/id.rs", text), <[String; 0]>::default());
    assert_eq!(dependencies("src/sessions/id.rs", text), ["src/words.rs"]);
}

#[test]
fn what_the_body_of_a_function_imports_is_not_a_name_of_the_module() {
    let tree = Tree::from_sources([
        ("src/lib.rs", ""),
        (
            "src/pages/mod.rs",
            "fn f() { use crate::words::text; const WORD: u8 = 1; }\npub use home::{WORD, text};",
        ),
        ("src/pages/home.rs", "pub fn text() {}\npub const WORD: u8 = 2;"),
        ("src/words.rs", "pub fn text() {}"),
        ("src/api.rs", "use crate::pages::{WORD, text};"),
    ]);
    let arrows: Vec<_> =
        Graph::of(&tree).arrows.into_keys().map(|(from, to)| format!("{from} {to}")).collect();
    assert_eq!(arrows, ["src/api.rs src/pages/home.rs", "src/pages/mod.rs src/words.rs"]);
}

#[test]
fn what_only_tests_compile_counts_for_nothing() {
    let mut sources = CLEAN.to_vec();
    sources[8].1 = "pub fn text() {}\n#[cfg(test)] mod plans;\n#[cfg(test)] use crate::api::call;\n\
        struct Word;\nimpl Word { #[cfg(test)] fn f() { crate::api::call() } }";
    sources.push(("src/words/plans.rs", "use crate::pages::page;"));
    let tree = Tree::from_sources(sources);
    assert_eq!(LAYERS.judge(&tree, &Graph::of(&tree)), <[String; 0]>::default());
}

#[test]
fn the_function_that_a_macro_names_is_known() {
    let tree = Tree::from_sources([
        ("src/lib.rs", ""),
        ("src/api/mod.rs", "mod a; mod b; pub use a::*; pub use b::*;"),
        ("src/api/a.rs", "pub fn other() {}"),
        ("src/api/b.rs", "#[server(name = SignIn, prefix = \"/api\")] pub async fn sign_in() {}"),
        ("src/pages.rs", "use crate::api::SignIn;"),
    ]);
    let arrows = Graph::of(&tree).arrows;
    assert!(arrows.contains_key(&("src/pages.rs".to_owned(), "src/api/b.rs".to_owned())), "{arrows:?}");
}

#[test]
fn a_file_without_a_layer_is_found() {
    assert_eq!(findings("src/wordsmith.rs", ""), ["src/wordsmith.rs: no layer has wordsmith"]);
}

#[test]
fn entries_of_a_layer_may_import_each_other_but_not_in_a_circle() {
    let found = findings("src/sessions/other.rs", "use crate::accounts::sign_in;");
    assert_eq!(
        found,
        ["a circle within a layer: accounts, sessions\n    \
         src/accounts/sign_in.rs:3: imports sessions::id::Handle\n    \
         src/sessions/other.rs:1: imports accounts::sign_in::sign_in"]
    );
}

#[test]
fn the_longest_entry_holds() {
    let layers = Layers(&[&["pages::layout"], &["pages"]]);
    let tree = Tree::from_sources([
        ("src/pages/mod.rs", ""),
        ("src/pages/home.rs", "use super::layout::Frame;"),
        ("src/pages/layout.rs", "pub struct Frame;"),
    ]);
    let found = layers.judge(&tree, &Graph::of(&tree));
    assert_eq!(found, ["src/pages/home.rs:1: imports pages::layout::Frame, which stands above it"]);
}
