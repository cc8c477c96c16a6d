//! The ground floor: the types that the whole server shares. No I/O, and nothing above is imported.

mod account;
mod client;
mod clock;
mod device;
mod display_time;
mod error_chain;
mod mail;
mod network;
mod plain_text;
mod security_event;
mod session_handle;
mod warning_throttle;

pub use account::{Account, AccountId};
pub use client::Client;
pub use clock::{Clock, Entropy, Timestamp, random};
pub use device::{MAX_USER_AGENT_LENGTH, device_name};
pub use display_time::display_time;
pub use error_chain::error_chain;
pub use mail::{MailContent, NewMail, Origin};
pub use network::network_of;
pub use plain_text::plain_text;
pub use security_event::SecurityEvent;
pub use session_handle::SessionHandle;
pub use warning_throttle::WarningThrottle;
