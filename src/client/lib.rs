//! The WebAssembly entry point.
//!
//! A separate package with only a `cdylib`, since a library that is also an `rlib` is built without link-time
//! optimisation, which makes the download about a tenth larger.

use wasm_bindgen::prelude::wasm_bindgen;

// Links the islands, which export themselves.
use vestibule as _;

/// Prepares hydration; `start.js` calls it before it hydrates the islands.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_islands();
}
