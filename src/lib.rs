//! Vestibule: sign-in, sessions and the pages around them, as one Leptos program.
//!
//! The library is compiled twice: with `ssr` into the server, which renders the pages, and with
//! `hydrate` into the WebAssembly that brings the islands in them to life.
//!
//! Who may use whom:
//!
//! ```text
//! pages, api -> server::accounts -> {credentials, sessions, db}
//! pages -> islands -> components -> words -> model
//! ```
//!
//! `model` and `access` are leaves that anyone may use. The bodies of `#[server]` functions are dropped
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
#[cfg(feature = "ssr")]
pub mod server;
pub mod words;
