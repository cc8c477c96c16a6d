//! The WebAssembly entry point, and nothing else.
//!
//! A package of its own with only a `cdylib`: a library that is `rlib` as well loses link-time
//! optimisation, and a tenth of the download with it.

use wasm_bindgen::prelude::wasm_bindgen;

// Its islands are exported by themselves; nothing here calls them.
use vestibule as _;

/// Prepares the page for its islands; `start.js` calls it before it hydrates them.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_islands();
}
