//! Reads one file: its imports, and the paths in its code. What only tests compile is left out.

use std::{collections::BTreeMap, mem};

use syn::{
    Attribute, Block, ImplItemFn, Item, ItemMod, ItemUse, Macro, PatIdent, Path, Stmt, VisRestricted,
    Visibility,
    ext::IdentExt,
    visit::{self, Visit},
};

use super::{
    module::{Import, Mention, Module, join, module_of},
    syntax::{Written, generated_names, is_for_tests, leaves, parts, paths_in, written},
};

/// What a file holds.
#[derive(Debug, Default)]
pub struct Parsed {
    /// The module that the file is, and those inside braces.
    pub modules: BTreeMap<String, Module>,
    /// Modules that only tests compile.
    pub tests: Vec<String>,
}

/// # Errors
/// If the text is not Rust.
pub fn file(file: &str, text: &str) -> Result<Parsed, syn::Error> {
    let syntax = syn::parse_file(text)?;
    let mut reader = Reader { file, module: module_of(file), ..Reader::default() };
    reader.here();
    reader.visit_file(&syntax);
    Ok(reader.parsed)
}

/// Walks through a file.
#[derive(Default)]
struct Reader<'a> {
    file: &'a str,
    /// The module that is being read.
    module: String,
    /// What the blocks around this place import, the outermost first.
    scopes: Vec<BTreeMap<String, Vec<String>>>,
    parsed: Parsed,
}

impl Reader<'_> {
    fn here(&mut self) -> &mut Module {
        let module = self.parsed.modules.entry(self.module.clone()).or_default();
        if module.file.is_empty() {
            self.file.clone_into(&mut module.file);
        }
        module
    }

    /// A path as it would be written outside of the blocks around this place.
    fn outside_of_blocks(&self, path: &[String]) -> Vec<String> {
        let imported = |first| self.scopes.iter().rev().find_map(|scope| scope.get(first));
        match path.split_first().and_then(|(first, rest)| Some((imported(first)?, rest))) {
            Some((import, rest)) => [import, rest].concat(),
            None => path.to_vec(),
        }
    }

    fn mention(&mut self, Written { names, line }: Written) {
        let mention = Mention { text: names.join("::"), path: self.outside_of_blocks(&names), line };
        self.here().mentions.push(mention);
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        let (attributes, name) = parts(item);
        if is_for_tests(attributes) {
            if let Item::Mod(module) = item {
                self.parsed.tests.push(join(&self.module, &module.ident.unraw().to_string()));
            }
            return;
        }
        if self.scopes.is_empty() {
            let names = name.map(|name| name.unraw().to_string());
            self.here().items.extend(names.into_iter().chain(generated_names(attributes)));
        }
        visit::visit_item(self, item);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast ImplItemFn) {
        if !is_for_tests(&function.attrs) {
            visit::visit_impl_item_fn(self, function);
        }
    }

    fn visit_item_mod(&mut self, module: &'ast ItemMod) {
        let path = join(&self.module, &module.ident.unraw().to_string());
        if module.ident == "tests" {
            self.parsed.tests.push(path);
            return;
        }
        let Some((_, items)) = &module.content else { return };
        let (outer, scopes) = (mem::replace(&mut self.module, path), mem::take(&mut self.scopes));
        self.here();
        items.iter().for_each(|item| self.visit_item(item));
        (self.module, self.scopes) = (outer, scopes);
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        // `::name` is another crate.
        if item.leading_colon.is_some() {
            return;
        }
        let public = !matches!(item.vis, Visibility::Inherited);
        for (name, Written { names, line }) in leaves(&item.tree) {
            let path = self.outside_of_blocks(&names);
            let local = !self.scopes.is_empty();
            if let Some(scope) = self.scopes.last_mut() {
                scope.insert(name.clone(), path.clone());
            }
            self.here().imports.push(Import { name, path, line, public, local });
        }
    }

    fn visit_block(&mut self, block: &'ast Block) {
        self.scopes.push(BTreeMap::new());
        // An import holds for the whole block, wherever it stands.
        let (imports, others): (Vec<_>, Vec<_>) =
            block.stmts.iter().partition(|statement| matches!(statement, Stmt::Item(Item::Use(_))));
        imports.into_iter().chain(others).for_each(|statement| self.visit_stmt(statement));
        self.scopes.pop();
    }

    fn visit_path(&mut self, path: &'ast Path) {
        if path.leading_colon.is_none() {
            self.mention(written(path));
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        self.visit_path(&call.path);
        paths_in(call.tokens.clone(), &mut |path| self.mention(path));
    }

    fn visit_pat_ident(&mut self, pattern: &'ast PatIdent) {
        self.here().variables.insert(pattern.ident.to_string());
        visit::visit_pat_ident(self, pattern);
    }

    // Paths that are no use of what they name.
    fn visit_vis_restricted(&mut self, _: &'ast VisRestricted) {}
    fn visit_attribute(&mut self, _: &'ast Attribute) {}
}
