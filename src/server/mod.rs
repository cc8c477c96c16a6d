//! The server. It is not part of the browser's build, and contains no `cfg`.
//!
//! From top to bottom; each imports only from those below it:
//!
//! ```text
//! cli                         the command line
//! startup                     builds the application and runs it
//! http                        connections, routes, middleware, documents, session events
//! (pages, api)                outside of this module
//! function                    what server functions need: who calls, how they answer
//! accounts                    use cases
//! caller                      who is asking
//! state                       the handles that use cases need
//! error                       what a person may see of an error
//! sessions, credentials, limits, mail  the session engine; passwords; how often strangers may try; sending mails
//! audit                       the audit log
//! db                          queries, migrations
//! telemetry, config           logging; settings
//! signing_keys, private_files, memory_limit, system
//! domain                      the types that all of them share
//! ```

pub mod accounts;
pub mod audit;
pub mod caller;
pub mod cli;
pub mod config;
pub mod credentials;
pub mod db;
pub mod domain;
pub mod error;
pub mod function;
pub mod http;
pub mod limits;
mod log_writer;
pub mod mail;
pub mod memory_limit;
pub mod private_files;
pub mod sessions;
pub mod signing_keys;
pub mod startup;
pub mod state;
pub mod system;
pub mod telemetry;
