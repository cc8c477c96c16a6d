//! Vestibule: sign-in, sessions and the pages around them, as one Leptos program.
//!
//! The library is compiled twice: with `ssr` into the server, which renders the pages, and with
//! `hydrate` into the WebAssembly that brings the islands in them to life.
//!
//! Modules import downwards only, and in no circle:
//!
//! ```text
//! server::http -> pages -> islands -> {components, browser, api}
//! api -> server::accounts -> … (the order of the server's parts is in `server`)
//! components -> words -> model
//! ```
//!
//! `model`, `words`, `access` and `password_input` may be used by all. The bodies of `#[server]` functions are dropped
//! from the browser's build, so they may say `crate::server::…`; of `api`, islands use the paths alone.

#![recursion_limit = "256"]

pub mod access;
pub mod api;
pub mod browser;
pub mod components;
pub mod islands;
pub mod model;
#[cfg(feature = "ssr")]
pub mod pages;
pub mod password_input;
#[cfg(feature = "ssr")]
pub mod server;
pub mod words;
