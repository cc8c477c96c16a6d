//! Small questions about pieces of syntax.

use proc_macro2::{Ident, Spacing, TokenStream, TokenTree};
use syn::{Attribute, Item, Meta, Path, UseTree, ext::IdentExt};

use super::module::GLOB;

/// A path in the text of a file.
#[derive(Clone, Debug)]
pub struct Written {
    pub names: Vec<String>,
    pub line: usize,
}

impl Written {
    fn push(&mut self, name: &Ident) {
        self.names.push(name.unraw().to_string());
        self.line = name.span().start().line;
    }
}

pub fn written(path: &Path) -> Written {
    let mut written = Written { names: Vec::new(), line: 0 };
    path.segments.iter().for_each(|segment| written.push(&segment.ident));
    written
}

/// The attributes of an item, and its name unless it is a module.
pub fn parts(item: &Item) -> (&[Attribute], Option<&Ident>) {
    match item {
        Item::Const(item) => (&item.attrs, Some(&item.ident)),
        Item::Enum(item) => (&item.attrs, Some(&item.ident)),
        Item::Fn(item) => (&item.attrs, Some(&item.sig.ident)),
        Item::Impl(item) => (&item.attrs, None),
        Item::Macro(item) => (&item.attrs, item.ident.as_ref()),
        Item::Mod(item) => (&item.attrs, None),
        Item::Static(item) => (&item.attrs, Some(&item.ident)),
        Item::Struct(item) => (&item.attrs, Some(&item.ident)),
        Item::Trait(item) => (&item.attrs, Some(&item.ident)),
        Item::Type(item) => (&item.attrs, Some(&item.ident)),
        Item::Union(item) => (&item.attrs, Some(&item.ident)),
        Item::Use(item) => (&item.attrs, None),
        _ => (&[], None),
    }
}

/// Whether an item has `#[cfg(test)]`, or `#[cfg(all(test, …))]`.
pub fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().filter(|attribute| attribute.path().is_ident("cfg")).any(|attribute| {
        let Meta::List(list) = &attribute.meta else { return false };
        let condition = list.tokens.to_string();
        let mut words = condition.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        matches!((words.next(), words.next()), (Some("test"), _) | (Some("all"), Some("test")))
    })
}

/// The type that `#[server(name = SignIn)]` writes beside the function.
pub fn generated_names(attributes: &[Attribute]) -> Vec<String> {
    let lists = attributes.iter().filter(|attribute| attribute.path().is_ident("server"));
    let tokens =
        lists.filter_map(|attribute| attribute.meta.require_list().ok()).flat_map(|list| list.tokens.clone());
    let words = tokens.filter_map(|token| match token {
        TokenTree::Ident(word) => Some(word.to_string()),
        _ => None,
    });
    words.filter(|word| word.starts_with(char::is_uppercase)).collect()
}

/// What a `use` brings in: the name of each, and its path.
pub fn leaves(tree: &UseTree) -> Vec<(String, Written)> {
    let mut found = Vec::new();
    add_leaves(tree, &Written { names: Vec::new(), line: 0 }, &mut found);
    found
}

fn add_leaves(tree: &UseTree, before: &Written, found: &mut Vec<(String, Written)>) {
    let mut path = before.clone();
    match tree {
        UseTree::Path(tree) => {
            path.push(&tree.ident);
            add_leaves(&tree.tree, &path, found);
        }
        UseTree::Group(group) => group.items.iter().for_each(|tree| add_leaves(tree, before, found)),
        UseTree::Glob(glob) => {
            path.line = glob.star_token.spans[0].start().line;
            found.push((GLOB.to_owned(), path));
        }
        UseTree::Name(name) => {
            path.push(&name.ident);
            let path = without_self(path);
            found.push((path.names.last().cloned().unwrap_or_default(), path));
        }
        UseTree::Rename(rename) => {
            path.push(&rename.ident);
            found.push((rename.rename.unraw().to_string(), without_self(path)));
        }
    }
}

/// `module::{self}` is `module`.
fn without_self(mut path: Written) -> Written {
    path.names.pop_if(|name| name == "self");
    path
}

/// The paths of two names and more in what is given to a macro.
pub fn paths_in(tokens: TokenStream, each: &mut dyn FnMut(Written)) {
    let tokens: Vec<_> = tokens.into_iter().collect();
    let mut position = 0;
    while let Some(token) = tokens.get(position) {
        let start = position;
        position += 1;
        match token {
            TokenTree::Group(group) => paths_in(group.stream(), each),
            TokenTree::Ident(first) => {
                let mut path = Written { names: Vec::new(), line: 0 };
                path.push(first);
                while let (true, Some(TokenTree::Ident(next))) =
                    (is_separator(&tokens, position), tokens.get(position + 2))
                {
                    path.push(next);
                    position += 3;
                }
                // After `::` it is another crate, or goes on from a type.
                let goes_on = start >= 2 && is_separator(&tokens, start - 2);
                if path.names.len() > 1 && !goes_on {
                    each(path);
                }
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

/// Whether there is a `::`.
fn is_separator(tokens: &[TokenTree], position: usize) -> bool {
    let colon = |position| match tokens.get(position) {
        Some(TokenTree::Punct(mark)) if mark.as_char() == ':' => Some(mark.spacing()),
        _ => None,
    };
    colon(position) == Some(Spacing::Joint) && colon(position + 1).is_some()
}
