//! Vestibule: sign-in, sessions and the pages around them, as one Leptos program.
//!
//! The library is compiled twice: with `ssr` into the server, and with `hydrate` into the
//! WebAssembly that takes over the server's pages in a browser.
//!
//! Who may use whom:
//!
//! ```text
//! pages -> components, api -> server::accounts -> {credentials, sessions, db}
//! ```
//!
//! `model` and `access` are leaves that anyone may use. Everything below `server` exists on the
//! server only and never names a page, except where the app is mounted and errors are drawn.
//! The bodies of `#[server]` functions are dropped from the browser's build, so they may say
//! `crate::server::…`; nothing else outside `server` may.

#![recursion_limit = "256"]

pub mod access;
pub mod api;
pub mod app;
pub mod browser;
pub mod components;
pub mod model;
pub mod pages;
#[cfg(feature = "ssr")]
pub mod server;
