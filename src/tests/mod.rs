//! Integration tests: the real application on a free port, real HTTP, a clock that tests move.

#![cfg(test)]

mod access;
mod architecture;
mod audit;
mod bad_input;
mod connections;
mod contract;
mod cookies;
mod csrf;
mod endings;
mod engine;
mod faults;
mod forms;
mod garbage_cookies;
mod http_stack;
mod keys;
mod lifetimes;
mod log_lines;
mod outage;
mod prefetch;
mod races;
mod rotation;
mod scripts;
mod session_events;
mod sessions;
mod shutdown;
mod sign_out;
mod state_machine;
mod statements;
mod support;
mod wire_input;
