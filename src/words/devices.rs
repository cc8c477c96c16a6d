//! Names of devices.

/// The device name of an operator who runs a command.
pub const COMMAND_LINE: &str = "Command line of the server";

/// The name of a device; `None` for a browser or system that is unknown.
pub fn device(browser: Option<&str>, system: Option<&str>) -> String {
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(browser), None) => browser.to_owned(),
        (None, Some(system)) => format!("An unknown browser on {system}"),
        (None, None) => "An unknown browser".to_owned(),
    }
}
