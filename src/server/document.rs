//! The HTML document around every page.

use leptos::{
    config::LeptosOptions,
    hydration::AutoReload,
    nonce::{Nonce, use_nonce},
    prelude::*,
};
use leptos_meta::MetaTags;

use super::assets::Assets;
use crate::{
    app::App,
    pages::{ErrorPage, error_words},
};

/// The document of a page that the browser takes over.
#[component]
pub fn Document(
    assets: Assets,
    /// The port on which cargo-leptos tells of changes, in development.
    live_reload: Option<u32>,
) -> impl IntoView {
    let reload = live_reload.map(|port| {
        let options = LeptosOptions::builder().output_name("vestibule").reload_port(port).build();
        view! { <AutoReload options/> }
    });
    let style = assets.style.clone();
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <Head style/>
                <Hydration assets nonce=use_nonce()/>
                {reload}
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}

/// The document of an error: complete by itself, without scripts.
pub fn error_page(assets: &Assets, status: u16, reference: Option<String>) -> String {
    let title = format!("{} · Vestibule", error_words(status).0);
    let style = assets.style.clone();
    Owner::new_root(None).with(|| {
        view! {
            <!DOCTYPE html>
            <html lang="en">
                <head>
                    <Head style/>
                    <title>{title}</title>
                </head>
                <body>
                    <ErrorPage status reference/>
                </body>
            </html>
        }
        .to_html()
    })
}

#[component]
fn Head(style: String) -> impl IntoView {
    view! {
        <meta charset="utf-8"/>
        <meta name="viewport" content="width=device-width, initial-scale=1"/>
        <meta name="color-scheme" content="light dark"/>
        <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
        <link rel="stylesheet" href=style/>
    }
}

/// Loads the WebAssembly and starts it. Leptos has a component of this name, which reads the
/// files' hashes from disk at every render.
#[component]
fn Hydration(assets: Assets, nonce: Option<Nonce>) -> impl IntoView {
    let Assets { script, wasm, .. } = assets;
    let start = format!(
        "import start, {{ hydrate }} from {script:?}; await start({{ module_or_path: {wasm:?} }}); hydrate();"
    );
    view! {
        <link rel="modulepreload" href=script/>
        <link rel="preload" href=wasm r#as="fetch" r#type="application/wasm" crossorigin="anonymous"/>
        <script type="module" nonce=nonce>{start}</script>
    }
}
