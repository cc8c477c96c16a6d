//! In development, cargo-leptos tells pages that files changed, and they reload.

use std::env;

use base64::{Engine, prelude::BASE64_STANDARD};
use leptos::{config::LeptosOptions, hydration::AutoReload, prelude::*};
use sha2::{Digest, Sha256};

/// The script that listens, and what the content security policy needs to know of it.
#[derive(Clone, Debug)]
pub struct LiveReload {
    script: String,
    port: u32,
}

impl LiveReload {
    /// `None` unless `cargo leptos watch` started this server.
    pub fn from_environment() -> Option<Self> {
        env::var_os("LEPTOS_WATCH")?;
        let port = env::var("LEPTOS_RELOAD_PORT").ok()?.parse().ok()?;
        let options = LeptosOptions::builder().output_name("vestibule").reload_port(port).build();
        let html = Owner::new_root(None).with(|| view! { <AutoReload options/> }.to_html());
        let script = html.split_once('>')?.1.rsplit_once("</script>")?.0.to_owned();
        Some(Self { script, port })
    }

    /// The script, inline.
    pub fn script(&self) -> impl IntoView + use<> {
        view! { <script>{self.script.clone()}</script> }
    }

    /// The source expression that allows this very script (CSP Level 3, 2.3.1).
    pub fn script_source(&self) -> String {
        format!(" 'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(&self.script)))
    }

    /// The source expressions of the socket that it opens.
    pub fn connect_sources(&self) -> String {
        let port = self.port;
        format!(" ws://localhost:{port} ws://127.0.0.1:{port}")
    }
}
