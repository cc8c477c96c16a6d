//! The WebAssembly entry point, and nothing else.
//!
//! A package of its own with only a `cdylib`: a library that is `rlib` as well loses link-time
//! optimisation, and a tenth of the download with it.

use vestibule::app::App;
use wasm_bindgen::prelude::wasm_bindgen;

/// Takes over the page that the server rendered; called by the script in the document's head.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(App);
}
