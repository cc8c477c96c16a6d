//! Integration tests: the real application on a free port, real HTTP, and a clock that tests move.

#![cfg(test)]

mod access;
mod architecture;
mod audit;
mod clock_steps;
mod concurrent_requests;
mod connections;
mod contract;
mod cookies;
mod copy;
mod csrf;
mod database_queries;
mod engine;
mod forms;
mod http_stack;
mod invalid_cookies;
mod invalid_input;
mod lifetimes;
mod limits;
mod log_lines;
mod malformed_requests;
mod migrations;
mod other_store;
mod outage;
mod panics;
mod prefetch;
mod processes;
mod query_plans;
mod races;
mod rejected_forms;
mod releases;
mod revocation;
mod rotation;
mod server_functions;
mod session_events;
mod session_ids;
mod shutdown;
mod sign_out;
mod signing_keys;
mod state_machine;
mod storage;
mod store_faults;
mod support;
mod tower;
