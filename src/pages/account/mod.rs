//! The pages below `/account`.

pub mod activity;
pub mod overview;
pub mod security;
pub mod sessions;
