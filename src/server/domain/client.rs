use std::net::{IpAddr, Ipv4Addr};

use super::device::COMMAND_LINE;

/// Where a request comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    pub address: IpAddr,
    /// The `User-Agent` header, up to [`MAX_USER_AGENT_LENGTH`](super::MAX_USER_AGENT_LENGTH) characters.
    pub user_agent: String,
}

impl Client {
    /// Where something happens by itself: what is recorded then says nothing about a person.
    pub fn none() -> Self {
        Self { address: Ipv4Addr::UNSPECIFIED.into(), user_agent: String::new() }
    }

    /// An operator who runs a command on the server.
    pub fn command_line() -> Self {
        Self { address: Ipv4Addr::LOCALHOST.into(), user_agent: COMMAND_LINE.to_owned() }
    }
}
